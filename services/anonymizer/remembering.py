"""The linkers of all municipalities, in memory, kept up with what is stored."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.anonymizer import linkage_store as store
from services.anonymizer.domain.linking.cells import CELL, Cells
from services.anonymizer.domain.linking.linker import Heard, Linker
from services.anonymizer.domain.linking.marks import KEPT_MS, Mark
from services.anonymizer.domain.linking.posterior import Posteriors
from services.anonymizer.domain.linking.rules import LinkingRules
from services.anonymizer.domain.linking.tokens import DayKeys, incident_id, opened, sealed
from shared.postgres import Connection

_DAY_MS: Final = 24 * 3600 * 1000
_EPOCH: Final = date(1970, 1, 1)
_COLUMNS: Final = ("actor", "slot", "indicator", "x", "y")


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
        self._current: dict[str, tuple[Linker, int]] = {}

    async def current(self, connection: Connection, code: str, last_seq: int) -> Linker:
        """A municipality's linker, which knows all that was decided up to that decision."""
        linker, seen = self._current.get(code, (None, -1))
        rows: Sequence[store.Remembered] = ()
        if linker is None:
            linker = Linker(self._rules[code], self._posteriors, self._identified)
            rows = await store.remembered(connection, code, self._now())
        elif seen < last_seq:
            rows = await store.decided_since(connection, code, seen)
        if rows:
            heard, cells = self._heard(linker, rows)
            linker.learn(heard, cells, now_ms=self.now_ms())
        self._current[code] = linker, last_seq
        return linker

    def decided(self, code: str, last_seq: int) -> None:
        """The municipality's linker has made decisions of its own, up to this one."""
        self._current[code] = self._current[code][0], last_seq

    def forget(self, code: str) -> None:
        """What is remembered may be ahead of what is stored: it is read again when it is needed."""
        self._current.pop(code, None)

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
