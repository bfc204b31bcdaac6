-- Cells that are quick to write and to read: numbers for places, one row for each change.
--
-- An event is in one cell of each tier. The minute tier is a log of changes: minutes are so narrow
-- that nearly every event has one to itself, and to append costs a fifth of what it costs to look
-- for a row and change it. The sum of a minute's changes is its cell. The same log tells readers
-- what has changed since they looked last. Hours and Stockholm days are rows that are added to.

-- A place by number: what a series of cells is about. Never deleted, so a number can be remembered.
create table counting.series (
    series int generated always as identity primary key,
    municipality text collate "C" not null,
    indicator text collate "C" not null,
    area text collate "C" not null,
    unique (municipality, indicator, area)
);

create table counting.event_6 (
    event_id uuid primary key,
    incident_id uuid, -- null: an incident of its own
    version bigint not null,
    series int not null, -- 0: withdrawn; it stays known, so that a stale copy cannot revive it
    minute int not null -- since 1970; 0 if withdrawn
) with (fillfactor = 90);

-- What has been added to and taken from minutes, in the order of commits as `xact` tells it.
create table counting.change (
    xact xid8 not null default pg_current_xact_id(),
    minute int not null,
    series int not null,
    reports int not null,
    incidents int not null
);

-- `lane` keeps aggregators off each other's rows: a cell is the sum of its lanes.
create table counting.hour_cell (
    series int not null,
    hour int not null, -- since 1970
    lane smallint not null,
    reports int not null,
    incidents int not null,
    primary key (series, hour, lane)
) with (fillfactor = 80);

create table counting.day_cell (
    series int not null,
    day int not null, -- Stockholm's, since 1970
    lane smallint not null,
    reports int not null,
    incidents int not null,
    primary key (series, day, lane)
) with (fillfactor = 80);

-- Where each incident of several events is counted: in the cell of its earliest live event.
create table counting.incident (
    incident_id uuid primary key,
    event_id uuid, -- null: none of its events is live
    series int not null default 0,
    minute int not null default 0
) with (fillfactor = 90);

-- From when on each tier is whole. What lies before may be there or not, and is not read.
create table counting.tier (
    tier text collate "C" primary key check (tier in ('minute', 'hour', 'day')),
    kept_from timestamptz not null,
    settled xid8 not null default '0' -- changes that are older may be dropped
);

-- Which generation of the tables this is: `lagesbild rebuild` makes a new one.
create table counting.generation (
    only_one boolean primary key default true check (only_one),
    generation int not null,
    made_at timestamptz not null default now()
);

insert into counting.generation (generation) values (1);
insert into counting.tier (tier, kept_from)
values ('minute', '1970-01-01Z'), ('hour', '1970-01-01Z'), ('day', '1970-01-01Z');

-- What has been counted so far comes along.
insert into counting.series (municipality, indicator, area)
select distinct municipality, indicator, area from counting.event where live
union
select distinct municipality, indicator, area from counting.cell
order by 1, 2, 3;

insert into counting.event_6 (event_id, version, series, minute)
select
    e.event_id,
    e.version,
    coalesce(s.series, 0),
    coalesce(floor(extract(epoch from e.occurred_at) / 60)::int, 0)
from counting.event as e
left join counting.series as s using (municipality, indicator, area)
order by e.event_id;

insert into counting.change (minute, series, reports, incidents)
select (extract(epoch from c.bucket) / 60)::int, s.series, c.reports, c.reports
from counting.cell as c
inner join counting.series as s using (municipality, indicator, area)
where c.tier = 'minute' and c.reports <> 0;

insert into counting.hour_cell (series, hour, lane, reports, incidents)
select s.series, (extract(epoch from c.bucket) / 3600)::int, 0, c.reports, c.reports
from counting.cell as c
inner join counting.series as s using (municipality, indicator, area)
where c.tier = 'hour' and c.reports <> 0;

insert into counting.day_cell (series, day, lane, reports, incidents)
select
    s.series,
    (c.bucket at time zone 'Europe/Stockholm')::date - '1970-01-01'::date,
    0,
    c.reports,
    c.reports
from counting.cell as c
inner join counting.series as s using (municipality, indicator, area)
where c.tier = 'day' and c.reports <> 0;

