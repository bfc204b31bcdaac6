-- name: passed
-- How many records of a topic are behind the aggregator.
select coalesce(sum(next_offset), 0)::bigint
from counting.stream_offset
where topic = $1;

-- name: events
-- How many events count.
select count(*) from counting.event where series <> 0;

-- name: rows
-- How many events are known, withdrawn ones too.
select count(*) from counting.event;

-- name: place_sums
-- Reports of each tier by indicator and area, over all time.
select tier, municipality, indicator, area, sum(reports)::bigint as reports
from counting.cell
group by tier, municipality, indicator, area;

-- name: bucket_sums
-- Reports of each tier by bucket, over all areas.
select tier, bucket, sum(reports)::bigint as reports
from counting.cell
group by tier, bucket;

-- name: checkpoint
-- What came before is on the disk, so that its writing does not disturb what is measured next.
checkpoint;

-- name: peer_sum
-- All that the peer has counted.
select coalesce(sum(reports), 0)::bigint from peer_quix.peer_cell;
