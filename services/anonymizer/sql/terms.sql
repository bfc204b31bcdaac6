-- name: lost_reports
select intake.forget_lost_reports();

-- name: located
select quality.forget_located();
