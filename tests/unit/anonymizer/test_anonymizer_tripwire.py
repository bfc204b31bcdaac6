"""A code like an identifier does not leave, whoever put it into the pack's place."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from services.anonymizer.domain import tripwire
from services.anonymizer.domain.anonymize import Anonymizer
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.municipality import municipality
from services.anonymizer.domain.tripwire import Tripwire, codes_of
from shared.errors import DeadReason
from shared.messages.event import Event, Placement
from shared.pack.model import Pack, Sensitivity
from tests.unit.anonymizer.builders import (
    NOON,
    a_pack,
    a_report,
    a_withdrawal,
    an_indicator,
    opened,
    polygons,
)

PERSON = "8803200016"
PHONE = "f_0701234567"


def an_event(
    area: str = "101", indicator: str = "bin_fire", town: str = "0012", at: datetime = NOON
) -> Event:
    return Event(UUID(int=1), 1, town, True, indicator, area, at, True, Placement.NYKO)


def the_pack() -> Pack:
    """A pack that `check-pack` would refuse, as if it had been forgotten there."""
    pack = a_pack()
    phone = an_indicator(PHONE, Sensitivity.S0)
    return replace(pack, indicators={**pack.indicators, PHONE: phone}, rest_code=PERSON)


@pytest.mark.parametrize(
    "event",
    [an_event(area=PERSON), an_event(indicator=PHONE), an_event(town=PERSON)],
    ids=["area", "indicator", "municipality"],
)
def test_no_code_of_an_event_may_look_like_an_identifier(event: Event) -> None:
    wire = Tripwire()
    assert wire.is_clean(codes_of(an_event()))
    assert not wire.is_clean(codes_of(event))
    assert not wire.is_clean(codes_of(event))  # also when it was looked at before


def test_a_report_whose_event_trips_the_wire_is_a_dead_letter_and_the_others_leave() -> None:
    anonymizer = Anonymizer([municipality(the_pack(), polygons())])
    reports = [
        a_report(),
        a_report(location=None),  # the rest area's code
        a_report(indicator=PHONE),
        a_withdrawal(),
    ]
    outcomes = anonymizer.anonymize([opened(report) for report in reports])
    assert [one if isinstance(one, DeadReason) else type(one) for one in outcomes] == [
        Anonymized,
        DeadReason.TRIPWIRE,
        DeadReason.TRIPWIRE,
        Anonymized,
    ]


def test_a_combination_of_codes_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def watched(code: str) -> frozenset[object]:
        looked_at.append(code)
        return frozenset()

    monkeypatch.setattr(tripwire, "kinds_in_code", watched)
    wire = Tripwire()
    for _ in range(1000):
        assert wire.is_clean(codes_of(an_event()))
    assert looked_at == ["0012", "bin_fire", "101"]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tripwire, "MOST_KEPT", 3)
    wire = Tripwire()
    for area in range(10):
        assert wire.is_clean(codes_of(an_event(area=f"10{area}")))
        assert len(wire._clean) <= 3
