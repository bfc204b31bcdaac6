-- name: differing
-- Every cell whose count is not what the live events say, in either direction.
with recounted as (
    select e.municipality, t.tier, e.indicator, t.bucket, e.area, count(*) as n
    from counting.event as e
    cross join lateral (
        values
        ('minute', date_trunc('minute', e.occurred_at)),
        ('hour', date_trunc('hour', e.occurred_at)),
        ('day', date_trunc('day', e.occurred_at, 'Europe/Stockholm'))
    ) as t (tier, bucket)
    where e.live
    group by e.municipality, t.tier, e.indicator, t.bucket, e.area
)

select
    coalesce(c.municipality, r.municipality) as municipality,
    coalesce(c.tier, r.tier) as tier,
    coalesce(c.indicator, r.indicator) as indicator,
    coalesce(c.bucket, r.bucket) as bucket,
    coalesce(c.area, r.area) as area,
    coalesce(c.reports, 0) as counted,
    coalesce(r.n, 0) as recounted
from counting.cell as c
full join recounted as r
    on
        c.municipality = r.municipality
        and c.tier = r.tier
        and c.indicator = r.indicator
        and c.bucket = r.bucket
        and c.area = r.area
where coalesce(c.reports, 0) <> coalesce(r.n, 0)
order by 1, 2, 3, 4, 5;

-- name: totals
-- How much was recounted.
select
    (select count(*) from counting.event) as events,
    (select count(*) from counting.event where live) as live_events,
    (select count(*) from counting.cell) as cells,
    (select count(*) from counting.dead_letter) as dead_letters;

-- name: consistent
-- Both questions above see the same moment, however long they take.
set transaction isolation level repeatable read read only;
