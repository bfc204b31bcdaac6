"""The cells in memory: loaded on first use, followed by what changed, read as who asks now.

**What is held.** One copy per municipality and class of sensitivity. A copy is loaded and followed
under row-level security as an actor that is cleared for its class, at that moment; so nothing is in
memory that no asking actor may see. Being in memory opens nothing: in the transaction of each
reading the database says what the asking actor is cleared for now, and only that is summed. A
clearance that was taken back is without effect at the next reading.

**Exactly once.** Whatever changes a cell writes a row into `counting.change` in the same
transaction. A copy remembers the snapshot that it is of. To follow it asks in one statement for the
current snapshot and for the changes that the remembered one did not see. Numbers of transactions
are given when they begin to write, so a lower one may commit later than a higher one; "all that are
higher than the last" would lose it for ever. So the number decides nothing but where to begin to
look (the oldest that was open then), and visibility in the snapshot decides each row. A change is
visible in one snapshot and all later ones, hence it is added once and never twice. The statement
runs in read committed under the municipality's lock, so a later answer is of a later snapshot. The
snapshot is taken over together with the changes, without an await in between: a reading that is
cancelled has changed nothing. Loading happens in one repeatable-read transaction: of one snapshot.

**Anew.** A copy is thrown away if the tables are of another generation, if changes that it has not
seen may have been dropped (`settled`), if the database's snapshots went backwards, if the server has
begun another life (after a crash it may give numbers again that were seen as aborted), if the class
has other indicators, if it does not reach back far enough, and after any error of the database in a
transaction that read it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import asyncpg
import numpy as np

from services.delivery.domain.cells import TierCells
from services.delivery.domain.copy import REACH, Changes, Copy, Pictures, cells_of
from services.delivery.domain.places import Places, Series
from services.delivery.domain.view import Audience, Count, Key, Plan, WrittenView
from services.delivery.domain.writing import Writer
from services.delivery.store.columns import Columns, columns
from shared.buckets import first_from, number_of
from shared.errors import WorldError
from shared.pack.model import Sensitivity
from shared.postgres import DATABASE_AWAY, Connection, Pool, queries
from shared.windows import Tier

UNUSED_SECONDS = 3600.0
MOST_LOADS = 5  # for one reading; more would mean that the cells cannot be followed at all

Result = TypeVar("Result")
Classes = frozenset[Sensitivity]


class Unloaded(Exception):  # noqa: N818 - a fact about the mirror
    """The mirror lacks what the transaction needs: load it, then begin the transaction again."""

    def __init__(self, classes: Classes, audience: Audience, as_of: datetime) -> None:
        super().__init__("cells are not in memory")
        self.classes = classes
        self.audience = audience
        self.as_of = as_of


@dataclass(frozen=True, slots=True)
class _Told:
    """What the database told in one snapshot. Shape: `cleared` is indicator to class."""

    seen: str
    edition: str
    cleared: Mapping[str, Sensitivity]
    kept_from: Mapping[Tier, int]
    changes: Changes
    too_late: bool

    def of(self, sensitivity: Sensitivity) -> frozenset[str]:
        """The indicators of a class that the audience is cleared for."""
        return frozenset(code for code, one in self.cleared.items() if one is sensitivity)

    def can_follow(self, copy: Copy, sensitivity: Sensitivity) -> bool:
        """Whether the copy is right once the changes are added."""
        return (
            not self.too_late
            and copy.edition == self.edition
            and copy.indicators == self.of(sensitivity)
        )


@dataclass(slots=True)
class _Town:
    """The copies of one municipality. Unit: `asked_at` seconds of the monotonic clock."""

    copies: dict[Sensitivity, Copy] = field(default_factory=dict)
    loads: dict[Classes, asyncio.Task[None]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: float = 0.0


class Mirror:
    """Reads sums of cells inside the caller's transaction, from the copies in memory."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._towns: dict[str, _Town] = {}
        self._writer = Writer()
        self._sql = queries("services.delivery", "mirror.sql")

    @property
    def cells(self) -> int:
        """How many cells are held."""
        return sum(copy.cells for town in self._towns.values() for copy in town.copies.values())

    @property
    def held_bytes(self) -> int:
        """What they take in memory."""
        towns = self._towns.values()
        return sum(copy.held_bytes for town in towns for copy in town.copies.values())

    async def transaction(
        self, pool: Pool, work: Callable[[Connection], Awaitable[Result]], *, municipality: str
    ) -> Result:
        """Do `work`, which reads sums of a municipality, in a transaction.

        What it lacks is loaded in between; nobody holds a connection while waiting for that. After
        an error of the database the municipality's copies are gone, for nobody knows what it lost.

        Raises:
            WorldError: the cells change faster than they can be loaded.
        """
        for _ in range(MOST_LOADS):
            try:
                async with pool.acquire() as connection, connection.transaction():
                    return await work(connection)
            except Unloaded as lack:
                await self._loaded(pool, lack)
            except (asyncpg.PostgresError, *DATABASE_AWAY):
                if town := self._towns.get(municipality):
                    town.copies.clear()
                raise
        raise WorldError("the cells cannot be followed")

    async def view(self, connection: Connection, plan: Plan, audience: Audience) -> WrittenView:
        """The view of the plan: what is not zero, of what the audience is cleared for now.

        The audience holds for row-level security until the transaction ends.

        Raises:
            Unloaded: for `transaction`.
        """
        lengths = (plan.prefix_length,)
        pictures = await self.pictures(connection, plan, audience, prefix_lengths=lengths)
        return self._writer.view(plan, pictures)

    async def sums(
        self, connection: Connection, plan: Plan, audience: Audience
    ) -> list[tuple[Key, Count]]:
        """The sums of which a view is composed; see `view`."""
        length = plan.prefix_length
        pictures = await self.pictures(connection, plan, audience, prefix_lengths=(length,))
        return [
            cell
            for picture in pictures
            for cell in cells_of(picture.levels[length], picture.indicators, plan.areas)
        ]

    async def pictures(
        self,
        connection: Connection,
        plan: Plan,
        audience: Audience,
        *,
        prefix_lengths: Sequence[int],
    ) -> list[Pictures]:
        """The sums of all areas by class, to be cut; see `view`."""
        if not plan.offered:
            return []
        self._forget_unused()
        town = self._towns.setdefault(audience.municipality, _Town())
        town.asked_at = self._clock()
        await self._set_audience(connection, audience)
        async with town.lock:
            cleared = await self._followed(connection, town, plan, audience)
            return _pictures(town.copies, plan, cleared, prefix_lengths)

    async def _set_audience(self, connection: Connection, audience: Audience) -> None:
        await connection.fetchrow(self._sql["set_audience"], audience.municipality, audience.actor)

    def _forget_unused(self) -> None:
        before = self._clock() - UNUSED_SECONDS
        for code in [code for code, town in self._towns.items() if town.asked_at < before]:
            del self._towns[code]  # who reads just now has its own reference

    async def _followed(
        self, connection: Connection, town: _Town, plan: Plan, audience: Audience
    ) -> Mapping[str, Sensitivity]:
        """Bring every copy that the plan needs up to date; what the audience is cleared for."""
        now = {tier: number_of(plan.as_of, tier) for tier in Tier}
        needed = frozenset(plan.classes.values())
        followed: set[Sensitivity] = set()
        while True:
            waiting = [town.copies[one].seen for one in needed - followed if one in town.copies]
            told = await self._tell(connection, waiting[0] if waiting else None)
            followed |= await self._follow(connection, town, told, seen=waiting[:1])
            needed = frozenset(told.cleared[code] for code in plan.offered if code in told.cleared)
            missing = needed.difference(town.copies)
            if not missing and needed <= followed:
                break
            if missing:
                raise Unloaded(missing, audience, plan.as_of)
        for one in needed:
            town.copies[one].forget_before(now)
        short = frozenset(one for one in needed if not _reaches(town.copies[one], plan))
        if short:
            raise Unloaded(short, audience, plan.as_of)
        return told.cleared

    async def _tell(self, connection: Connection, seen: str | None) -> _Told:
        row = await connection.fetchrow(self._sql["changes"], seen)
        if row is None:
            raise AssertionError("aggregates have a row")
        return _told(row)

    async def _follow(
        self, connection: Connection, town: _Town, told: _Told, *, seen: Sequence[str]
    ) -> set[Sensitivity]:
        """Add what was told to the copies of that snapshot, or throw them away; which were added.

        All that the audience is cleared for are taken along, so that they stay of one snapshot.
        """
        group = {
            one: copy
            for one, copy in town.copies.items()
            if copy.seen in seen and one in told.cleared.values()
        }
        for one, copy in [*group.items()]:
            if not told.can_follow(copy, one):
                del group[one], town.copies[one]
        named = await self._named(connection, town, told) if group else []
        try:
            if named is not None:
                _add(group, told, named)
                return set(group)
        except Exception:
            _forget(town, group)
            raise
        _forget(town, group)  # a clearance was lost between the two statements
        return set()

    async def _named(self, connection: Connection, town: _Town, told: _Told) -> list[Series] | None:
        """What the series are about that are new to all copies; None: we may not know any more."""
        copies = town.copies.values()
        unknown = [
            one
            for one in np.unique(told.changes.series).tolist()
            if not any(one in copy.places.of for copy in copies)
        ]
        if not unknown:
            return []
        rows = await connection.fetch(self._sql["named_series"], unknown)
        return [Series(*row) for row in rows] if len(rows) == len(unknown) else None

    async def _loaded(self, pool: Pool, lack: Unloaded) -> None:
        """Wait for a load of these classes; whoever stops waiting does not stop the load."""
        town = self._towns.setdefault(lack.audience.municipality, _Town(asked_at=self._clock()))
        task = town.loads.get(lack.classes)
        if task is None:
            task = asyncio.create_task(self._load(pool, town, lack))
            town.loads[lack.classes] = task
            task.add_done_callback(lambda done: _ended(town, lack.classes, done))
        await asyncio.shield(task)

    async def _load(self, pool: Pool, town: _Town, lack: Unloaded) -> None:
        """Read the classes from the tables, as the audience, in one snapshot."""
        first = {tier: number_of(lack.as_of, tier) - REACH[tier] for tier in Tier}
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            audience = lack.audience
            await self._set_audience(connection, audience)
            told = await self._tell(connection, None)
            codes = [code for code, one in told.cleared.items() if one in lack.classes]
            rows = await connection.fetch(self._sql["series_of"], audience.municipality, codes)
            series = [Series(*row) for row in rows]
            numbers = [one.number for one in series]
            tables = {
                tier: await columns(connection, self._sql[f"load_{tier}"], first[tier], numbers)
                for tier in Tier
            }
        cleared = lack.classes.intersection(told.cleared.values())
        copies = await asyncio.to_thread(_copies, cleared, told, series, tables, first)
        async with town.lock:
            town.copies.update(copies)


