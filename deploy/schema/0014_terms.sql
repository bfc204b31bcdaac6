-- What is kept about an actor's reports has a term (decision 0029): a lost report is told for 90 days
-- after it was noticed, and how well reports were located is counted for 400, which is what
-- `GET /v1/quality` reads at the most. By the clock of the database. The anonymizer may have this done
-- and still delete nothing else. `pg_temp` comes last, or a caller's own types would come first.
create index lost_report_noticed on intake.lost_report (noticed_at);
create index located_day on quality.located (day);

create function intake.forget_lost_reports() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    delete from intake.lost_report where noticed_at < now() - interval '90 days';
$$;

create function quality.forget_located() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    delete from quality.located
    where day <= (now() at time zone 'Europe/Stockholm')::pg_catalog.date - 400;
$$;

revoke all on function intake.forget_lost_reports(), quality.forget_located() from public;
grant execute on function intake.forget_lost_reports(), quality.forget_located() to lagesbild_anonymizer;
