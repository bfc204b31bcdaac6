-- name: set_audience
-- Whose clearance the row-level security applies until the transaction ends.
select
    set_config('lagesbild.municipality', $1, true),
    set_config('lagesbild.actor', $2, true)

-- name: window_counts
-- Sums per area, indicator and window over the segments, five parallel columns.
select area, indicator, in_window, reports
from counting.window_counts(
    $1, $2, $3::text [],
    $4::text [], $5::text [], $6::timestamptz [], $7::timestamptz [], $8::text []
)

-- name: append_audit
-- Link an entry to the municipality's audit chain; the last statement of its transaction.
select audit.append($1, $2, $3, $4::jsonb)
