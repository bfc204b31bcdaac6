-- name: set_audience
-- Whose clearance the row-level security applies until the transaction ends.
select
    set_config('lagesbild.municipality', $1, true),
    set_config('lagesbild.actor', $2, true)

-- name: append_audit
-- Link an entry to the municipality's audit chain; the last statement of its transaction.
select audit.append($1, $2, $3, $4::jsonb)
