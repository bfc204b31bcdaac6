-- How well each actor's reports were located (decision 0025): counts, no places. The anonymizer
-- writes, ingest reads them out to the actor itself.
create schema quality;

-- Up to where the reports of each partition are counted, so that a replay counts nothing twice.
create table quality.counted_to (
    consumer text collate "C" not null,
    topic text collate "C" not null,
    part int not null,
    next_offset bigint not null,
    log_id text collate "C" not null, -- the Kafka cluster whose offsets these are
    primary key (consumer, topic, part)
);

create table quality.located (
    municipality text collate "C" not null,
    actor text collate "C" not null,
    day date not null, -- in Stockholm, when ingest accepted the report
    method text collate "C" not null,
    confidence text collate "C" not null,
    reports bigint not null,
    primary key (municipality, actor, day, method, confidence)
);

grant usage on schema quality to lagesbild_anonymizer, lagesbild_ingest;
grant select, insert, update on quality.counted_to, quality.located to lagesbild_anonymizer;
grant select on quality.located to lagesbild_ingest;