def _forget(town: _Town, classes: Iterable[Sensitivity]) -> None:
    for one in [*classes]:
        town.copies.pop(one, None)


def _ended(town: _Town, classes: Classes, task: "asyncio.Task[None]") -> None:
    town.loads.pop(classes, None)
    if not task.cancelled():
        task.exception()  # whoever waits has it; nobody may wait any more


def _told(row: Mapping[str, Any]) -> _Told:
    kept = zip(row["tiers"], row["kept_from"], strict=True)
    counts = [np.array(row[name] or (), np.int64) for name in ("reports", "incidents")]
    return _Told(
        seen=row["seen"],
        edition=row["edition"],
        cleared={
            code: Sensitivity(one)
            for code, one in zip(row["indicators"], row["classes"], strict=True)
        },
        kept_from={Tier(tier): first_from(instant, Tier(tier)) for tier, instant in kept},
        changes=Changes(
            np.array(row["series"] or (), np.int64),
            np.array(row["minutes"] or (), np.int64),
            np.stack(counts),
        ),
        too_late=row["too_late"],
    )


def _add(group: Mapping[Sensitivity, Copy], told: _Told, named: Sequence[Series]) -> None:
    """Add changes and take the snapshot over, all at once."""
    for one, copy in group.items():
        copy.places.name(series for series in named if told.cleared.get(series.indicator) is one)
        changes = told.changes if len(told.changes.series) else None
        if changes:
            copy.add(changes.among(copy.places.of))
        copy.kept_from = told.kept_from
        copy.seen = told.seen


