"""Fill the registry from a pack: who may ask, and who is cleared for exact counts."""

from collections.abc import Iterable

import asyncpg

from shared.api_keys import ApiKeys, fingerprint
from shared.pack.model import Pack
from shared.postgres import queries


async def register(owner_dsn: str, pack: Pack, *, keys: ApiKeys) -> None:
    """Make the registry say what the pack says; one transaction, safe to repeat.

    A clearance that the pack no longer gives is gone at once, and a key that is not among `keys`
    is revoked: the registry never remembers a right longer than its source.
    """
    named = queries("deploy.schema", "register.sql")
    code = pack.code
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute(named["put_municipality"], code, pack.name)
            await connection.execute(named["put_actors"], code, sorted(pack.actors))
            await connection.execute(
                named["put_indicators"],
                code,
                list(pack.indicators),
                [one.sensitivity.value for one in pack.indicators.values()],
            )
            clearances = [
                (actor, sensitivity.value)
                for actor, cleared in pack.exact.items()
                for sensitivity in sorted(cleared)
            ]
            await connection.execute(named["drop_clearances"], code)
            await connection.execute(
                named["put_clearances"],
                code,
                [actor for actor, _ in clearances],
                [sensitivity for _, sensitivity in clearances],
            )
            rows = list(_key_rows(keys))
            prints = [fingerprint(key) for key, _, _ in rows]
            await connection.execute(named["revoke_other_keys"], code, prints)
            await connection.execute(
                named["put_keys"],
                code,
                prints,
                [actor for _, actor, _ in rows],
                [scope for _, _, scope in rows],
            )
    finally:
        await connection.close()


def _key_rows(keys: ApiKeys) -> Iterable[tuple[str, str | None, str]]:
    """Each key with its actor and scope; the owner's has no actor."""
    for actor, by_scope in keys.actors.items():
        for scope, key in by_scope.items():
            yield key, actor, scope
    yield keys.owner, None, "own"
