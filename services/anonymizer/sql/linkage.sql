-- name: meet
insert into linkage.municipality (code) select unnest($1::text []) on conflict do nothing;

-- name: hold
-- Nobody else decides for these municipalities until the transaction ends; in one order for all.
select code, last_seq from linkage.municipality where code = any($1::text []) order by code for update;

-- name: last_seq
select last_seq from linkage.municipality where code = $1;

-- name: advance
update linkage.municipality as m
set last_seq = step.last_seq
from unnest($1::text [], $2::bigint []) as step (code, last_seq)
where m.code = step.code;

-- name: known
-- Every version of these events that was decided; an incident also if a later report brought it. The
-- limit says what the index says too, that there is one at the most: so each is looked up by itself.
select
    uuid_send(d.event_id) as event_id, d.version, d.part, d.event,
    uuid_send(d.founder_id) as founder_id, d.founder_version,
    uuid_send(coalesce(d.incident_id, j.incident_id)) as incident_id,
    d.placed, coalesce(d.opened_ms, j.opened_ms) as opened_ms
from linkage.decision as d
left join lateral (
    select l.incident_id, l.opened_ms
    from linkage.decision as l
    where l.founder_id = d.event_id and l.founder_version = d.version
    limit 1
) as j on true
where d.event_id = any($1::text::uuid [])
order by d.event_id, d.version;

-- name: founders
select uuid_send(d.event_id) as event_id, d.version, d.part, d.event
from linkage.decision as d
inner join unnest($1::text::uuid [], $2::bigint []) as f (event_id, version) using (event_id, version);

-- name: remembered
-- At the start: every report whose token lives, in the order in which they were decided. An incident
-- that can be joined was opened in the last 24 hours, so two days tell who of it was received first,
-- and which of its reports have no token though they did not leave it: these come, too.
with joined as (
    select incident_id, event_id, version, founder_id, founder_version, opened_ms
    from linkage.decision
    where
        municipality = $1 and incident_id is not null
        and received_ms > (extract(epoch from $2::timestamptz) * 1000)::bigint - 172800000
),

opened as (select incident_id, min(opened_ms) as opened_ms from joined group by incident_id),

members as (
    select incident_id, event_id, version from joined
    union
    select incident_id, founder_id, founder_version from joined where founder_id is not null
)

select
    d.seq, uuid_send(t.event_id) as event_id, t.version, t.day, t.token, d.received_ms, d.surplus,
    uuid_send(coalesce(d.incident_id, j.incident_id)) as incident_id,
    null::bytea as founder_id, null::bigint as founder_version,
    least(d.opened_ms, j.opened_ms, o.opened_ms) as opened_ms
from linkage.token as t
inner join linkage.decision as d using (event_id, version)
left join linkage.decision as j on j.founder_id = d.event_id and j.founder_version = d.version
left join opened as o on o.incident_id = coalesce(d.incident_id, j.incident_id)
where t.municipality = $1 and t.expires_at > $2
union all
select
    null, uuid_send(m.event_id), m.version, null, null, 0, false,
    uuid_send(m.incident_id), null, null, null
from members as m
where
    not exists (
        select from linkage.token as t
        where t.event_id = m.event_id and t.version = m.version and t.expires_at > $2
    )
    and not exists (
        select from linkage.decision as h where h.event_id = m.event_id and h.version > m.version
    )
order by seq;

-- name: decided_from
-- The last decision that we know of, and what others decided since; without a token: withdrawn, or of no known place.
select
    uuid_send(d.event_id) as event_id, d.version, t.day, t.token, d.received_ms, d.surplus,
    uuid_send(d.incident_id) as incident_id,
    uuid_send(d.founder_id) as founder_id, d.founder_version, d.opened_ms
from linkage.decision as d
left join linkage.token as t using (event_id, version)
where d.municipality = $1 and d.seq >= $2
order by d.seq;

-- name: free
delete from linkage.token as t
using unnest($1::text::uuid [], $2::bigint []) as f (event_id, version)
where t.event_id = f.event_id and t.version = f.version;

-- name: forget_tokens
delete from linkage.token where expires_at <= $1;

-- name: forget_decisions
-- So long before the newest one, not before now: a clock that is ahead must not delete them all.
delete from linkage.decision
where
    received_ms < (
        select max(d.received_ms)
        from linkage.municipality as m
        inner join linkage.decision as d on d.municipality = m.code and d.seq = m.last_seq
    ) - $1::bigint;
