-- name: try_lock
-- Whether nobody else is making a generation. Held by the session.
select pg_try_advisory_lock($1);

-- name: how_to_make
-- The statements that make tables $1 in schema $2 as those in schema `counting` are: columns,
-- constraints, indexes with their names, storage, row security, policies and grants. All of it is
-- read from the catalogues, so migrations need not say anything twice.
with old as (
    select c.oid, c.relname, c.relrowsecurity, c.reloptions, c.relacl, c.relowner
    from pg_class as c
    where c.relnamespace = 'counting'::regnamespace and c.relname = any($1::text [])
),

made as (
    select 1 as step, relname as of_table, '' as part, format(
        'create table %I.%I (like counting.%I including all excluding indexes)%s',
        $2::text, relname, relname, ' with (' || array_to_string(reloptions, ', ') || ')'
    ) as statement
    from old
    union all
    select 2, o.relname, k.conname, format(
        'alter table %I.%I add constraint %I %s',
        $2::text, o.relname, k.conname, pg_get_constraintdef(k.oid)
    )
    from old as o
    inner join pg_constraint as k on k.conrelid = o.oid
    where k.contype in ('p', 'u', 'x')
    union all
    select 3, o.relname, i.indexrelid::text, replace(
        pg_get_indexdef(i.indexrelid), ' ON counting.', format(' ON %I.', $2::text)
    )
    from old as o
    inner join pg_index as i on i.indrelid = o.oid
    where not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
    union all
    select 4, relname, '', format('alter table %I.%I enable row level security', $2::text, relname)
    from old
    where relrowsecurity
    union all
    select 5, o.relname, p.policyname, format(
        'create policy %I on %I.%I as %s for %s to %s%s%s',
        p.policyname, $2::text, o.relname, p.permissive, p.cmd,
        (select string_agg(quote_ident(role_name), ', ') from unnest(p.roles) as role_name),
        ' using (' || p.qual || ')',
        ' with check (' || p.with_check || ')'
    )
    from old as o
    inner join pg_policies as p on p.schemaname = 'counting' and p.tablename = o.relname
    union all
    select 6, o.relname, a.privilege_type || a.grantee, format(
        'grant %s on %I.%I to %s', a.privilege_type, $2::text, o.relname, a.grantee::regrole
    )
    from old as o
    cross join lateral aclexplode(o.relacl) as a
    where a.grantee <> o.relowner
)

select statement from made order by step, of_table, part;

-- name: views
-- The views that are made of tables of a generation, as they are now. They follow a table when it is
-- moved, so they are made again from the same words.
select distinct n.nspname as of_schema, v.relname as name, v.reloptions as options,
    pg_get_viewdef(v.oid) as definition
from pg_depend as d
inner join pg_rewrite as r on r.oid = d.objid
inner join pg_class as v on v.oid = r.ev_class
inner join pg_namespace as n on n.oid = v.relnamespace
inner join pg_class as c on c.oid = d.refobjid
where
    d.classid = 'pg_rewrite'::regclass
    and d.refclassid = 'pg_class'::regclass
    and c.relnamespace = 'counting'::regnamespace
    and c.relname = any($1::text [])
    and v.relkind = 'v'
order by 1, 2;

-- name: counted
-- How far the live generation has come, and in which log.
select part, next_offset, log_id
from counting.stream_offset
where consumer = $1 and topic = $2;

-- name: trim_changes
-- What is too old to be read need not come along.
delete from counting_next.change
where minute < (
    select extract(epoch from kept_from) / 60 from counting.tier where tier = 'minute'
)::int;

-- name: trim_hours
-- Likewise.
delete from counting_next.hour_cell
where hour < (
    select extract(epoch from kept_from) / 3600 from counting.tier where tier = 'hour'
)::int;

-- name: trim_days
-- Likewise.
delete from counting_next.day_cell
where day < (
    select (kept_from at time zone 'Europe/Stockholm')::date - '1970-01-01'::date
    from counting.tier
    where tier = 'day'
);

