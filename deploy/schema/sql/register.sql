-- name: put_municipality
-- The municipality of a pack.
insert into registry.municipality (code, name) values ($1, $2)
on conflict (code) do update set name = excluded.name;

-- name: put_actors
-- The pack's actors; one that has left stays, for its history refers to it.
insert into registry.actor (municipality, actor)
select $1, actor from unnest($2::text []) as actor
on conflict do nothing;

-- name: put_indicators
-- The pack's catalogue with the class of each indicator.
insert into registry.indicator (municipality, indicator, sensitivity)
select $1, code, sensitivity from unnest($2::text [], $3::text []) as given (code, sensitivity)
on conflict (municipality, indicator) do update set sensitivity = excluded.sensitivity;

-- name: drop_clearances
-- Every clearance of the municipality, before the pack's own are written.
delete from registry.clearance where municipality = $1;

-- name: put_clearances
-- Who is cleared for exact counts of which class.
insert into registry.clearance (municipality, actor, sensitivity)
select $1, actor, sensitivity from unnest($2::text [], $3::text []) as given (actor, sensitivity);

-- name: revoke_other_keys
-- Every key of the municipality that is not in use any more.
update registry.api_key set revoked_at = now()
where municipality = $1 and revoked_at is null and not fingerprint = any($2::bytea []);

-- name: put_keys
-- The keys in use; a revoked one that is named again is in use again.
insert into registry.api_key (fingerprint, municipality, actor, scope)
select given.fingerprint, $1, given.actor, given.scope
from unnest($2::bytea [], $3::text [], $4::text []) as given (fingerprint, actor, scope)
on conflict (fingerprint) do update set revoked_at = null;
