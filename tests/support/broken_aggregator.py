"""The aggregator with one guarantee taken away, for tests of those who must notice.

    python -m tests.support.broken_aggregator --without version_rule

It is the product's own program but for one patch. A patch that finds nothing to take away ends the
program: then the test of the test would test nothing.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import structs

from services.aggregator import app, store
from services.aggregator.domain.settle import Known
from services.aggregator.store import CountStore
from shared.http import run_service

SLOW_SECONDS = 0.5  # so that whoever is killed is often so there
ZOMBIE_SECONDS = 3.0  # so that whoever is frozen has nearly always a batch that it has not written

EPOCH = re.compile(r"\band\s+\w+\.epoch\s*=\s*\w+\.epoch")
PLACE = re.compile(r"\band\s+\w+\.next_offset\s*=\s*\w+\.from_offset")


def without_version_rule() -> None:
    """Whatever comes last holds, however old it is: nothing that is known has a version."""
    advance = CountStore._advance

    async def advance_and_forget(
        self: CountStore, connection: Any, prepared: Any
    ) -> dict[bytes, Known]:
        known = await advance(self, connection, prepared)
        return {event: structs.replace(one, version=0) for event, one in known.items()}

    CountStore._advance = advance_and_forget  # type: ignore[method-assign]


def without_fence() -> None:
    """Whoever ever claimed a partition may write on, from wherever; a zombie mostly has a batch."""
    _replace({EPOCH: "", PLACE: ""})
    write = CountStore.write_prepared

    async def write_slowly(self: CountStore, prepared: Any) -> Any:
        await asyncio.sleep(ZOMBIE_SECONDS)
        return await write(self, prepared)

    CountStore.write_prepared = write_slowly  # type: ignore[method-assign]


def without_transaction() -> None:
    """The offset is committed first, the counts later: a death between the two loses them."""
    advance = CountStore._advance

    async def advance_at_once(
        self: CountStore, _connection: Any, prepared: Any
    ) -> dict[bytes, Known]:
        async with self._pool.acquire() as other:
            known = await advance(self, other, prepared)
        await asyncio.sleep(SLOW_SECONDS)
        return known

    CountStore._advance = advance_at_once  # type: ignore[assignment,method-assign]


BROKEN: Mapping[str, Callable[[], None]] = {
    "version_rule": without_version_rule,
    "fence": without_fence,
    "transaction": without_transaction,
}


def _replace(patches: Mapping[re.Pattern[str], str]) -> None:
    """Let the store read its queries with these words replaced, each of which must be there."""
    queries = vars(store)["queries"]

    def patched(package: str, file: str = "queries.sql") -> MappingProxyType[str, str]:
        named = dict(queries(package, file))
        for pattern, words in patches.items():
            hits = {name for name, sql in named.items() if pattern.search(sql)}
            if not hits:
                raise AssertionError(f"nothing to take away: {pattern.pattern}")
            named |= {name: pattern.sub(words, named[name]) for name in hits}
        return MappingProxyType(named)

    vars(store)["queries"] = patched


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--without", choices=sorted(BROKEN), required=True)
    BROKEN[parser.parse_args().without]()
    sys.exit(run_service(app.run))
