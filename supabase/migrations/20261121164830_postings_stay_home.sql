-- A posting can name a re-rating of its own organization only.

alter table private.re_ratings add unique (organization_id, id);
alter table private.period_postings drop constraint period_postings_re_rating_id_fkey;
drop index private.period_postings_re_rating;
alter table private.period_postings add foreign key (organization_id, re_rating_id) references private.re_ratings (organization_id, id) on delete cascade;
create index period_postings_re_rating on private.period_postings (organization_id, re_rating_id);
