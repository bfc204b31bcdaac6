"""What an instance makes of the decisions of others: whether their incidents take more reports here.

An incident takes none as soon as one of its reports is not remembered, for only who remembers all of
them knows whose they are (decision 0026).
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from services.anonymizer.domain.linking.cells import CELL
from services.anonymizer.domain.linking.decisions import Decided, Heard, Sighting
from services.anonymizer.domain.linking.linker import Linker
from tests.unit.anonymizer.linking_builders import BEGAN_MS, HOUR_MS, Town, a_linker, seen

FIRE, POLICE = seen(1), seen(2, "police", received_ms=HOUR_MS)
AGAIN = [seen(1, version=2), seen(2, "police", version=2, received_ms=HOUR_MS)]
WITHDRAWN = [seen(1, version=2, live=False), seen(2, "police", version=2, live=False)]


class Elsewhere:
    """Another instance: it decides, and what it decided is told."""

    def __init__(self, *sightings: Sighting) -> None:
        town = Town()
        self._decided = [(one, town.tell(one)) for one in sightings]
        self.told = [_heard(one, decided) for one, decided in self._decided]

    def without_token(self, *places: int) -> "Elsewhere":
        """These of what is told have none: it is deleted, or its key is gone."""
        for at in places:
            self.told[at] = msgspec.structs.replace(self.told[at], mark=None)
        return self

    def to(self, linker: Linker, *, at_once: bool) -> Linker:
        """Let another one hear it, all at once or bit by bit."""
        for some in [self.told] if at_once else [[one] for one in self.told]:
            stored = _stored(some)
            linker.learn(stored, self._cells(stored), now_ms=BEGAN_MS + 2 * HOUR_MS)
        return linker

    def to_one_that_starts(self, *, hour: float = 2) -> Linker:
        """As the store tells it at the start: founders have their incident, and nobody names them."""
        joined = {one.founder: one for one in self.told if one.founder}
        whole = []
        for one in _stored(self.told):
            joiner = joined.get((one.event_id, one.version), one)
            mark = one.mark and msgspec.structs.replace(one.mark, incident=joiner.incident)
            whole.append(
                Heard(
                    one.event_id,
                    one.version,
                    mark,
                    joiner.incident,
                    None,
                    opened_ms=joiner.opened_ms,
                )
            )
        linker, now_ms = a_linker(), BEGAN_MS + int(hour * HOUR_MS)
        linker.learn(whole, self._cells(whole), now_ms=now_ms, is_all=True)
        return linker

    def _cells(self, told: Sequence[Heard]) -> np.ndarray:
        cells = {
            (one.event_id, one.anonymized.event.version): decided.cells[0]
            for one, decided in self._decided
            if len(decided.cells)
        }
        return np.array([cells[one.event_id, one.version] for one in told if one.mark], CELL)


def _heard(one: Sighting, decided: Decided) -> Heard:
    decision = decided.decisions[0]
    incident = decision.event.incident_id.bytes if decision.event.incident_id else None
    mark = decided.marks[0] if decided.marks else None
    return Heard(
        one.event_id,
        decision.event.version,
        mark and msgspec.structs.replace(mark, incident=incident, handle=-1),
        incident,
        decision.founder,
        opened_ms=decision.opened_ms,
    )


def _stored(told: Sequence[Heard]) -> list[Heard]:
    """As it is found in the store at one look: what was corrected has its token no more."""
    newest = {one.event_id: one.version for one in told}
    return [
        one if newest[one.event_id] == one.version else msgspec.structs.replace(one, mark=None)
        for one in told
    ]


def takes_more(linker: Linker, *, hour: float = 2) -> bool:
    """Whether a report of a third actor joins here."""
    third = seen(3, "guards", received_ms=int(hour * HOUR_MS))
    decided = linker.decide([third], {}, now_ms=third.received_ms)
    return decided.decisions[0].event.incident_id is not None


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "bit by bit"])
def test_an_incident_that_was_founded_elsewhere_takes_more(at_once: bool) -> None:
    assert takes_more(Elsewhere(FIRE, POLICE).to(a_linker(), at_once=at_once))


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "bit by bit"])
@pytest.mark.parametrize("which", [0, 1], ids=["founder", "joiner"])
def test_it_takes_no_more_if_one_of_its_reports_has_no_token(which: int, at_once: bool) -> None:
    other = Elsewhere(FIRE, POLICE).without_token(which)
    linker = other.to(a_linker(), at_once=at_once)
    assert not linker.marks.incidents.takes_more(_incident(other), BEGAN_MS)


def _incident(other: Elsewhere) -> bytes:
    (found,) = {one.incident for one in other.told if one.incident}
    return found


def test_it_takes_no_more_if_a_correction_of_it_has_no_token() -> None:
    other = Elsewhere(FIRE, POLICE, AGAIN[1]).without_token(2)
    linker = other.to(a_linker(), at_once=False)
    assert not linker.marks.incidents.takes_more(_incident(other), BEGAN_MS)


def test_it_takes_no_more_if_nobody_here_saw_it_begin() -> None:
    other = Elsewhere(FIRE, POLICE)
    del other.told[0]
    other.told[0] = msgspec.structs.replace(other.told[0], founder=None)
    assert not takes_more(other.to(a_linker(), at_once=True))


@pytest.mark.parametrize("which", [0, 1], ids=["founder", "joiner"])
def test_a_report_that_was_corrected_since_is_remembered_by_its_correction(which: int) -> None:
    assert takes_more(Elsewhere(FIRE, POLICE, AGAIN[which]).to(a_linker(), at_once=True))


@pytest.mark.parametrize("which", [0, 1], ids=["founder", "joiner"])
def test_a_report_that_left_since_closes_nothing(which: int) -> None:
    """Its actor may come again, for it has none in the incident any more."""
    other = Elsewhere(FIRE, POLICE, WITHDRAWN[which])
    assert takes_more(other.to(a_linker(), at_once=True))


def test_what_is_read_at_the_start_takes_more() -> None:
    assert takes_more(Elsewhere(FIRE, POLICE).to_one_that_starts())


@pytest.mark.parametrize("which", [0, 1], ids=["founder", "joiner"])
def test_what_is_read_at_the_start_takes_no_more_if_a_token_is_gone(which: int) -> None:
    assert not takes_more(Elsewhere(FIRE, POLICE).without_token(which).to_one_that_starts())


def test_what_is_read_at_the_start_takes_no_more_if_it_was_opened_24_hours_ago() -> None:
    """By receipt 24 hours are not over; by the clock they are, and older reports are not read."""
    late = seen(2, "police", received_ms=20 * HOUR_MS)
    moved = Elsewhere(FIRE, late)
    del moved.told[0]
    linker = moved.to_one_that_starts(hour=24)
    assert not linker.marks.incidents.takes_more(_incident(moved), BEGAN_MS + 23 * HOUR_MS)
