-- name: witness
-- A witness that the product knows nothing of: who moves a partition's offset, and whether it is
-- the owner whose claim is the newest. Every aggregator says who it is by its sessions' name,
-- which PostgreSQL cuts at 63 bytes. A sequence counts what it saw, also of what is rolled back,
-- so that a witness who was never asked is found out.
drop schema if exists chaos cascade;

create schema chaos;

create table chaos.overlap (
    part int not null,
    owner text not null,
    writer text not null,
    at timestamptz not null default clock_timestamp()
);

create sequence chaos.writes;

create function chaos.witness() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    if new.epoch = old.epoch then
        perform nextval('chaos.writes');
        if current_setting('application_name') <> left('lagesbild-aggregator/' || new.owner, 63) then
            insert into chaos.overlap (part, owner, writer)
            values (new.part, new.owner, current_setting('application_name'));
        end if;
    end if;
    return null;
end;
$$;

create trigger witness after update on counting.stream_offset
for each row when (new.next_offset is distinct from old.next_offset)
execute function chaos.witness();

-- name: overlaps
-- How often somebody else than the newest owner has moved a partition and committed.
select count(*) from chaos.overlap;

-- name: writes
-- How many moves the witness saw.
select case when is_called then last_value else 0 end from chaos.writes;

-- name: standing
-- How far counting has come, and who does it.
select part, next_offset, owner
from counting.stream_offset
where consumer = $1 and topic = $2;

-- name: cells
-- Every count that is not zero, in every tier.
select tier, indicator, bucket, area, reports, incidents
from counting.cell
where municipality = $1 and (reports <> 0 or incidents <> 0);

-- name: kept_from
-- The oldest bucket that each tier keeps.
select tier, kept_from from counting.tier;
