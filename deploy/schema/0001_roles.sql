-- One login role per service, least privilege: a role sees no schema that its stage does not need.
-- Roles belong to the whole cluster, so they may exist already.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'lagesbild_ingest', 'lagesbild_anonymizer', 'lagesbild_aggregator', 'lagesbild_delivery'
    ] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole', role_name);
        end if;
    end loop;
exception when duplicate_object or unique_violation then
    null; -- another database of the cluster is being migrated at the same moment
end
$$;

revoke all on schema public from public;

create schema registry;
create schema counting;
create schema delivery;
create schema audit;

create table registry.schema_version (
    version int primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
);

grant usage on schema registry
to lagesbild_ingest, lagesbild_anonymizer, lagesbild_aggregator, lagesbild_delivery;
grant select on registry.schema_version
to lagesbild_ingest, lagesbild_anonymizer, lagesbild_aggregator, lagesbild_delivery;
