-- Reports that were accepted but could no longer be opened (decision 0022): whose they were and which,
-- never what stood in them. The anonymizer notes them, ingest tells their actor.
create schema intake;

create table intake.lost_report (
    municipality text collate "C" not null,
    actor text collate "C" not null,
    event_id uuid not null,
    received_at timestamptz not null,
    noticed_at timestamptz not null,
    primary key (municipality, actor, received_at, event_id)
);

grant usage on schema intake to lagesbild_anonymizer, lagesbild_ingest;
grant insert on intake.lost_report to lagesbild_anonymizer;
grant select on intake.lost_report to lagesbild_ingest;
