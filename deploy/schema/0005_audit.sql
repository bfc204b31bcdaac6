-- The audit chain: what was asked, approved, refused and sent. One chain per municipality, and
-- each entry holds the SHA-256 of the one before it, so that no entry can be changed, taken out or
-- put in without breaking every later one. Whoever owns the database could still write the whole
-- chain anew: the head's hash must be kept outside of it.
create table audit.entry (
    municipality text collate "C" not null,
    seq bigint not null check (seq >= 1),
    made_at timestamptz not null,
    kind text collate "C" not null check (kind ~ '^[a-z]+(_[a-z]+)*$'),
    actor text collate "C", -- null: the data owner or the service itself
    role text collate "C" not null,
    detail jsonb not null,
    previous bytea not null check (octet_length(previous) = 32),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (municipality, seq)
);

create table audit.head (
    municipality text collate "C" primary key references registry.municipality,
    seq bigint not null,
    hash bytea not null
);

-- The hash of an entry: SHA-256 of the hash before it and the entry as one JSON array.
create function audit.hash_of(
    previous bytea, municipality text, seq bigint, made_at timestamptz,
    kind text, actor text, role text, detail jsonb
) returns bytea
language sql stable
begin atomic
    select sha256(
        previous || convert_to(
            jsonb_build_array(
                municipality, seq,
                to_char(made_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                kind, actor, role, detail
            )::text,
            'UTF8'
        )
    );
end;

-- Append an entry and give its number. The chain's head is locked until the caller's transaction
-- ends, so this is the last statement of a transaction, and the entry is there if, and only if,
-- what it tells of is.
create function audit.append(
    of_municipality text, of_kind text, of_actor text, of_detail jsonb
) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    latest audit.head;
    made timestamptz;
    linked bytea;
begin
    insert into audit.head (municipality, seq, hash)
    values (of_municipality, 0, sha256(convert_to(of_municipality, 'UTF8')))
    on conflict do nothing;
    select * into strict latest from audit.head
    where municipality = of_municipality for update;
    made := clock_timestamp();
    linked := audit.hash_of(
        latest.hash, of_municipality, latest.seq + 1, made,
        of_kind, of_actor, session_user::text, of_detail
    );
    insert into audit.entry
        (municipality, seq, made_at, kind, actor, role, detail, previous, hash)
    values (
        of_municipality, latest.seq + 1, made,
        of_kind, of_actor, session_user::text, of_detail, latest.hash, linked
    );
    update audit.head set seq = latest.seq + 1, hash = linked where municipality = of_municipality;
    return latest.seq + 1;
end
$$;

-- The first entry of each chain that is not what it was when it was appended; no row means that
-- every chain is whole. A missing entry is reported under its own number, a head that does not
-- fit its chain under the number after the last.
create function audit.first_broken() returns table (municipality text, seq bigint)
language sql stable
begin atomic
    with checked as (
        select
            e.municipality,
            row_number() over chain as expected,
            e.seq = row_number() over chain
            and e.previous = lag(
                e.hash, 1, sha256(convert_to(e.municipality, 'UTF8'))
            ) over chain
            and e.hash = audit.hash_of(
                e.previous, e.municipality, e.seq, e.made_at, e.kind, e.actor, e.role, e.detail
            ) as whole
        from audit.entry as e
        window chain as (partition by e.municipality order by e.seq)
    ),
    broken as (
        select c.municipality, c.expected as seq from checked as c where not c.whole
        union all
        select
            coalesce(h.municipality, last.municipality),
            coalesce(last.seq, 0) + 1
        from audit.head as h
        full join (
            select distinct on (e.municipality) e.municipality, e.seq, e.hash
            from audit.entry as e
            order by e.municipality, e.seq desc
        ) as last using (municipality)
        where
            h.seq is distinct from coalesce(last.seq, 0)
            or h.hash is distinct from coalesce(
                last.hash, sha256(convert_to(h.municipality, 'UTF8'))
            )
    )
    select b.municipality, min(b.seq) from broken as b group by b.municipality;
end;

create function audit.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception 'the audit chain is append-only' using errcode = 'insufficient_privilege';
end
$$;

create trigger append_only before update or delete or truncate on audit.entry
for each statement execute function audit.refuse_change();

revoke all on all functions in schema audit from public;
grant usage on schema audit to lagesbild_delivery;
grant execute on function audit.append to lagesbild_delivery;
