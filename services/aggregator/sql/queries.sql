-- name: claim
-- Take a partition: the epoch rises, so every earlier owner is fenced. The row lock waits for a
-- transaction that an earlier owner has open, and then sees its result.
-- A log that is another one, or ends before what was counted of it, has been started anew: it is
-- read again from its first record, which the version rule makes harmless. Going on at the old
-- offset would skip whatever is written below it.
insert into counting.stream_offset as s
    (consumer, topic, part, next_offset, log_id, epoch, owner)
values ($1, $2, $3, $4, $6, 1, $7)
on conflict (consumer, topic, part) do update
set
    next_offset = case
        when s.log_id = excluded.log_id and s.next_offset between $4 and $5 then s.next_offset
        else $4
    end,
    log_id = excluded.log_id,
    epoch = s.epoch + 1,
    owner = excluded.owner,
    claimed_at = now()
returning
    new.next_offset as next_offset,
    new.epoch as epoch,
    old.next_offset as stored_offset,
    old.log_id as stored_log;

-- name: standing
-- Where partitions stand, to learn whether a transaction of unknown outcome has committed.
select part, next_offset, epoch
from counting.stream_offset
where consumer = $1 and topic = $2 and part = any($3::int []);

-- name: advance
-- The fence: only rows whose epoch and offset are still ours move, and the caller must see all.
update counting.stream_offset as s
set next_offset = step.to_offset
from
    unnest($3::int [], $4::bigint [], $5::bigint [], $6::bigint [])
    as step (part, epoch, from_offset, to_offset)
where
    s.consumer = $1
    and s.topic = $2
    and s.part = step.part
    and s.epoch = step.epoch
    and s.next_offset = step.from_offset
returning s.part;

-- name: count
-- The heart: highest version wins, the old cell loses one, the new cell gains one, in each tier.
-- Ids and cells are sorted, so that two aggregators cannot deadlock on them.
with counted as (
    insert into counting.event as e (
        event_id, version, municipality, live, indicator, area, occurred_at, confirmed, placement,
        source_part, source_offset
    )
    select *
    from
        unnest(
            $1::uuid [], $2::bigint [], $3::text [], $4::boolean [], $5::text [], $6::text [],
            $7::timestamptz [], $8::boolean [], $9::text [], $10::int [], $11::bigint []
        ) as given (event_id)
    order by given.event_id
    on conflict (event_id) do update
    set
        version = excluded.version,
        municipality = excluded.municipality,
        live = excluded.live,
        indicator = excluded.indicator,
        area = excluded.area,
        occurred_at = excluded.occurred_at,
        confirmed = excluded.confirmed,
        placement = excluded.placement,
        source_part = excluded.source_part,
        source_offset = excluded.source_offset
    where e.version < excluded.version
    returning
        old.municipality as old_municipality,
        old.live as old_live,
        old.indicator as old_indicator,
        old.area as old_area,
        old.occurred_at as old_at,
        new.municipality as new_municipality,
        new.live as new_live,
        new.indicator as new_indicator,
        new.area as new_area,
        new.occurred_at as new_at
),

moved as (
    select old_municipality as municipality, old_indicator as indicator, old_area as area,
        old_at as occurred_at, -1 as n
    from counted
    where old_live
    union all
    select new_municipality, new_indicator, new_area, new_at, 1
    from counted
    where new_live
),

per_instant as (
    select municipality, indicator, area, occurred_at, sum(n) as n
    from moved
    group by municipality, indicator, area, occurred_at
    having sum(n) <> 0
),

cells as (
    select p.municipality, t.tier, p.indicator, t.bucket, p.area, sum(p.n)::bigint as n
    from per_instant as p
    cross join lateral (
        values
        ('minute', date_trunc('minute', p.occurred_at)),
        ('hour', date_trunc('hour', p.occurred_at)),
        ('day', date_trunc('day', p.occurred_at, 'Europe/Stockholm'))
    ) as t (tier, bucket)
    group by p.municipality, t.tier, p.indicator, t.bucket, p.area
    having sum(p.n) <> 0
),

written as (
    insert into counting.cell as c (
        municipality, tier, indicator, bucket, area, reports, revision
    )
    select municipality, tier, indicator, bucket, area, n, $12
    from cells
    order by municipality, tier, indicator, bucket, area
    on conflict (municipality, tier, indicator, bucket, area) do update
    set reports = c.reports + excluded.reports, revision = excluded.revision
    returning 1
)

select
    (select count(*) from counted) as events,
    (select count(*) from written) as cells;

-- name: bury
-- Records that can never be counted, in the same transaction as their offsets.
insert into counting.dead_letter (topic, part, source_offset, reason)
select $1, part, source_offset, reason
from unnest($2::int [], $3::bigint [], $4::text []) as given (part, source_offset, reason)
on conflict do nothing;

-- name: next_revision
-- The number of this transaction's change; who waits for counts is woken by it at commit.
select nextval('counting.revision');

-- name: wake
-- Wake whoever waits for new counts; the truth is in the tables.
select pg_notify('lagesbild_counted', $1);
