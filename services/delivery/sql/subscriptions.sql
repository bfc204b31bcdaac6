-- name: insert_subscription
-- A request that waits for the data owner.
insert into delivery.subscription
    (id, municipality, actor, name, indicators, areas, level, windows, every_s, channel, url, secret,
        requested_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'webhook', $10, $11, $12)

-- name: list_subscriptions
-- The subscriptions of an actor, or of the whole municipality; the secret stays where it is.
select id, municipality, actor, name, indicators, areas, level, windows, every_s, url, state,
    requested_at, decided_at, motive, until_at, ended_at
from delivery.subscription
where municipality = $1 and ($2::text is null or actor = $2)
order by requested_at, id

-- name: find_subscription
-- One subscription, if it is the actor's own or the municipality asks.
select id, municipality, actor, name, indicators, areas, level, windows, every_s, url, state,
    requested_at, decided_at, motive, until_at, ended_at
from delivery.subscription
where municipality = $1 and ($2::text is null or actor = $2) and id = $3

-- name: lock_subscription
-- The state of one subscription, held until the transaction ends. Whoever stores a delivery refers
-- to the row with the schedule in hand, and must not have to wait for it.
select state
from delivery.subscription
where municipality = $1 and ($2::text is null or actor = $2) and id = $3
for no key update

-- name: decide_subscription
-- The data owner's decision.
update delivery.subscription
set state = $2, decided_at = $3, motive = $4, until_at = $5
where id = $1

-- name: close_subscription
-- The end of a subscription.
update delivery.subscription
set state = $2, ended_at = $3
where id = $1

-- name: start_schedule
-- The first point of the grid is the approval itself: due at once. A restore may have left a row that
-- says which numbers have been used.
insert into delivery.schedule (subscription, next_due_at, next_try_at) values ($1, now(), now())
on conflict (subscription) do update
set next_due_at = excluded.next_due_at, next_try_at = excluded.next_try_at

-- name: stop_schedule
-- Nothing more is tried. The fence stays, so whoever is sending may still write down how it ended.
update delivery.schedule set next_try_at = null, open_seq = null where subscription = $1

-- name: fold_open
-- What waits for a retry is not repeated.
update delivery.delivery set state = 'folded', closed_at = now()
where subscription = $1 and state = 'open'

-- name: expired_subscription
-- An approval whose last day has passed.
select id, municipality
from delivery.subscription
where state = 'approved' and until_at <= now()
limit 1
for no key update skip locked
