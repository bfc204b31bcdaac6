-- Events, exact cells and the consumer's offsets: everything one aggregator transaction writes.

-- Where each partition is read next, and by whom: `epoch` fences every earlier owner.
create table counting.stream_offset (
    consumer text collate "C" not null,
    topic text collate "C" not null,
    part int not null,
    next_offset bigint not null,
    log_id text collate "C" not null, -- the Kafka cluster whose offsets these are
    epoch bigint not null,
    owner text not null,
    claimed_at timestamptz not null default now(),
    primary key (consumer, topic, part)
);

-- The newest version of every event. A withdrawn one stays, so that a stale copy cannot revive it.
create table counting.event (
    event_id uuid primary key,
    version bigint not null check (version >= 1),
    municipality text collate "C" not null,
    live boolean not null,
    indicator text collate "C",
    area text collate "C",
    occurred_at timestamptz,
    confirmed boolean not null,
    placement text collate "C",
    source_part int not null,
    source_offset bigint not null,
    check (
        live = (
            indicator is not null
            and area is not null
            and occurred_at is not null
            and placement is not null
        )
    )
) with (fillfactor = 90);

-- Exact counts of live events per leaf area. One event is in one cell of each tier.
create table counting.cell (
    municipality text collate "C" not null,
    tier text collate "C" not null check (tier in ('minute', 'hour', 'day')),
    indicator text collate "C" not null,
    bucket timestamptz not null,
    area text collate "C" not null,
    reports bigint not null, -- no check: it would also judge the deltas of an upsert; audit does
    revision bigint not null,
    primary key (municipality, tier, indicator, bucket, area)
) with (fillfactor = 70);

create sequence counting.revision;

-- Records of the log that can never be counted; the log keeps their bytes.
create table counting.dead_letter (
    topic text collate "C" not null,
    part int not null,
    source_offset bigint not null,
    reason text collate "C" not null,
    found_at timestamptz not null default now(),
    primary key (topic, part, source_offset)
);

grant usage on schema counting to lagesbild_aggregator, lagesbild_delivery;
grant select, insert, update on counting.stream_offset to lagesbild_aggregator;
grant select, insert, update on counting.event to lagesbild_aggregator;
grant select, insert, update on counting.cell to lagesbild_aggregator;
grant select, insert on counting.dead_letter to lagesbild_aggregator;
grant usage on sequence counting.revision to lagesbild_aggregator;

-- Delivery reads cells only, and of those only what the asking actor is cleared for. With no
-- actor set it reads nothing.
grant select on counting.cell to lagesbild_delivery;
alter table counting.cell enable row level security;

create policy aggregator_counts on counting.cell
to lagesbild_aggregator
using (true) with check (true);

create policy delivery_reads_what_is_cleared on counting.cell
for select to lagesbild_delivery
using (
    municipality = current_setting('lagesbild.municipality', true)
    and indicator in (
        select i.indicator
        from registry.indicator as i
        inner join registry.clearance as c using (municipality, sensitivity)
        where
            c.municipality = current_setting('lagesbild.municipality', true)
            and c.actor = current_setting('lagesbild.actor', true)
    )
);

-- Sums of cells over segments of windows, per indicator and area prefix. The caller cuts windows
-- into segments by the one rule of shared/windows.py; each segment names its indicators' grain
-- group by listing the indicators it is for. Runs as the caller, so the policies above hold.
create function counting.window_counts(
    of_municipality text,
    prefix_length int,
    of_areas text [],
    segment_window text [],
    segment_tier text [],
    segment_start timestamptz [],
    segment_end timestamptz [],
    segment_indicator text []
) returns table (area text, indicator text, in_window text, reports bigint)
language sql stable security invoker
begin atomic
    select
        left(c.area, prefix_length) as area,
        c.indicator,
        s.in_window,
        sum(c.reports)::bigint as reports
    from
        unnest(segment_window, segment_tier, segment_start, segment_end, segment_indicator)
        as s (in_window, tier, starts, ends, indicator)
    inner join counting.cell as c
        on
            c.municipality = of_municipality
            and c.tier = s.tier
            and c.indicator = s.indicator
            and c.bucket >= s.starts
            and c.bucket < s.ends
    where of_areas is null or left(c.area, prefix_length) = any(of_areas)
    group by 1, 2, 3
    having sum(c.reports) <> 0;
end;

revoke all on function counting.window_counts from public;
grant execute on function counting.window_counts to lagesbild_delivery;
