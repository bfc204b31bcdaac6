-- name: try_lock
-- Whether this session is the one that works now; it is free again when the session is given back.
select pg_try_advisory_lock($1);

-- name: unlock
-- Let another one work.
select pg_advisory_unlock($1);

-- name: keep_from
-- From now on nobody reads what lies before. Never backwards: what was dropped does not come back.
update counting.tier as t
set kept_from = given.kept_from
from unnest($1::text [], $2::timestamptz []) as given (tier, kept_from)
where t.tier = given.tier and t.kept_from < given.kept_from;

-- name: settle
-- Changes of transactions that were over at the round before this one, at least $1 seconds ago, may
-- be dropped: whoever has not looked since reads everything anew.
update counting.tier
set
    settled = greatest(settled, remembered),
    remembered = pg_snapshot_xmin(pg_current_snapshot()),
    remembered_at = now()
where tier = 'minute' and remembered_at <= now() - $1::float8 * interval '1 second';

-- name: change_blocks
-- How many blocks the log of changes has. By name at every call: a rebuild puts another in place, and
-- the size of one that went at this moment is null.
select
    coalesce(pg_relation_size(to_regclass('counting.change')), 0)
    / current_setting('block_size')::bigint;

-- name: drop_changes
-- The old changes in the blocks from $1 up to $2. By blocks and not by the index on minutes: room
-- that was freed is used again, so an index of ranges soon finds something old everywhere.
delete from counting.change
where
    ctid >= ('(' || $1::bigint || ',0)')::tid
    and ctid < ('(' || $2::bigint || ',0)')::tid
    and minute < (
        select extract(epoch from kept_from) / 60 from counting.tier where tier = 'minute'
    )::int
    and xact < (select settled from counting.tier where tier = 'minute');

-- name: drop_hours
-- Up to $1 old hours. One that is being counted in just now is left to the next round: nobody who
-- counts waits in a circle with us.
with old as materialized (
    select series, hour, lane
    from counting.hour_cell
    where
        hour < (
            select extract(epoch from kept_from) / 3600 from counting.tier where tier = 'hour'
        )::int
    limit $1
    for update skip locked
)

delete from counting.hour_cell as c
using old
where c.series = old.series and c.hour = old.hour and c.lane = old.lane;

-- name: drop_days
-- Up to $1 old Stockholm days, likewise.
with old as materialized (
    select series, day, lane
    from counting.day_cell
    where
        day < (
            select (kept_from at time zone 'Europe/Stockholm')::date - '1970-01-01'::date
            from counting.tier
            where tier = 'day'
        )
    limit $1
    for update skip locked
)

delete from counting.day_cell as c
using old
where c.series = old.series and c.day = old.day and c.lane = old.lane;
