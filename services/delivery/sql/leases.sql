-- name: claim
-- Take up to $1 due subscriptions under a lease of $3 seconds, and say how far away the next one
-- is. One row at least: without a subscription it has the distance alone. Only what may be sent
-- and belongs to a municipality of this instance.
with due as (
    select s.subscription
    from delivery.schedule as s
    inner join delivery.sendable as b on b.id = s.subscription
    where
        s.next_try_at <= now()
        and (s.lease_until is null or s.lease_until < now())
        and b.municipality = any($4::text [])
    order by s.next_try_at
    limit $1
    for update of s skip locked
),

claimed as (
    update delivery.schedule as s
    set
        lease_owner = $2,
        lease_until = now() + $3::float8 * interval '1 second',
        fence = s.fence + 1
    from due
    where s.subscription = due.subscription
    returning s.subscription, s.fence, s.next_due_at, s.last_seq, s.open_seq
),

upcoming as (
    select extract(epoch from min(next_try_at) - clock_timestamp())::float8 as wait_s
    from delivery.schedule
    where next_try_at > now()
)

select
    upcoming.wait_s, c.fence, c.next_due_at, c.last_seq, c.open_seq,
    b.id, b.municipality, b.actor, b.indicators, b.areas, b.level, b.windows, b.every_s,
    b.url, b.secret
from upcoming
left join claimed as c on true
left join delivery.subscription as b on b.id = c.subscription

-- name: read_delivery
-- What an earlier attempt stored. Not part of the claim, whose snapshot may be older than its lock.
select seq, webhook_id, due_at, as_of, body, attempts
from delivery.delivery
where subscription = $1 and seq = $2

-- name: open_delivery
-- Store the bytes before the first attempt; no row means that the lease has gone to another, or
-- that they are stored already and only the answer was lost.
with held as (
    update delivery.schedule set last_seq = $3, open_seq = $3
    where subscription = $1 and fence = $2 and last_seq = $3 - 1 and next_try_at is not null
    returning subscription
)

insert into delivery.delivery (subscription, seq, webhook_id, due_at, as_of, body)
select subscription, $3, $4, $5, $6, $7 from held
returning seq

-- name: settle
-- Write down an attempt, close the delivery or leave it open, and give the lease back, all or
-- nothing; no row means that the lease has gone to another, or that it is all written down already
-- and only the answer was lost. A subscription that ended meanwhile
-- has no next try, and its delivery is not repeated.
with held as (
    update delivery.schedule
    set
        lease_owner = null,
        lease_until = null,
        next_due_at = $4,
        next_try_at = case when next_try_at is not null then $5::timestamptz end,
        open_seq = case when next_try_at is not null and $6 = 'open' then open_seq end
    where subscription = $1 and fence = $2 and lease_owner is not null
    returning
        subscription,
        case when $6 = 'open' and next_try_at is null then 'folded' else $6 end as state
),

written as (
    update delivery.delivery as d
    set
        state = held.state,
        attempts = $7,
        closed_at = case when held.state <> 'open' then now() end
    from held
    where d.subscription = held.subscription and d.seq = $3
)

insert into delivery.attempt
    (subscription, seq, attempt, started_at, duration_ms, outcome, status, answer_bytes)
select subscription, $3, $7, $8, $9, $10, $11, $12 from held
returning attempt

-- name: release
-- Give back every lease of an instance that stops.
update delivery.schedule
set lease_owner = null, lease_until = null
where lease_owner = $1

-- name: due_age
-- Seconds since the oldest moment at which a sender should have acted and none has.
select
    extract(epoch from now() - min(s.next_try_at))::float8
from delivery.schedule as s
inner join delivery.sendable as b on b.id = s.subscription
where
    s.next_try_at <= now()
    and (s.lease_until is null or s.lease_until < now())
    and b.municipality = any($1::text [])

-- name: purge
-- Forget up to $2 closed deliveries, with their attempts, that have been kept long enough.
with gone as (
    delete from delivery.delivery
    where (subscription, seq) in (
        select subscription, seq from delivery.delivery
        where closed_at < now() - $1::float8 * interval '1 hour'
        order by closed_at
        limit $2
        for update skip locked
    )
    returning seq
)

select count(*) from gone
