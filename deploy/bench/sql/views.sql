-- name: number_places
-- Every place of the town: numbers, in the order of areas and indicators.
insert into counting.series (municipality, indicator, area)
select $1, i.code, a.code
from unnest($2::text []) with ordinality as a (code, place)
cross join unnest($3::text []) with ordinality as i (code, place)
order by a.place, i.place
returning series;

-- name: make_given
-- Where events are put before they are cells.
create temp table given (series int not null, minute int not null, incidents int not null);

-- name: fill_changes
-- The minutes that windows can reach, one row for each event, as the aggregator writes them.
insert into counting.change (minute, series, reports, incidents)
select minute, series, 1, incidents from given where minute >= $1 order by minute;

-- name: fill_hours
-- The hours.
insert into counting.hour_cell (series, hour, lane, reports, incidents)
select series, minute / 60, 0, count(*), sum(incidents) from given group by series, minute / 60;

-- name: fill_days
-- The Stockholm days.
insert into counting.day_cell (series, day, lane, reports, incidents)
select
    series,
    (to_timestamp(minute * 60::bigint) at time zone 'Europe/Stockholm')::date - '1970-01-01'::date,
    0,
    count(*),
    sum(incidents)
from given
group by 1, 2;

-- name: count
-- Some events of now in the cells of all three tiers, as one transaction of the aggregator does.
with given as (
    select series, minute, incidents
    from unnest($1::int [], $2::int [], $3::int []) as g (series, minute, incidents)
),

minutes as (
    insert into counting.change (series, minute, reports, incidents)
    select series, minute, 1, incidents from given
),

hours as (
    insert into counting.hour_cell as c (series, hour, lane, reports, incidents)
    select series, minute / 60, 0, count(*), sum(incidents) from given group by 1, 2
    on conflict (series, hour, lane) do update
    set reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents
)

insert into counting.day_cell as c (series, day, lane, reports, incidents)
select
    series,
    (to_timestamp(minute * 60::bigint) at time zone 'Europe/Stockholm')::date - '1970-01-01'::date,
    0,
    count(*),
    sum(incidents)
from given
group by 1, 2
on conflict (series, day, lane) do update
set reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents;
