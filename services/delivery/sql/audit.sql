-- name: broken_chains
-- The first entry of each chain that is not what it was; asked by the owner only.
select municipality, seq from audit.first_broken() order by municipality;
