-- What the anonymizer decided of reports that describe one incident, and the tokens it decides by
-- (decisions 0026, 0027). No other role sees this schema. No place and no actor is in it in the clear.
create schema linkage;

-- Who holds the row decides; `last_seq` numbers the decisions of a municipality without gaps, so
-- that an instance knows what others decided since it last looked.
create table linkage.municipality (
    code text collate "C" primary key,
    last_seq bigint not null default 0
);

-- One row for every version of an event, as it was published; never changed. `founder` is the event
-- that got its incident by this row, and is published once more with it. `opened_ms` is when the first
-- report of the incident was received; `placed` says that there was a token.
create table linkage.decision (
    event_id uuid not null,
    version bigint not null,
    seq bigint not null,
    received_ms bigint not null,
    part int not null,
    municipality text collate "C" not null references linkage.municipality,
    event bytea not null,
    incident_id uuid,
    founder_id uuid,
    founder_version bigint,
    surplus boolean not null,
    possible_duplicate boolean not null,
    placed boolean not null,
    opened_ms bigint,
    primary key (event_id, version),
    unique (municipality, seq),
    check ((founder_id is null) = (founder_version is null)),
    check (founder_id is null or incident_id is not null),
    check ((incident_id is null) = (opened_ms is null))
);

create unique index decision_founder on linkage.decision (founder_id, founder_version)
where founder_id is not null;

create index decision_received on linkage.decision using brin (received_ms);

-- Sealed with the key of the day, which is not in this database: 24 hours after receipt the row is
-- deleted, and 48 hours after its day began nobody can open a copy of it.
create table linkage.token (
    event_id uuid not null,
    version bigint not null,
    seq bigint not null,
    municipality text collate "C" not null,
    day date not null,
    expires_at timestamptz not null,
    token bytea not null check (octet_length(token) = 16),
    primary key (event_id, version)
);

create index token_expires on linkage.token using brin (expires_at);

grant usage on schema linkage to lagesbild_anonymizer;
grant select, insert, update on linkage.municipality to lagesbild_anonymizer;
grant select, insert, delete on linkage.decision, linkage.token to lagesbild_anonymizer;
