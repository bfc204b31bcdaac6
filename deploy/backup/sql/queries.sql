-- name: ours
-- The tables that a dump would hold, so that they can be locked before the snapshot is taken.
select format('%I.%I', n.nspname, c.relname) as name
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where
    c.relkind = 'r'
    and n.nspname in ('registry', 'intake', 'counting', 'delivery', 'audit', 'linkage', 'quality')
    and (n.nspname, c.relname) <> ('linkage', 'token') -- they live 24 hours, a backup longer
order by 1;

-- name: snapshot
-- What the dump shall see, too.
select pg_export_snapshot() as snapshot, now() as made_at,
    current_setting('server_version') as server,
    (select generation from counting.generation) as generation;

-- name: migrations
-- Of which program the schema is.
select version, sha256 from registry.schema_version order by version;

-- name: streams
-- How far each partition has been counted, and of which log.
select consumer, topic, part as partition, next_offset, log_id
from counting.stream_offset
order by consumer, topic, part;

-- name: roles
-- Whom grants and policies name. Roles belong to the cluster, so a dump has them not.
select distinct r.rolname as role
from pg_shdepend as d
inner join pg_roles as r on r.oid = d.refobjid
inner join pg_database as b on b.oid = d.dbid
where
    b.datname = current_database()
    and d.refclassid = 'pg_authid'::regclass
    and d.deptype in ('a', 'r')
order by 1;

-- name: server_major
-- Which programs can talk to this server.
select current_setting('server_version_num')::int / 10000;

-- name: foreign_schemas
-- What is in the database and not ours.
select nspname
from pg_namespace as n
where
    nspname !~ '^pg_'
    and nspname not in (
        'information_schema', 'registry', 'intake', 'counting', 'counting_next', 'delivery', 'audit',
        'linkage', 'quality'
    )
    and (nspname <> 'public' or exists (select from pg_class as c where c.relnamespace = n.oid))
order by 1;

-- name: own_schemas
-- What of ours is in the database.
select nspname
from pg_namespace
where
    nspname in (
        'registry', 'intake', 'counting', 'counting_next', 'delivery', 'audit', 'linkage',
        'quality'
    )
order by 1;

-- name: others
-- Who else is connected.
select coalesce(nullif(application_name, ''), usename::text, '?')
from pg_stat_activity
where
    datname = current_database()
    and pid <> pg_backend_pid()
    and backend_type = 'client backend'
order by 1;

-- name: role_exists
-- Whether the cluster has this role.
select exists (select from pg_roles where rolname = $1);

-- name: statement_of_role
-- As the first migration makes them; `lagesbild migrate` sets the password.
select format('create role %I login nosuperuser nocreatedb nocreaterole;', $1::text);

-- name: approved
-- Who will be sent to again.
select count(*) from delivery.sendable;