-- name: cells_apart
-- Every cell that both should have alike and do not, and how many were looked at.
with kept as (
    select
        max(extract(epoch from kept_from) / 60) filter (where tier = 'minute') as minute,
        max(extract(epoch from kept_from) / 3600) filter (where tier = 'hour') as hour,
        max((kept_from at time zone 'Europe/Stockholm')::date - '1970-01-01'::date)
            filter (where tier = 'day') as day
    from counting.tier
),

both_ as (
    select 'minute' as tier, series, minute as bucket, reports as was, incidents as was_incidents,
        0 as now, 0 as now_incidents
    from counting.change where minute >= (select minute from kept)
    union all
    select 'minute', series, minute, 0, 0, reports, incidents
    from counting_next.change where minute >= (select minute from kept)
    union all
    select 'hour', series, hour, reports, incidents, 0, 0
    from counting.hour_cell where hour >= (select hour from kept)
    union all
    select 'hour', series, hour, 0, 0, reports, incidents
    from counting_next.hour_cell where hour >= (select hour from kept)
    union all
    select 'day', series, day, reports, incidents, 0, 0
    from counting.day_cell where day >= (select day from kept)
    union all
    select 'day', series, day, 0, 0, reports, incidents
    from counting_next.day_cell where day >= (select day from kept)
),

cells as (
    select tier, series, bucket, sum(was) as was, sum(was_incidents) as was_incidents,
        sum(now) as now, sum(now_incidents) as now_incidents
    from both_
    group by tier, series, bucket
),

counted as (
    select
        count(*) as looked_at,
        count(*) filter (where tier = 'minute' and differs) as minute_apart,
        count(*) filter (where tier = 'hour' and differs) as hour_apart,
        count(*) filter (where tier = 'day' and differs) as day_apart
    from (
        select tier, was <> now or was_incidents <> now_incidents as differs
        from cells
    ) as c
)

select c.*, s.municipality, d.tier, s.indicator, s.area,
    case d.tier
        when 'minute' then to_timestamp(d.bucket * 60::bigint)
        when 'hour' then to_timestamp(d.bucket * 3600::bigint)
        else ('1970-01-01'::date + d.bucket)::timestamp at time zone 'Europe/Stockholm'
    end as bucket,
    d.was::bigint as counted, d.now::bigint as recounted,
    d.was_incidents::bigint as counted_incidents, d.now_incidents::bigint as recounted_incidents
from counted as c
left join lateral (
    select * from cells
    where was <> now or was_incidents <> now_incidents
    order by tier, series, bucket
    limit $1
) as d on true
left join counting.series as s using (series);

-- name: events_apart
-- Events that are not alike: of the log only, of the tables only, or otherwise; and of all.
select
    count(*) as looked_at,
    count(*) filter (where e.event_id is null) as missing,
    count(*) filter (where n.event_id is null) as unknown,
    count(*) filter (
        where
        e.event_id = n.event_id
        and (e.version, e.series, e.minute, e.incident_id)
        is distinct from (n.version, n.series, n.minute, n.incident_id)
    ) as otherwise
from counting.event as e
full join counting_next.event as n using (event_id);

-- name: agree_since
-- Whether both have added the same to every minute since snapshot $1, at which they were compared.
-- Hours and days get the same in the same transactions.
with since as (
    select series, minute, reports, incidents
    from counting.change
    where
        xact >= pg_snapshot_xmin($1::text::pg_snapshot)
        and not pg_visible_in_snapshot(xact, $1::text::pg_snapshot)
    union all
    select series, minute, -reports, -incidents
    from counting_next.change
    where
        xact >= pg_snapshot_xmin($1::text::pg_snapshot)
        and not pg_visible_in_snapshot(xact, $1::text::pg_snapshot)
)

select not exists (
    select from since group by series, minute having sum(reports) <> 0 or sum(incidents) <> 0
);

-- name: schema_version
-- Which migrations the tables are of.
select max(version) from registry.schema_version;

-- name: raise_generation
-- Tell whoever keeps counts in memory that these are other tables.
update counting.generation set generation = generation + 1, made_at = now() returning generation;

-- name: wake_readers
-- There is something to read.
select pg_notify('lagesbild_counted', '');
