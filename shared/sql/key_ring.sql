-- name: find_key
-- Whose key it is; a revoked key is nobody's.
select municipality, actor, scope
from registry.api_key
where fingerprint = $1 and revoked_at is null
