-- name: live_statistics
-- The figures that hold, of every area, so that it can be told which areas are missing; row-level
-- security leaves out what the audience is not cleared for.
select indicator, period, actor, area, numerator, denominator, standing_since
from counting.statistic
where
    municipality = $1
    and live
    and indicator = any($2::text [])
    and ($3::text [] is null or period = any($3::text []))
    and ($4::date is null or period_start >= $4::date)
    and ($5::date is null or period_start < $5::date)
