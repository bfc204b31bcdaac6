-- name: lost_reports
select
    event_id,
    received_at,
    noticed_at
from intake.lost_report
where
    municipality = $1
    and actor = $2
    and (received_at, event_id) < ($3::timestamptz, $4::uuid)
order by received_at desc, event_id desc
limit $5
