-- Subscriptions, the lease table that schedules them, and every view that was sent.

-- What an actor asks for and what the data owner decided. The selection, the channel and the
-- secret of a subscription never change: who wants something else asks anew.
create table delivery.subscription (
    id uuid primary key,
    municipality text collate "C" not null,
    actor text collate "C" not null,
    name text not null check (char_length(name) between 1 and 100),
    indicators text [] not null check (cardinality(indicators) > 0),
    areas text [] check (cardinality(areas) > 0), -- null: every area of the level
    level int not null check (level >= 1),
    windows text [] not null check (cardinality(windows) > 0),
    every_s int not null check (every_s between 5 and 31622400),
    channel text collate "C" not null check (channel in ('webhook')),
    url text not null,
    secret bytea not null check (octet_length(secret) = 32), -- the sender signs with it
    state text collate "C" not null default 'requested' check (
        state in ('requested', 'approved', 'refused', 'ended', 'disabled')
    ),
    requested_at timestamptz not null default now(),
    decided_at timestamptz,
    motive text check (char_length(motive) between 1 and 1000),
    until_at timestamptz,
    ended_at timestamptz,
    foreign key (municipality, actor) references registry.actor,
    check ((decided_at is null) = (motive is null)),
    check (state not in ('approved', 'refused', 'disabled') or decided_at is not null)
);

create index subscription_of on delivery.subscription (municipality, actor);
create index subscription_until on delivery.subscription (until_at)
where state = 'approved' and until_at is not null;

-- What may be sent: approved, not ended, and of an actor that still has a key to read with.
create view delivery.sendable with (security_invoker = true) as
select b.id, b.municipality
from delivery.subscription as b
where
    b.state = 'approved'
    and (b.until_at is null or b.until_at > now())
    and exists (
        select from registry.api_key as k
        where
            k.municipality = b.municipality
            and k.actor = b.actor
            and k.scope = 'read'
            and k.revoked_at is null
    );

-- One row per subscription that was ever approved. `next_due_at` is on the subscription's grid;
-- `next_try_at` is when a sender acts next: the due time, or a retry, or never (null). `open_seq` is
-- the delivery that has been stored and not yet closed. A lease that has run out is free for every
-- sender, and the fence refuses whoever held it before.
create table delivery.schedule (
    subscription uuid primary key references delivery.subscription,
    next_due_at timestamptz not null,
    next_try_at timestamptz,
    last_seq bigint not null default 0,
    open_seq bigint,
    lease_owner text collate "C",
    lease_until timestamptz,
    fence bigint not null default 0
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

create index schedule_next_try on delivery.schedule (next_try_at)
where next_try_at is not null;

-- One view sent once. The bytes are stored before the first attempt and are the same on each.
create table delivery.delivery (
    subscription uuid not null references delivery.subscription,
    seq bigint not null check (seq >= 1),
    webhook_id text collate "C" not null unique,
    due_at timestamptz not null,
    as_of timestamptz not null,
    body bytea not null,
    state text collate "C" not null default 'open' check (
        state in ('open', 'delivered', 'folded', 'gone')
    ),
    attempts int not null default 0,
    created_at timestamptz not null default now(),
    closed_at timestamptz,
    primary key (subscription, seq),
    check ((state = 'open') = (closed_at is null))
) with (fillfactor = 80);

create unique index delivery_one_open on delivery.delivery (subscription)
where state = 'open';
create index delivery_closed on delivery.delivery (closed_at)
where closed_at is not null;

-- One try. Of the receiver's answer only its status and its length are kept.
create table delivery.attempt (
    subscription uuid not null,
    seq bigint not null,
    attempt int not null check (attempt >= 1),
    started_at timestamptz not null,
    duration_ms int not null,
    outcome text collate "C" not null,
    status int,
    answer_bytes int not null,
    primary key (subscription, seq, attempt),
    foreign key (subscription, seq) references delivery.delivery on delete cascade
);

-- Deciding and ending may be written later, and nothing else of a subscription; the bytes of a
-- delivery are never rewritten. Deliveries are deleted when they have been kept long enough.
grant usage on schema delivery to lagesbild_delivery;
grant select, insert on delivery.subscription to lagesbild_delivery;
grant select on delivery.sendable to lagesbild_delivery;
grant update (state, decided_at, motive, until_at, ended_at)
on delivery.subscription to lagesbild_delivery;
grant select, insert, update on delivery.schedule to lagesbild_delivery;
grant select, insert, delete on delivery.delivery to lagesbild_delivery;
grant update (state, attempts, closed_at) on delivery.delivery to lagesbild_delivery;
grant select, insert on delivery.attempt to lagesbild_delivery;
