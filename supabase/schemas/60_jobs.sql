-- Schedules. Each job may run twice, late or in parallel without harm.

create extension if not exists pg_cron;

select cron.schedule('usage-partitions', '17 3 * * *',
  $$select private.ensure_usage_partitions(now() - interval '35 days', now() + interval '2 months')$$);
select cron.schedule('heal-unpriced', '* * * * *', $$select private.heal_unpriced()$$);
select cron.schedule('prune-price-cards', '47 3 * * *', $$select private.prune_price_card_index()$$);
select cron.schedule('forget-span-nests', '23 * * * *', $$select private.forget_span_nests()$$);
