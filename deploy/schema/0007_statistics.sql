-- Periodic figures: every version that was received, and the one of each key that holds.

-- The truth: each version once, the first in the log. What was corrected or taken back stays
-- readable here, with when it came; nobody but the aggregator and the owner reads it.
create table counting.statistic_version (
    municipality text collate "C" not null,
    actor text collate "C" not null,
    indicator text collate "C" not null,
    area text collate "C" not null,
    period text collate "C" not null,
    version bigint not null check (version >= 1),
    live boolean not null,
    numerator bigint check (numerator >= 0),
    denominator bigint check (denominator >= numerator),
    received_at timestamptz not null,
    source_part int not null,
    source_offset bigint not null,
    primary key (municipality, actor, indicator, area, period, version),
    check (live = (numerator is not null)),
    check (denominator is null or numerator is not null)
);

-- The highest version of each key, made anew from the table above whenever one is added to it.
-- A withdrawn one stays, not live. Areas are of any level; periods are Stockholm days.
create table counting.statistic (
    municipality text collate "C" not null,
    indicator text collate "C" not null,
    period text collate "C" not null,
    area text collate "C" not null,
    actor text collate "C" not null,
    period_start date not null,
    period_end date not null check (period_end > period_start),
    version bigint not null,
    live boolean not null,
    numerator bigint,
    denominator bigint,
    standing_since timestamptz not null, -- when these numbers came; a resend does not move it
    primary key (municipality, indicator, period, area, actor),
    check (live = (numerator is not null))
);

grant select, insert on counting.statistic_version to lagesbild_aggregator;
grant select, insert, update on counting.statistic to lagesbild_aggregator;

-- As with cells: delivery reads only what the asking actor is cleared for, and with no actor set
-- nothing.
grant select on counting.statistic to lagesbild_delivery;
alter table counting.statistic enable row level security;

create policy aggregator_keeps on counting.statistic
to lagesbild_aggregator
using (true) with check (true);

create policy delivery_reads_what_is_cleared on counting.statistic
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