drop function counting.window_counts;
drop table counting.cell;
drop table counting.event;
drop sequence counting.revision;
alter table counting.event_6 rename to event;
alter index counting.event_6_pkey rename to event_pkey;

create index event_incident on counting.event (incident_id) where incident_id is not null;
create index change_xact on counting.change (xact);
create index change_minute on counting.change using brin (minute) with (autosummarize = true);

grant select, insert on counting.series to lagesbild_aggregator;
grant select, insert, update on counting.event to lagesbild_aggregator;
grant select, insert, delete on counting.change to lagesbild_aggregator;
grant select, insert, update, delete on counting.hour_cell to lagesbild_aggregator;
grant select, insert, update, delete on counting.day_cell to lagesbild_aggregator;
grant select, insert, update on counting.incident to lagesbild_aggregator;
grant select, update on counting.tier to lagesbild_aggregator;
grant select on counting.generation to lagesbild_aggregator;

-- Delivery reads cells only, and of those only what the asking actor is cleared for. With no actor
-- set it reads nothing. Which series that are is said once; the cells follow.
grant select on counting.series, counting.change, counting.hour_cell, counting.day_cell
to lagesbild_delivery;
grant select on counting.tier, counting.generation to lagesbild_delivery;

alter table counting.series enable row level security;
alter table counting.change enable row level security;
alter table counting.hour_cell enable row level security;
alter table counting.day_cell enable row level security;

create policy aggregator_counts on counting.series
to lagesbild_aggregator using (true) with check (true);
create policy aggregator_counts on counting.change
to lagesbild_aggregator using (true) with check (true);
create policy aggregator_counts on counting.hour_cell
to lagesbild_aggregator using (true) with check (true);
create policy aggregator_counts on counting.day_cell
to lagesbild_aggregator using (true) with check (true);

create policy delivery_reads_what_is_cleared on counting.series
for select to lagesbild_delivery
using (
    municipality = current_setting('lagesbild.municipality', true)
    and indicator in (
        select i.indicator
        from registry.indicator as i
        inner join registry.clearance as c using (municipality, sensitivity)
        where
            c.municipality = current_setting('lagesbild.municipality', true)
            and c.actor = current_setting('lagesbild.actor', true)
    )
);
create policy delivery_reads_what_is_cleared on counting.change
for select to lagesbild_delivery using (series in (select s.series from counting.series as s));
create policy delivery_reads_what_is_cleared on counting.hour_cell
for select to lagesbild_delivery using (series in (select s.series from counting.series as s));
create policy delivery_reads_what_is_cleared on counting.day_cell
for select to lagesbild_delivery using (series in (select s.series from counting.series as s));

-- Every cell of every tier, for people and audits; as the reader, so the policies above hold.
create view counting.cell with (security_invoker = true) as
select
    s.municipality,
    c.tier,
    s.indicator,
    c.bucket,
    s.area,
    sum(c.reports)::bigint as reports,
    sum(c.incidents)::bigint as incidents
from (
    select 'minute'::text collate "C" as tier, to_timestamp(minute * 60::bigint) as bucket,
        series, reports, incidents
    from counting.change
    union all
    select 'hour', to_timestamp(hour * 3600::bigint), series, reports, incidents
    from counting.hour_cell
    union all
    select 'day', ('1970-01-01'::date + day)::timestamp at time zone 'Europe/Stockholm',
        series, reports, incidents
    from counting.day_cell
) as c
inner join counting.series as s using (series)
inner join counting.tier as t using (tier)
where c.bucket >= t.kept_from
group by s.municipality, c.tier, s.indicator, c.bucket, s.area;

grant select on counting.cell to lagesbild_aggregator, lagesbild_delivery;

-- Every event in its newest version, for people and audits.
create view counting.known_event with (security_invoker = true) as
select
    e.event_id,
    e.incident_id,
    e.version,
    e.series <> 0 as live,
    s.municipality,
    s.indicator,
    s.area,
    case when e.series <> 0 then to_timestamp(e.minute * 60::bigint) end as occurred_at
from counting.event as e
left join counting.series as s on e.series = s.series;

grant select on counting.known_event to lagesbild_aggregator;
