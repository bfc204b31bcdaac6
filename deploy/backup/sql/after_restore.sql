-- What the restored rows say of a world that is not there any more. Run inside the transaction that
-- restores; `made_at` and `sha256` of the backup are settings of it.

-- Numbers of transactions are the old cluster's. Here they would lie in the future: no reader would
-- ever have seen these changes, and count them again at each look.
update counting.change set xact = '0' where xact >= pg_snapshot_xmin(pg_current_snapshot());
update counting.tier set settled = '0', remembered = '0', remembered_at = '1970-01-01Z';
-- Generations are counted by ones, so after a rebuild since the backup the next number is one that a
-- reader in memory may hold. Seconds since 2026 are more than all of them, and another each time.
update counting.generation
set
    generation = greatest(
        generation + 1,
        extract(epoch from clock_timestamp() - '2026-01-01Z'::timestamptz)::int
    ),
    made_at = now();

-- Whoever had a claim on the lost database may wake up yet. Milliseconds since 1970 are more than
-- all epochs and fences together that it can have given since the backup.
update counting.stream_offset
set
    epoch = greatest(epoch, (extract(epoch from clock_timestamp()) * 1000)::bigint),
    owner = 'restored';

-- A delivery's id is made of its number, so no number may be given twice. Since the backup each
-- subscription has been sent no more views than it has periods; an hour more, for clocks differ.
-- One that was waiting for its approval may have been approved and sent since.
insert into delivery.schedule (subscription, next_due_at, next_try_at)
select id, now(), null from delivery.subscription where state = 'requested'
on conflict do nothing;

update delivery.schedule as s
set
    last_seq = s.last_seq + 1 + ceil(
        (extract(epoch from clock_timestamp() - current_setting('lagesbild.made_at')::timestamptz)
            + 3600) / b.every_s
    )::bigint,
    next_try_at = case when s.next_try_at is not null then s.next_due_at end,
    open_seq = null,
    lease_owner = null,
    lease_until = null,
    fence = greatest(s.fence, (extract(epoch from clock_timestamp()) * 1000)::bigint)
from delivery.subscription as b
where b.id = s.subscription;

-- What waited for a retry then is old now, and may have arrived.
update delivery.delivery set state = 'folded', closed_at = now() where state = 'open';

-- In each chain, so that everybody sees where it was cut off.
select audit.append(
    code,
    'database_restored',
    null,
    jsonb_build_object(
        'made_at', current_setting('lagesbild.made_at'),
        'sha256', current_setting('lagesbild.sha256')
    )
)
from registry.municipality
order by code;

-- A dump has no statistics of the planner's.
analyze;
