-- name: hours
-- The hours of an indicator in an area of any level, from when on hours are kept, and whether the
-- audience is cleared: one statement, so of one snapshot. Row-level security adds that an audience
-- that is not cleared sees no place.
with place as (
    select s.series
    from counting.series as s
    where s.municipality = $1 and s.indicator = $2 and starts_with(s.area, $3)
),

counted as (
    select c.hour as bucket, sum(c.reports) as reports, sum(c.incidents) as incidents
    from counting.hour_cell as c
    inner join place on c.series = place.series
    where c.hour >= $4 and c.hour < $5
    group by c.hour
),

listed as (
    select
        array_agg(bucket) as buckets,
        array_agg(reports::bigint) as reports,
        array_agg(incidents::bigint) as incidents
    from counted
)

select
    listed.*,
    t.kept_from,
    exists (
        select from registry.indicator as i
        inner join registry.clearance as r using (municipality, sensitivity)
        where
            r.municipality = current_setting('lagesbild.municipality')
            and r.actor = current_setting('lagesbild.actor')
            and i.indicator = $2
    ) as is_cleared
from listed, counting.tier as t
where t.tier = 'hour';

-- name: days
-- The Stockholm days, likewise.
with place as (
    select s.series
    from counting.series as s
    where s.municipality = $1 and s.indicator = $2 and starts_with(s.area, $3)
),

counted as (
    select c.day as bucket, sum(c.reports) as reports, sum(c.incidents) as incidents
    from counting.day_cell as c
    inner join place on c.series = place.series
    where c.day >= $4 and c.day < $5
    group by c.day
),

listed as (
    select
        array_agg(bucket) as buckets,
        array_agg(reports::bigint) as reports,
        array_agg(incidents::bigint) as incidents
    from counted
)

select
    listed.*,
    t.kept_from,
    exists (
        select from registry.indicator as i
        inner join registry.clearance as r using (municipality, sensitivity)
        where
            r.municipality = current_setting('lagesbild.municipality')
            and r.actor = current_setting('lagesbild.actor')
            and i.indicator = $2
    ) as is_cleared
from listed, counting.tier as t
where t.tier = 'day';
