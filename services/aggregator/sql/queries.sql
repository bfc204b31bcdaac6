-- name: fence
-- Every earlier owner is fenced from here on, and the offset stands still: what a claim then learns
-- of the log belongs to the offset that it takes over. The row lock waits for a transaction in flight.
update counting.stream_offset
set epoch = epoch + 1, owner = $4
where consumer = $1 and topic = $2 and part = $3;

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

-- name: advance_and_find
-- The fence, and what is known of these events. The offsets' row locks are ours from here to the
-- end, and nobody else writes events of these partitions: had an earlier owner committed after this
-- statement's snapshot, the fence would not have let us through. The row without an id says how
-- many partitions moved.
with moved as (
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
    returning s.part
)

select null::bytea as event_id, count(*) as version, null::int as series, null::int as minute,
    null::bytea as incident_id
from moved
union all
select uuid_send(e.event_id), e.version, e.series, e.minute, uuid_send(e.incident_id)
from counting.event as e
where e.event_id = any($7::text::uuid []); -- as text: one parse instead of 20,000 parameters

-- name: amend
-- Newer versions of events that are known.
update counting.event as e
set
    version = given.version,
    series = given.series,
    minute = given.minute,
    incident_id = given.incident_id
from
    unnest($1::uuid [], $2::bigint [], $3::int [], $4::int [], $5::uuid [])
    as given (event_id, version, series, minute, incident_id)
where e.event_id = given.event_id;

-- name: lock_incidents
-- Take these incidents until the end, in one order for everybody, and say where they are counted.
-- Whoever comes second waits here, and its next statement sees what the first has written.
insert into counting.incident as i (incident_id)
select given.incident_id
from unnest($1::uuid []) as given (incident_id)
order by given.incident_id
on conflict (incident_id) do update set event_id = i.event_id
returning i.incident_id, i.event_id, i.series, i.minute;

-- name: earliest
-- The earliest live event of each incident; of two in one minute the one with the smaller id.
select distinct on (e.incident_id) e.incident_id, e.event_id, e.series, e.minute
from counting.event as e
where e.incident_id = any($1::uuid []) and e.series <> 0
order by e.incident_id, e.minute, e.event_id;

-- name: move_incidents
-- Where these incidents are counted from now on.
update counting.incident as i
set event_id = given.event_id, series = given.series, minute = given.minute
from
    unnest($1::uuid [], $2::uuid [], $3::int [], $4::int [])
    as given (incident_id, event_id, series, minute)
where i.incident_id = given.incident_id;

-- name: count
-- Add to the cells of all three tiers, and wake whoever waits for counts. Arrays come as text: to
-- parse them costs less than to send thousands of parameters.
with minutes as (
    insert into counting.change (series, minute, reports, incidents)
    select * from unnest($2::text::int [], $3::text::int [], $4::text::int [], $5::text::int [])
),

hours as (
    insert into counting.hour_cell as c (series, hour, lane, reports, incidents)
    select given.series, given.hour, $1::smallint, given.reports, given.incidents
    from
        unnest($6::text::int [], $7::text::int [], $8::text::int [], $9::text::int [])
        as given (series, hour, reports, incidents)
    on conflict (series, hour, lane) do update
    set reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents
),

days as (
    insert into counting.day_cell as c (series, day, lane, reports, incidents)
    select given.series, given.day, $1::smallint, given.reports, given.incidents
    from
        unnest($10::text::int [], $11::text::int [], $12::text::int [], $13::text::int [])
        as given (series, day, reports, incidents)
    on conflict (series, day, lane) do update
    set reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents
)

select pg_notify('lagesbild_counted', '');

-- name: bury
-- Records that can never be counted, in the same transaction as their offsets.
insert into counting.dead_letter (topic, part, source_offset, reason)
select $1, part, source_offset, reason
from unnest($2::int [], $3::bigint [], $4::text []) as given (part, source_offset, reason)
on conflict do nothing;

-- name: all_series
-- Every place that has a number.
select series, municipality, indicator, area from counting.series;

-- name: number_series
-- Give places a number, or say which they have. Committed at once: a number is never taken back.
with given as (
    select distinct municipality, indicator, area
    from unnest($1::text [], $2::text [], $3::text []) as g (municipality, indicator, area)
),

made as (
    insert into counting.series (municipality, indicator, area)
    select municipality, indicator, area from given order by municipality, indicator, area
    on conflict (municipality, indicator, area) do nothing
    returning series, municipality, indicator, area
)

select series, municipality, indicator, area from made
union all
select series, municipality, indicator, area
from counting.series
inner join given using (municipality, indicator, area);
