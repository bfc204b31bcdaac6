-- name: located
-- How an actor's reports were located, day by day.
select day, method, confidence, reports
from quality.located
where municipality = $1 and actor = $2 and day between $3 and $4
order by day, reports desc, method, confidence;
