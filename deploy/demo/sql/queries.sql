-- name: versions
-- Which version of these events the counts rest on.
select event_id, version
from counting.known_event
where event_id = any($1::uuid []);

-- name: states
-- What is counted of these events.
select event_id, version, live, indicator, area, occurred_at
from counting.known_event
where event_id = any($1::uuid []);

-- name: live_events
-- How many events count now.
select count(*) from counting.known_event where municipality = $1 and live;

-- name: cells
-- Every count that is not zero, in every tier.
select tier, indicator, bucket, area, reports
from counting.cell
where municipality = $1 and reports <> 0;
