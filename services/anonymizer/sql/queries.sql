-- name: note_lost
insert into intake.lost_report (municipality, actor, event_id, received_at, noticed_at)
select
    one.municipality,
    one.actor,
    one.event_id,
    one.received_at,
    $5
from
    unnest($1::text [], $2::text [], $3::uuid [], $4::timestamptz [])
        as one (municipality, actor, event_id, received_at)
on conflict do nothing
