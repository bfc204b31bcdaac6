-- name: passed
-- How many records of a topic are behind the aggregator.
select coalesce(sum(next_offset), 0)::bigint
from counting.stream_offset
where topic = $1;

-- name: events
-- How many events count.
select count(*) from counting.event where live;