def _reaches(copy: Copy, plan: Plan) -> bool:
    return all(copy.reaches(cut) for cut in plan.cut.values())


def _pictures(
    copies: Mapping[Sensitivity, Copy],
    plan: Plan,
    cleared: Mapping[str, Sensitivity],
    prefix_lengths: Sequence[int],
) -> list[Pictures]:
    """The sums by class. The grain of an indicator is the pack's, the copy the database's."""
    codes: dict[tuple[Sensitivity, Tier], list[str]] = {}
    for code in plan.offered:
        if code in cleared:
            codes.setdefault((cleared[code], plan.grains[code]), []).append(code)
    return [
        Pictures(
            tuple(of),
            copies[one].sums(plan.cut[grain], grain=grain, prefix_lengths=prefix_lengths),
        )
        for (one, grain), of in codes.items()
    ]


def _copies(
    classes: Collection[Sensitivity],
    told: _Told,
    series: Sequence[Series],
    tables: Mapping[Tier, Columns],
    first: Mapping[Tier, int],
) -> dict[Sensitivity, Copy]:
    """The copies of these classes, as they were loaded."""
    made: dict[Sensitivity, Copy] = {}
    for one in classes:
        places = Places()
        places.name(each for each in series if told.cleared[each.indicator] is one)
        made[one] = Copy(
            seen=told.seen,
            edition=told.edition,
            indicators=told.of(one),
            places=places,
            tiers={tier: _tier_cells(table, places, first[tier]) for tier, table in tables.items()},
            kept_from=told.kept_from,
        )
    return made


def _tier_cells(table: Columns, places: Places, held_from: int) -> TierCells:
    known = np.isin(table.series, np.fromiter(places.of, np.int64, len(places)))
    return TierCells(
        table.buckets[known],
        places.numbered(table.series[known]),
        table.counts[:, known],
        held_from=held_from,
    )
