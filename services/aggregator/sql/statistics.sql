-- name: remember
-- Keep each version once; one that is known stays as it came first in the log.
insert into counting.statistic_version (
    municipality, actor, indicator, area, period, version, live, numerator, denominator,
    received_at, source_part, source_offset
)
select *
from
    unnest(
        $1::text [], $2::text [], $3::text [], $4::text [], $5::text [], $6::bigint [],
        $7::boolean [], $8::bigint [], $9::bigint [], $10::timestamptz [], $11::int [],
        $12::bigint []
    ) as given (municipality, actor, indicator, area, period, version)
order by municipality, actor, indicator, area, period, version
on conflict do nothing;

-- name: stand
-- Of every key that was touched the highest version holds. Its numbers stand since the first of
-- the versions, counted back from it, that all say the same. Both follow from the versions alone,
-- so neither order nor batches nor resends can make a difference.
with touched (municipality, actor, indicator, area, period, period_start, period_end) as (
    select distinct *
    from
        unnest(
            $1::text [], $2::text [], $3::text [], $4::text [], $5::text [], $6::date [],
            $7::date []
        )
),

newest as (
    select t.period_start, t.period_end, v.*
    from touched as t
    cross join lateral (
        select *
        from counting.statistic_version as v
        where
            v.municipality = t.municipality
            and v.actor = t.actor
            and v.indicator = t.indicator
            and v.area = t.area
            and v.period = t.period
        order by v.version desc
        limit 1
    ) as v
),

changed as (
    insert into counting.statistic as s (
        municipality, indicator, period, area, actor, period_start, period_end, version, live,
        numerator, denominator, standing_since
    )
    select
        n.municipality, n.indicator, n.period, n.area, n.actor, n.period_start, n.period_end,
        n.version, n.live, n.numerator, n.denominator,
        (
            select v.received_at
            from counting.statistic_version as v
            where
                v.municipality = n.municipality
                and v.actor = n.actor
                and v.indicator = n.indicator
                and v.area = n.area
                and v.period = n.period
                and v.version > coalesce((
                    select max(d.version)
                    from counting.statistic_version as d
                    where
                        d.municipality = n.municipality
                        and d.actor = n.actor
                        and d.indicator = n.indicator
                        and d.area = n.area
                        and d.period = n.period
                        and (d.live, d.numerator, d.denominator)
                        is distinct from (n.live, n.numerator, n.denominator)
                ), 0)
            order by v.version
            limit 1
        )
    from newest as n
    order by n.municipality, n.indicator, n.period, n.area, n.actor
    on conflict (municipality, indicator, period, area, actor) do update
    set
        version = excluded.version,
        live = excluded.live,
        numerator = excluded.numerator,
        denominator = excluded.denominator,
        standing_since = excluded.standing_since
    where (s.version, s.standing_since) is distinct from (excluded.version, excluded.standing_since)
    returning
        (old.live, old.numerator, old.denominator)
        is distinct from (new.live, new.numerator, new.denominator) as is_other
)

select count(*) filter (where is_other) from changed;
