-- name: cells
-- The hours or Stockholm days ($6) of an indicator in an area of any level, from when on the tier is
-- kept, and whether the audience is cleared: one statement, so of one snapshot. Row-level security adds
-- that an audience that is not cleared sees no place.
with place as (
    select s.series
    from counting.series as s
    where s.municipality = $1 and s.indicator = $2 and starts_with(s.area, $3)
),

cell as (
    select series, hour as bucket, reports, incidents
    from counting.hour_cell
    where $6 = 'hour' and hour >= $4 and hour < $5
    union all
    select series, day, reports, incidents
    from counting.day_cell
    where $6 = 'day' and day >= $4 and day < $5
),

counted as (
    select c.bucket, sum(c.reports) as reports, sum(c.incidents) as incidents
    from cell as c
    inner join place using (series)
    group by c.bucket
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
where t.tier = $6;
