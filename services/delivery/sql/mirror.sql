-- name: set_audience
-- Whose clearance the row-level security applies until the transaction ends. What follows is planned
-- once for each session, not at each asking, which took longer than to answer.
select
    set_config('lagesbild.municipality', $1, true),
    set_config('lagesbild.actor', $2, true),
    set_config('plan_cache_mode', 'force_generic_plan', true)

-- name: changes
-- What became visible since a snapshot, and everything that says whether it can be followed: in one
-- statement, so of one snapshot. The order of numbers says nothing, for a lower transaction may
-- commit later; whether the older snapshot saw it does. Without an older snapshot: no changes.
-- A plan for any snapshot expects a third of all changes, and would first collect the number of every
-- series that is cleared. There are a few: so it is told by an upper bound, which all that is visible
-- lies below, and by two equations that always hold and that no planner can estimate.
with changed as (
    select
        array_agg(c.series) as series,
        array_agg(c.minute) as minutes,
        array_agg(c.reports) as reports,
        array_agg(c.incidents) as incidents
    from counting.change as c
    where
        c.xact >= pg_snapshot_xmin($1::text::pg_snapshot)
        and c.xact < pg_snapshot_xmax(pg_current_snapshot())
        and c.reports - c.reports = 0
        and c.incidents - c.incidents = 0
        and not pg_visible_in_snapshot(c.xact, $1::text::pg_snapshot)
),

cleared as (
    select
        array_agg(i.indicator) as indicators,
        array_agg(i.sensitivity) as classes
    from registry.indicator as i
    inner join registry.clearance as r using (municipality, sensitivity)
    where
        r.municipality = current_setting('lagesbild.municipality')
        and r.actor = current_setting('lagesbild.actor')
),

kept as (
    select
        array_agg(t.tier) as tiers,
        array_agg(t.kept_from) as kept_from,
        max(t.settled) as settled
    from counting.tier as t
)

select
    changed.*,
    coalesce(cleared.indicators, '{}') as indicators,
    coalesce(cleared.classes, '{}') as classes,
    kept.tiers,
    kept.kept_from,
    -- Which tables on which life of the server. After every crash, of the server or of one process
    -- that takes all down, it begins the statistics of its log anew, and may give numbers of
    -- transactions again.
    concat_ws(
        ' ',
        g.generation,
        extract(epoch from pg_postmaster_start_time()),
        extract(epoch from w.stats_reset)
    ) as edition,
    pg_current_snapshot()::text as seen,
    coalesce(
        kept.settled > pg_snapshot_xmin($1::text::pg_snapshot)
        or pg_snapshot_xmax(pg_current_snapshot()) < pg_snapshot_xmax($1::text::pg_snapshot),
        false
    ) as too_late
from changed, cleared, kept, counting.generation as g, pg_stat_wal as w;

-- name: named_series
-- What series are about.
select series, indicator, area from counting.series where series = any($1::int []);

-- name: series_of
-- Every series of these indicators.
select series, indicator, area
from counting.series
where municipality = $1 and indicator = any($2::text []);

-- name: load_minute
-- The changes of these series from a minute on.
select minute, series, reports, incidents
from counting.change
where minute >= $1 and series = any($2::int [])

-- name: load_hour
-- The cells of these series from an hour on.
select hour, series, reports, incidents
from counting.hour_cell
where hour >= $1 and series = any($2::int [])

-- name: load_day
-- The cells of these series from a Stockholm day on.
select day, series, reports, incidents
from counting.day_cell
where day >= $1 and series = any($2::int [])
