-- name: key_holder
-- Who holds a key that is not revoked, by its fingerprint.
select municipality, actor, scope
from registry.api_key
where fingerprint = $1 and revoked_at is null;
