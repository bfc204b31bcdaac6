-- What the database must know of the packs: who may ask, and who is cleared for exact counts.
create table registry.municipality (
    code text collate "C" primary key,
    name text not null
);

create table registry.actor (
    municipality text collate "C" not null references registry.municipality,
    actor text collate "C" not null,
    primary key (municipality, actor)
);

create table registry.indicator (
    municipality text collate "C" not null references registry.municipality,
    indicator text collate "C" not null,
    sensitivity text collate "C" not null check (sensitivity in ('S0', 'S1', 'S2', 'S3')),
    primary key (municipality, indicator)
);

-- The data owner's policy: exact counts of a class for an actor. S0 is for all, written out.
create table registry.clearance (
    municipality text collate "C" not null,
    actor text collate "C" not null,
    sensitivity text collate "C" not null check (sensitivity in ('S0', 'S1', 'S2', 'S3')),
    primary key (municipality, actor, sensitivity),
    foreign key (municipality, actor) references registry.actor
);

-- Only the SHA-256 of a key is kept. The owner's key belongs to no actor.
create table registry.api_key (
    fingerprint bytea primary key check (octet_length(fingerprint) = 32),
    municipality text collate "C" not null references registry.municipality,
    actor text collate "C",
    scope text not null check (scope in ('report', 'read', 'own')),
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    check ((actor is null) = (scope = 'own')),
    foreign key (municipality, actor) references registry.actor
);

grant select on registry.api_key to lagesbild_ingest;
grant select on registry.api_key, registry.indicator, registry.clearance to lagesbild_delivery;
