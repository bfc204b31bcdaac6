-- name: sums
-- What a view is the sum of, added up by PostgreSQL: for the bench, and never for an answer. Pieces
-- of windows as columns: window, tier, first bucket, first bucket after; then lengths of codes.
with piece as (
    select *
    from unnest($1::text [], $2::text [], $3::int [], $4::int [])
        as p (in_window, tier, low, high)
),

kept as (
    select
        max(case when tier = 'minute' then extract(epoch from kept_from) / 60 end)::int as minute,
        max(case when tier = 'hour' then extract(epoch from kept_from) / 3600 end)::int as hour
    from counting.tier
),

leaf as (
    select c.series, p.in_window, sum(c.reports) as reports, sum(c.incidents) as incidents
    from piece as p
    inner join counting.change as c on c.minute >= p.low and c.minute < p.high
    where p.tier = 'minute' and c.minute >= (select minute from kept)
    group by c.series, p.in_window
    union all
    select c.series, p.in_window, sum(c.reports), sum(c.incidents)
    from piece as p
    inner join counting.hour_cell as c on c.hour >= p.low and c.hour < p.high
    where p.tier = 'hour' and c.hour >= (select hour from kept)
    group by c.series, p.in_window
    union all
    select c.series, p.in_window, sum(c.reports), sum(c.incidents)
    from piece as p
    inner join counting.day_cell as c on c.day >= p.low and c.day < p.high
    where p.tier = 'day'
    group by c.series, p.in_window
)

select
    left(s.area, l.length) as area,
    s.indicator,
    leaf.in_window,
    sum(leaf.reports)::bigint as reports,
    sum(leaf.incidents)::bigint as incidents
from leaf
inner join counting.series as s using (series)
cross join unnest($5::int []) as l (length)
group by left(s.area, l.length), s.indicator, leaf.in_window
having sum(leaf.reports) <> 0 or sum(leaf.incidents) <> 0;
