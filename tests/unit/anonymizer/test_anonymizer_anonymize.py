"""What an event keeps of a report: codes, a coarse instant, an id; nothing else."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.municipality import municipality
from shared.errors import DeadReason
from shared.messages.codec import encode
from shared.messages.event import Event, Placement
from shared.messages.report import Location, Report
from shared.pack.model import Sensitivity
from tests.unit.anonymizer.builders import (
    CODE,
    EVENT_ID,
    NOON,
    OF_CLASS,
    STATISTIC,
    a_pack,
    a_report,
    a_withdrawal,
    an_anonymizer,
    opened,
    polygons,
)


@pytest.fixture(scope="module")
def anonymizer() -> Anonymizer:
    return an_anonymizer()


def one(anonymizer: Anonymizer, report: Report | bytes) -> Event | DeadReason:
    (outcome,) = anonymizer.anonymize([opened(report)])
    return outcome.event if isinstance(outcome, Anonymized) else outcome


def the_events(found: Iterable[Anonymized | DeadReason]) -> list[Event]:
    return [one.event for one in found if isinstance(one, Anonymized)]


def on_the_wire(reports: list[Opened]) -> list[bytes]:
    """The bytes that a fresh anonymizer makes of a batch without bad reports."""
    return [encode(event) for event in the_events(an_anonymizer().anonymize(reports))]


def test_a_report_becomes_an_event(anonymizer: Anonymizer) -> None:
    assert one(anonymizer, a_report(version=7, confirmed=False)) == Event(
        EVENT_ID,
        7,
        CODE,
        live=True,
        indicator="bin_fire",
        area="101",
        occurred_at=datetime(2026, 11, 23, 12, 34, tzinfo=UTC),
        confirmed=False,
        placement=Placement.COORDINATES,
    )


@pytest.mark.parametrize(
    ("sensitivity", "expected"),
    [
        (Sensitivity.S0, datetime(2026, 11, 23, 23, 34, tzinfo=UTC)),
        (Sensitivity.S1, datetime(2026, 11, 23, 23, 34, tzinfo=UTC)),
        (Sensitivity.S2, datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        (Sensitivity.S3, datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),  # the 24th in Stockholm
    ],
)
def test_the_instant_is_floored_to_the_grain_of_the_class(
    anonymizer: Anonymizer, sensitivity: Sensitivity, expected: datetime
) -> None:
    at = datetime(2026, 11, 23, 23, 34, 56, tzinfo=UTC)
    event = one(anonymizer, a_report(indicator=OF_CLASS[sensitivity], occurred_at=at))
    assert isinstance(event, Event)
    assert event.occurred_at == expected


def test_an_instant_with_another_offset_leaves_in_utc(anonymizer: Anonymizer) -> None:
    at = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert one(anonymizer, a_report(occurred_at=at)) == one(anonymizer, a_report())


def test_a_withdrawal_keeps_id_version_and_municipality_alone(anonymizer: Anonymizer) -> None:
    expected = Event(EVENT_ID, 3, CODE, live=False)
    assert one(anonymizer, a_withdrawal(version=3)) == expected
    assert one(anonymizer, a_report(version=3, withdrawn=True)) == expected
    assert one(anonymizer, a_report(version=3, withdrawn=True, indicator="unheard_of")) == expected


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (b"not json", DeadReason.NOT_A_REPORT),
        (a_report(version=0), DeadReason.NOT_A_REPORT),
        (a_report(indicator=None), DeadReason.NOT_A_REPORT),
        (a_report(occurred_at=None), DeadReason.NOT_A_REPORT),
        (a_report(occurred_at=NOON.replace(tzinfo=None)), DeadReason.NOT_A_REPORT),
        (
            a_report(occurred_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
            DeadReason.NOT_A_REPORT,
        ),
        (
            a_report(occurred_at=datetime(1, 1, 1, tzinfo=UTC), indicator="violence_at_home"),
            DeadReason.NOT_A_REPORT,
        ),
        (a_report(municipality="0180"), DeadReason.UNKNOWN_MUNICIPALITY),
        (a_withdrawal(municipality="0180"), DeadReason.UNKNOWN_MUNICIPALITY),
        (a_report(indicator="unheard_of"), DeadReason.UNKNOWN_INDICATOR),
        (a_report(indicator=STATISTIC), DeadReason.NOT_AN_EVENT),
    ],
    ids=range(11),
)
def test_what_can_never_be_an_event_has_a_reason(
    anonymizer: Anonymizer, report: Report | bytes, reason: DeadReason
) -> None:
    assert one(anonymizer, report) is reason


def test_a_reason_that_is_known_already_keeps_its_place(anonymizer: Anonymizer) -> None:
    good = opened(a_report())
    reports: list[Opened | DeadReason] = [
        DeadReason.NOT_SEALED,
        good,
        DeadReason.UNKNOWN_KEY,
        opened(b"{}"),
        good,
    ]
    event = one(anonymizer, a_report())
    found = anonymizer.anonymize(reports)
    assert [one.event if isinstance(one, Anonymized) else one for one in found] == [
        DeadReason.NOT_SEALED,
        event,
        DeadReason.UNKNOWN_KEY,
        DeadReason.NOT_A_REPORT,
        event,
    ]


def test_a_batch_of_several_municipalities_keeps_its_order() -> None:
    anonymizer = Anonymizer(
        [municipality(a_pack("0012"), polygons()), municipality(a_pack("0013"), polygons())]
    )
    batch = [
        opened(a_report(municipality=code, location=Location(nyko=area)), event_id=UUID(int=number))
        for number, (code, area) in enumerate(
            [("0013", "101"), ("0012", "102"), ("0013", "201"), ("0012", "202")]
        )
    ]
    events = the_events(anonymizer.anonymize(batch))
    assert [(event.event_id.int, event.municipality, event.area) for event in events] == [
        (0, "0013", "101"),
        (1, "0012", "102"),
        (2, "0013", "201"),
        (3, "0012", "202"),
    ]


def test_the_same_report_gives_the_same_bytes_alone_and_in_any_batch() -> None:
    reports = [
        opened(a_report(location=location), event_id=UUID(int=number))
        for number, location in enumerate(
            [
                Location(lat=59.05, lon=17.1),
                None,
                Location(nyko="201"),
                Location(e=156_000.0, n=6_548_000.0, crs=3006),
            ]
        )
    ]
    together = on_the_wire(reports)
    backwards = on_the_wire(reports[::-1])[::-1]
    alone = [one for report in reports for one in on_the_wire([report])]
    assert together == backwards == alone


def test_an_opened_report_never_shows_its_content() -> None:
    assert repr(Opened(EVENT_ID, b"Kalle")) == f"Opened({EVENT_ID})"


MARK = "KANARIE"
marked = st.text().map(lambda text: f"{MARK}{text}{MARK}")
nested = st.recursive(
    marked | st.none() | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(marked, inner, max_size=3),
    max_leaves=8,
)
FIELDS = {
    *("event_id", "version", "municipality", "live", "indicator"),
    *("area", "occurred_at", "confirmed", "placement"),
}
CODES = frozenset(OF_CLASS.values())


@settings(deadline=None)
@given(
    text=marked,
    extra=nested,
    actor=marked,
    own_id=marked,
    location=st.none()
    | st.fixed_dictionaries({}, optional={"address": marked, "property": marked, "object": marked})
    | st.fixed_dictionaries({"nyko": marked}, optional={"more": nested})
    | st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)}),
    more=st.dictionaries(marked, nested, max_size=3),
)
def test_nothing_leaves_but_the_fields_of_an_event(
    anonymizer: Anonymizer,
    *,
    text: str,
    extra: object,
    actor: str,
    own_id: str,
    location: dict[str, Any] | None,
    more: dict[str, object],
) -> None:
    report = more | {
        "municipality": CODE,
        "actor": actor,
        "id": own_id,
        "version": 1,
        "received_at": NOON.isoformat(),
        "indicator": "threats",
        "occurred_at": NOON.isoformat(),
        "location": location,
        "text": text,
        "extra": extra,
    }
    event = one(anonymizer, json.dumps(report).encode())
    assert isinstance(event, Event)
    wire = encode(event)
    assert MARK.encode() not in wire
    kept = json.loads(wire)
    assert set(kept) <= FIELDS
    assert kept["area"] in a_pack().leaf_codes
    assert kept["indicator"] in CODES
    assert kept["placement"] in tuple(Placement)
    assert kept["occurred_at"] == "2026-11-23T12:00:00Z"


@settings(deadline=None)
@given(indicator=marked, code=marked)
def test_an_unknown_code_is_rejected_and_never_passed_on(
    anonymizer: Anonymizer, indicator: str, code: str
) -> None:
    assert one(anonymizer, a_report(indicator=indicator)) is DeadReason.UNKNOWN_INDICATOR
    assert one(anonymizer, a_report(municipality=code)) is DeadReason.UNKNOWN_MUNICIPALITY
