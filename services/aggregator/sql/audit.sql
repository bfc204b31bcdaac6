-- name: differing
-- Every cell whose counts are not what the live events say, in either direction. An event that is
-- linked is a report of its own; its incident is where the earliest live event of all is.
with live as (
    select
        k.municipality,
        k.indicator,
        k.area,
        k.occurred_at,
        (
            k.incident_id is null
            or k.event_id = first_value(k.event_id) over (
                partition by k.incident_id order by k.occurred_at, k.event_id
            )
        )::int as leads
    from counting.known_event as k
    where k.live
),

recounted as (
    select e.municipality, t.tier, e.indicator, t.bucket, e.area,
        count(*) as reports, sum(e.leads) as incidents
    from live as e
    cross join lateral (
        values
        ('minute', date_trunc('minute', e.occurred_at)),
        ('hour', date_trunc('hour', e.occurred_at)),
        ('day', date_trunc('day', e.occurred_at, 'Europe/Stockholm'))
    ) as t (tier, bucket)
    inner join counting.tier as kept using (tier)
    where t.bucket >= kept.kept_from
    group by e.municipality, t.tier, e.indicator, t.bucket, e.area
)

select
    coalesce(c.municipality, r.municipality) as municipality,
    coalesce(c.tier, r.tier) as tier,
    coalesce(c.indicator, r.indicator) as indicator,
    coalesce(c.bucket, r.bucket) as bucket,
    coalesce(c.area, r.area) as area,
    coalesce(c.reports, 0) as counted,
    coalesce(r.reports, 0) as recounted,
    coalesce(c.incidents, 0) as counted_incidents,
    coalesce(r.incidents, 0)::bigint as recounted_incidents
from counting.cell as c
full join recounted as r
    on
        c.municipality = r.municipality
        and c.tier = r.tier
        and c.indicator = r.indicator
        and c.bucket = r.bucket
        and c.area = r.area
where
    coalesce(c.reports, 0) <> coalesce(r.reports, 0)
    or coalesce(c.incidents, 0) <> coalesce(r.incidents, 0)
order by 1, 2, 3, 4, 5;

-- name: totals
-- How much was recounted.
select
    (select count(*) from counting.event) as events,
    (select count(*) from counting.event where series <> 0) as live_events,
    (select count(*) from counting.cell) as cells,
    (select count(*) from counting.statistic) as statistics,
    (select count(*) from counting.dead_letter) as dead_letters;

-- name: differing_statistics
-- Every key whose row in counting.statistic is not the highest version that was received, live or
-- withdrawn, with its numbers and since when they stand; and every key that is on one side only.
with newest as (
    select distinct on (municipality, actor, indicator, area, period) *
    from counting.statistic_version
    order by municipality, actor, indicator, area, period, version desc
),

recounted as (
    select n.*, (
        select v.received_at
        from counting.statistic_version as v
        where
            (v.municipality, v.actor, v.indicator, v.area, v.period)
            = (n.municipality, n.actor, n.indicator, n.area, n.period)
            and v.version > all(
                select d.version
                from counting.statistic_version as d
                where
                    (d.municipality, d.actor, d.indicator, d.area, d.period)
                    = (n.municipality, n.actor, n.indicator, n.area, n.period)
                    and (d.live, d.numerator, d.denominator)
                    is distinct from (n.live, n.numerator, n.denominator)
            )
        order by v.version
        limit 1
    ) as standing_since
    from newest as n
)

select
    municipality,
    indicator,
    period,
    area,
    actor,
    s.version as held_version,
    r.version as newest_version
from counting.statistic as s
full join recounted as r using (municipality, indicator, period, area, actor)
where
    (s.version, s.live, s.numerator, s.denominator, s.standing_since)
    is distinct from (r.version, r.live, r.numerator, r.denominator, r.standing_since)
order by municipality, indicator, period, area, actor;

-- name: consistent
-- All questions above see the same moment, however long they take.
set transaction isolation level repeatable read read only;
