-- The price book: what each platform charges for each unit of each model, when it charged it (valid) and when we knew it
-- (known). Rows are closed and superseded, never edited. Nobody but this schema's functions reaches it.

create table private.provider_aliases (
  id bigint generated always as identity primary key,
  alias text not null check (alias = lower(alias)),
  platform text not null,
  is_exact boolean not null default true,
  known tstzrange not null default tstzrange(clock_timestamp(), null),
  source text not null,
  constraint provider_aliases_no_overlap exclude using gist (alias extensions.gist_text_ops with =, known with &&)
);
comment on table private.provider_aliases is
  'Spellings of a provider (lower case) → the platform whose prices apply. A provider without a row is unpriced.';

create table private.platform_fallbacks (
  platform text not null,
  position smallint not null,
  fallback_platform text not null,
  source text not null,
  primary key (platform, position)
);
comment on table private.platform_fallbacks is
  'Where to look for a model that a platform resells without a price of its own. What is found there is an estimate, never exact.';

create table private.model_aliases (
  id bigint generated always as identity primary key,
  platform text not null,
  position integer not null,
  name text check (name = lower(name)),
  likes text[],
  patterns text[],
  model text not null,
  is_exact boolean not null,
  known tstzrange not null default tstzrange(clock_timestamp(), null),
  origin text not null default 'manual' check (origin in ('catalogue', 'manual')),
  source text not null,
  check ((name is null) <> (coalesce(likes, patterns) is null)),
  check (name is not null or not is_exact)
);
create index model_aliases_name on private.model_aliases (platform, name) where name is not null;
create index model_aliases_patterns on private.model_aliases (platform, position) where name is null;
create unique index model_aliases_live_name on private.model_aliases (platform, name) where upper_inf(known) and name is not null;
comment on table private.model_aliases is
  'What a platform may call a model (lower case) → price identity. `name` is a literal and may be exact; `likes` and `patterns` (like patterns and regular expressions that must all match) catch names nobody listed and are never exact. The lowest position that matches wins, a literal before a pattern.';

create table private.price_rates (
  id bigint generated always as identity primary key,
  platform text not null,
  model text not null,
  unit text not null,
  service_tier text not null default 'standard',
  region text not null default '',
  context_tokens int8range not null default int8range(0, null),
  time_zone text not null default 'UTC',
  week_seconds int4multirange not null default int4multirange(int4range(0, 604800)),
  rate numeric not null check (rate >= 0 and rate < 'Infinity'::numeric),
  per integer not null default 1 check (per > 0),
  minimum_quantity numeric check (minimum_quantity > 0),
  valid tstzrange not null check (not isempty(valid)),
  known tstzrange not null default tstzrange(clock_timestamp(), null) check (not isempty(known)),
  origin text not null default 'manual' check (origin in ('catalogue', 'manual')),
  source text not null,
  source_checked_on date,
  superseded_by bigint references private.price_rates (id),
  identity uuid not null generated always as (
    md5(platform || chr(31) || model || chr(31) || unit || chr(31) || service_tier || chr(31) || region)::uuid
  ) stored,
  check (not isempty(context_tokens) and lower(context_tokens) >= 0),
  check (not isempty(week_seconds) and week_seconds <@ int4range(0, 604800)),
  constraint price_rates_no_overlap exclude using gist (
    identity extensions.gist_uuid_ops with =, context_tokens with &&, week_seconds with &&, valid with &&, known with &&
  )
);
create index price_rates_model on private.price_rates (platform, model);
create index price_rates_superseded_by on private.price_rates (superseded_by) where superseded_by is not null;
comment on table private.price_rates is
  'One vendor price: `rate` US dollars for `per` units, for requests whose total input lies in context_tokens, at a local time in week_seconds (seconds since Monday 00:00 in time_zone; peak hours, weekends), charged during `valid`, believed during `known`. region empty = everywhere.';
comment on column private.price_rates.origin is
  'catalogue: imported with the price list and replaced by its refreshes. manual: set by a person or a test; a refresh leaves it alone.';
comment on column private.price_rates.minimum_quantity is 'The vendor bills at least this many units of a request that uses any.';

create table private.price_multipliers (
  id bigint generated always as identity primary key,
  platform text not null,
  model_pattern text,
  service_tier text,
  region_pattern text,
  factor numeric not null check (factor >= 0 and factor < 'Infinity'::numeric),
  step smallint not null,
  label text not null,
  valid tstzrange not null default tstzrange(null, null) check (not isempty(valid)),
  known tstzrange not null default tstzrange(clock_timestamp(), null) check (not isempty(known)),
  source text not null,
  source_checked_on date,
  check (service_tier is not null or region_pattern is not null)
);
create index price_multipliers_platform on private.price_multipliers (platform);
comment on table private.price_multipliers is
  'Factors a vendor itself defines on its token rates (batch, residency, fast), applied in the order of `step` and named on the receipt. At one step the row with a model_pattern beats the row without.';

create table private.price_contracts (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  platform text,
  model text,
  unit text,
  service_tier text,
  rate numeric check (rate >= 0 and rate < 'Infinity'::numeric),
  discount_percent numeric check (discount_percent >= 0 and discount_percent <= 100),
  note text not null default '',
  valid tstzrange not null default tstzrange(null, null) check (not isempty(valid)),
  known tstzrange not null default tstzrange(clock_timestamp(), null) check (not isempty(known)),
  created_by uuid,
  identity uuid not null generated always as (
    md5(coalesce(platform, '') || chr(31) || coalesce(model, '') || chr(31) || coalesce(unit, '') || chr(31) || coalesce(service_tier, '')
      || chr(31) || case when rate is null then 'discount' else 'rate' end)::uuid
  ) stored,
  check ((rate is null) <> (discount_percent is null)),
  check (rate is null or (platform is not null and model is not null and unit is not null)),
  check (model is null or platform is not null),
  constraint price_contracts_no_overlap exclude using gist (
    organization_id extensions.gist_uuid_ops with =, identity extensions.gist_uuid_ops with =, valid with &&, known with &&
  )
);
comment on table private.price_contracts is
  'What one organization negotiated: an absolute rate per unit (list multipliers still apply unless service_tier is named) or a percentage off. The most specific discount applies, once, last.';

create function private.price_book_of(p_organization_id uuid) returns uuid
language sql stable
return case when exists (select 1 from private.price_contracts c where c.organization_id = p_organization_id)
    then p_organization_id else '00000000-0000-0000-0000-000000000000'::uuid end;
comment on function private.price_book_of(uuid) is
  'The organization_id under which price_card_index holds an organization''s cards: its own when it has contracts, else the nil id of the list.';
