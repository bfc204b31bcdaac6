"""The linkers of all municipalities, in memory, kept up with what is stored."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.anonymizer import linkage_store as store
from services.anonymizer.domain.linking.cells import CELL, Cells
from services.anonymizer.domain.linking.decisions import Founder, Heard
from services.anonymizer.domain.linking.linker import Linker
from services.anonymizer.domain.linking.mark import KEPT_MS, Mark
from services.anonymizer.domain.linking.posterior import Posteriors
from services.anonymizer.domain.linking.rules import LinkingRules
from services.anonymizer.domain.linking.tokens import DayKeys, incident_id, opened, sealed
from shared.postgres import Connection

_DAY_MS: Final = 24 * 3600 * 1000
_EPOCH: Final = date(1970, 1, 1)
_COLUMNS: Final = ("actor", "slot", "indicator", "x", "y")


class DecisionsLostError(Exception):
    """The database has lost decisions that are remembered here."""


class _Known(NamedTuple):
    """A linker and the last decision that it knows of. Shape: `last` is its event and version."""

    linker: Linker
    seq: int
    last: Founder | None


class Linkers:
    """A linker for each municipality, and the keys that its tokens are sealed with."""

    def __init__(
        self,
        rules: Sequence[LinkingRules],
        posteriors: Posteriors,
        day_keys: DayKeys,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._rules = {one.municipality: one for one in rules}
        self._posteriors = posteriors
        self._day_keys = day_keys
        self._now = now
        self._current: dict[str, _Known] = {}
        self._undone: set[str] = set()

    async def current(self, connection: Connection, code: str, last_seq: int) -> Linker:
        """A municipality's linker, which knows all that was decided up to that decision.

        Raises:
            DecisionsLostError: the database does not have the last decision that was known, as one
                that took over without its last commits. All is forgotten and to be read anew.
        """
        known = self._current[code]
        rows = await store.decided_from(connection, code, known.seq)
        if known.last is not None:
            if not rows or (rows[0].event_id, rows[0].version) != known.last:
                del self._current[code]
                raise DecisionsLostError
            rows = rows[1:]
        if rows:
            self._learn(known.linker, rows)
            self._current[code] = _Known(
                known.linker, last_seq, (rows[-1].event_id, rows[-1].version)
            )
        return known.linker

    async def remember(self, connection: Connection, code: str) -> None:
        """Read all that is remembered of a municipality, if nothing is yet.

        Nobody is kept waiting meanwhile: what is decided after this look is heard of later. It is a
        day of reports, and to read it while others wait for their turn would let them give up.
        """
        if code in self._current:
            return
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            last_seq = await store.last_seq(connection, code)
            last = await store.decided_from(connection, code, last_seq)
            rows = await store.remembered(connection, code, self._now())
        linker = Linker(self._rules[code], self._posteriors, self._identified)
        self._learn(linker, rows, is_all=True)
        version = (last[0].event_id, last[0].version) if last else None
        self._current[code] = _Known(linker, last_seq, version)

    def _learn(
        self, linker: Linker, rows: Sequence[store.Remembered], *, is_all: bool = False
    ) -> None:
        if rows:
            heard, cells = self._heard(linker, rows)
            linker.learn(heard, cells, now_ms=self.now_ms(), is_all=is_all)

    def deciding(self, code: str) -> None:
        """What is remembered of the municipality runs ahead of what is stored, from now on."""
        self._undone.add(code)

    def decided(self, code: str, last_seq: int, last: Founder) -> None:
        """The municipality's linker has made decisions of its own, up to this one."""
        self._current[code] = _Known(self._current[code].linker, last_seq, last)

    def done(self) -> None:
        """What was decided is stored."""
        self._undone.clear()

    def forget_undone(self) -> None:
        """What was decided may not be stored: it is all read again when it is needed.

        Who only waited in vain for its turn has decided nothing and forgets nothing.
        """
        for code in self._undone:
            self._current.pop(code, None)
        self._undone.clear()

    def expire(self) -> None:
        """Forget what is 24 hours old of every municipality, also where no report comes."""
        for known in self._current.values():
            known.linker.forget(self.now_ms())

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return int(self._now().timestamp() * 1000)

    def markable(self, received_ms: Sequence[int]) -> NDArray[np.bool_]:
        """Of each instant of receipt, whether there can be a token: for 24 hours, with its key."""
        received = np.array(received_ms, np.int64)
        days = received // _DAY_MS
        there = [day for day in np.unique(days).tolist() if self._key_of(day) is not None]
        return np.isin(days, there) & (self.now_ms() - received < KEPT_MS)

    def tokens(self, marks: Sequence[Mark], cells: Cells) -> list[tuple[date, bytes]]:
        """The day and the token of each mark, all of one day in one call."""
        made: list[tuple[date, bytes]] = [(_EPOCH, b"")] * len(marks)
        days = np.array([one.received_ms for one in marks], np.int64) // _DAY_MS
        for number in np.unique(days).tolist():
            rows = np.flatnonzero(days == number)
            ids = [marks[row].event_id for row in rows.tolist()]
            some = sealed(cells[rows], ids, self._certain_key(number))
            day = _EPOCH + timedelta(days=number)
            for row, token in zip(rows.tolist(), some, strict=True):
                made[row] = day, token
        return made

    def _identified(self, founder: bytes, version: int, received_ms: int) -> bytes:
        return incident_id(founder, version, self._certain_key(received_ms // _DAY_MS))

    def _certain_key(self, day: int) -> bytes:
        key = self._key_of(day)
        if key is None:
            raise AssertionError("a mark is made only while the key of its day is there")
        return key

    def _key_of(self, day: int) -> bytes | None:
        return self._day_keys.key_of(_EPOCH + timedelta(days=day))

    def _heard(self, linker: Linker, rows: Sequence[store.Remembered]) -> tuple[list[Heard], Cells]:
        """Stored decisions as a linker takes them; a token that cannot be opened is none."""
        cells = np.zeros(len(rows), CELL)
        readable = np.zeros(len(rows), np.bool_)
        for day in {row.day for row in rows if row.day is not None}:
            key = self._day_keys.key_of(day)
            some = [at for at, row in enumerate(rows) if row.day == day]
            if key is not None:
                tokens, ids = (
                    [rows[at].token or b"" for at in some],
                    [rows[at].event_id for at in some],
                )
                cells[some], readable[some] = opened(tokens, ids, key)
        values = zip(*(cells[name].tolist() for name in _COLUMNS), strict=True)
        heard = [
            Heard(
                event_id=row.event_id,
                version=row.version,
                mark=_mark(linker, row, cell) if has_mark else None,
                incident=row.incident,
                founder=row.founder,
                opened_ms=row.opened_ms,
            )
            for row, cell, has_mark in zip(rows, values, readable.tolist(), strict=True)
        ]
        return heard, cells[readable]


def _mark(linker: Linker, row: store.Remembered, cell: tuple[int, ...]) -> Mark:
    actor, slot, indicator, x, y = cell
    return Mark(
        event_id=row.event_id,
        version=row.version,
        received_ms=row.received_ms,
        actor=actor,
        spot=(indicator, x, y),
        slot=slot,
        counted=linker.is_bounded(indicator) and not row.surplus,
        incident=row.incident,
    )
