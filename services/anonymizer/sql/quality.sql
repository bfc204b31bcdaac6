-- name: claim
-- Begin to count partitions that are new, or whose log is another one now.
insert into quality.counted_to as c (consumer, topic, part, next_offset, log_id)
select $1, $2, s.part, 0, $3
from unnest($4::int []) as s (part)
order by s.part
on conflict (consumer, topic, part) do update
set next_offset = 0, log_id = excluded.log_id
where c.log_id <> excluded.log_id;

-- name: standing
-- Up to where partitions are counted.
select part, next_offset
from quality.counted_to
where consumer = $1 and topic = $2 and part = any($3::int []);

-- name: count
-- Add the counts of a batch and move on, if every partition still stands where they begin;
-- otherwise nothing. One statement, so both or neither.
with step as (
    select part, from_offset, to_offset
    from unnest($3::int [], $4::bigint [], $5::bigint []) as s (part, from_offset, to_offset)
),

held as (
    select c.part
    from quality.counted_to as c
    inner join step as s on c.part = s.part and c.next_offset = s.from_offset
    where c.consumer = $1 and c.topic = $2 and c.log_id = $6
    order by c.part
    for update of c
),

whole as (
    select count(*) = cardinality($3::int []) as ok
    from held
),

moved as (
    update quality.counted_to as c
    set next_offset = s.to_offset
    from step as s
    where c.consumer = $1 and c.topic = $2 and c.part = s.part and (select ok from whole)
),

added as (
    insert into quality.located as l (municipality, actor, day, method, confidence, reports)
    select municipality, actor, day, method, confidence, reports
    from unnest($7::text [], $8::text [], $9::date [], $10::text [], $11::text [], $12::bigint [])
        as n (municipality, actor, day, method, confidence, reports)
    where (select ok from whole)
    order by 1, 2, 3, 4, 5
    on conflict (municipality, actor, day, method, confidence) do update
    set reports = l.reports + excluded.reports
)

select ok from whole;
