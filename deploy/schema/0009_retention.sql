-- What the rounds of retention remember between them (decision 0019). Changes are also the feed by
-- which readers follow in memory, so a change may be dropped only when everybody who follows has
-- had time to see it: `settled` is what was the oldest open transaction at an earlier round.
alter table counting.tier
add column remembered xid8 not null default '0',
add column remembered_at timestamptz not null default '1970-01-01Z';
