"""A row becomes a report, or hears every reason why not and none of its own values."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.errors import ROW_MESSAGES, RowError, RowErrorCode
from services.ingest.domain.given import FIELDS
from services.ingest.domain.parse import parsed
from services.ingest.domain.receipt import Receipt
from services.ingest.domain.validate import Accepted, Sender, validated
from shared.identity import event_id
from shared.language import Language
from shared.messages.codec import encode
from shared.messages.report import Location, Report
from tests.support.ingest_memory import MUNICIPALITY, NOW, SECRET, a_pack, a_row, a_sender

Code = RowErrorCode


def accepted(**changes: Any) -> Accepted:
    outcome = validated(a_row(**changes), sender=a_sender(), now=NOW)
    assert isinstance(outcome, Accepted), outcome
    return outcome


def errors(**changes: Any) -> list[tuple[str, Code]]:
    outcome = validated(a_row(**changes), sender=a_sender(), now=NOW)
    assert not isinstance(outcome, Accepted)
    return [(error.field, error.code) for error in outcome]


def test_a_good_row_becomes_a_report() -> None:
    outcome = accepted(
        version=3, confirmed=False, text="Kalle ringde", extra={"tal": 2**70, "å": ["ö", None]}
    )
    assert outcome.report == Report(
        municipality=MUNICIPALITY,
        actor="fire",
        version=3,
        received_at=NOW,
        indicator="bin_fire",
        occurred_at=datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
        confirmed=False,
        location=Location(lat=59.33, lon=18.07),
        text="Kalle ringde",
        extra=msgspec.Raw(b'{"tal":1180591620717411303424,"\xc3\xa5":["\xc3\xb6",null]}'),
    )
    assert json.loads(encode(outcome.report))["extra"] == {"tal": 2**70, "å": ["ö", None]}


def test_what_is_left_out_has_its_default() -> None:
    report = accepted(location=...).report
    assert (report.version, report.withdrawn, report.confirmed) == (1, False, True)
    assert (report.location, report.text, report.extra) == (None, None, msgspec.UNSET)


def test_null_is_nothing() -> None:
    assert accepted(location=None, text=None, extra=None) == accepted(location=...)


def test_the_event_id_is_that_of_municipality_actor_and_own_id() -> None:
    expected = event_id(SECRET, municipality=MUNICIPALITY, actor="fire", own_id="2026-17")
    assert accepted().event_id == expected
    assert accepted(version=2, text="other").event_id == expected
    assert accepted(id="2026-18").event_id != expected


def test_a_sender_does_not_show_the_secret() -> None:
    assert SECRET.decode() not in repr(a_sender())


def test_an_actor_that_the_pack_does_not_know_may_report_nothing() -> None:
    sender = Sender.of(a_pack(), "nobody", secret=SECRET, horizon=None)
    assert validated(a_row(), sender=sender, now=NOW) == (
        RowError("indicator", Code.NOT_YOUR_INDICATOR),
    )


@pytest.mark.parametrize(
    ("given", "location"),
    [
        ({"lat": -90, "lon": 180}, Location(lat=-90.0, lon=180.0)),
        (
            {"e": 674_032.5, "n": 6_580_822, "crs": 3006},
            Location(e=674_032.5, n=6_580_822.0, crs=3006),
        ),
        ({"e": 1, "n": 2, "crs": "EPSG:3011"}, Location(e=1.0, n=2.0, crs=3011)),
        ({"e": 1, "n": 2}, Location(e=1.0, n=2.0)),
        ({"nyko": "101"}, Location(nyko="101")),
        ({"address": "Storgatan 1"}, Location(address="Storgatan 1")),
        ({"property": "EXEMPELSTAD 1:1"}, Location(property="EXEMPELSTAD 1:1")),
        ({"object": "Torget"}, Location(object="Torget")),
    ],
)
def test_each_of_the_six_shapes_is_a_location(given: Any, location: Location) -> None:
    assert accepted(location=given).report.location == location


@pytest.mark.parametrize(
    "given",
    [
        "2026-11-23T13:30:00+01:00",
        "2026-11-23T12:30:00Z",
        "2026-11-23 12:30+00",
        "2026-11-23T12:30:00.000000000-0000",
        "2026-11-23T12:30:00,0Z",
    ],
)
def test_an_instant_of_any_offset_is_kept_in_utc(given: str) -> None:
    occurred_at = accepted(occurred_at=given).report.occurred_at
    assert occurred_at == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    assert occurred_at.tzinfo is UTC


def test_five_minutes_ahead_is_not_too_far() -> None:
    at = NOW + timedelta(minutes=5)
    assert accepted(occurred_at=at.isoformat()).report.occurred_at == at


@given(st.datetimes(datetime(2000, 1, 2), datetime(2026, 11, 22)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_an_instant_means_the_same_before_and_after(naive: datetime, minutes: int) -> None:
    local = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert accepted(occurred_at=local.isoformat()).report.occurred_at == local


def test_a_withdrawal_keeps_its_id_and_version_alone() -> None:
    outcome = accepted(
        version=2, withdrawn=True, indicator="theft", occurred_at="soon", text="Kalle", more=[]
    )
    assert outcome.report == Report(
        municipality=MUNICIPALITY, actor="fire", version=2, received_at=NOW, withdrawn=True
    )
    assert outcome.event_id == accepted().event_id


WRONG: list[tuple[dict[str, Any], list[tuple[str, Code]]]] = [
    ({"id": ...}, [("id", Code.MISSING)]),
    ({"id": 17}, [("id", Code.WRONG_TYPE)]),
    ({"id": None}, [("id", Code.WRONG_TYPE)]),
    ({"id": ""}, [("id", Code.EMPTY)]),
    ({"id": "x" * 201}, [("id", Code.TOO_LONG)]),
    ({"id": "a\x1fb"}, [("id", Code.BAD_CHARACTERS)]),
    ({"id": "a\x85b"}, [("id", Code.BAD_CHARACTERS)]),
    ({"id": "\ud800"}, [("id", Code.BAD_CHARACTERS)]),
    ({"version": 0}, [("version", Code.OUT_OF_RANGE)]),
    ({"version": 2**53 + 1}, [("version", Code.OUT_OF_RANGE)]),
    ({"version": 10**4000}, [("version", Code.OUT_OF_RANGE)]),
    ({"version": True}, [("version", Code.WRONG_TYPE)]),
    ({"version": "1"}, [("version", Code.WRONG_TYPE)]),
    ({"version": 1.0}, [("version", Code.WRONG_TYPE)]),
    ({"withdrawn": "yes"}, [("withdrawn", Code.WRONG_TYPE)]),
    ({"withdrawn": 1}, [("withdrawn", Code.WRONG_TYPE)]),
    ({"withdrawn": True}, [("version", Code.MISSING)]),
    ({"withdrawn": True, "version": 1}, [("version", Code.VERSION_TOO_LOW)]),
    ({"withdrawn": True, "version": 2, "id": ...}, [("id", Code.MISSING)]),
    ({"indicator": "no_such"}, [("indicator", Code.UNKNOWN_INDICATOR)]),
    ({"indicator": "\ud800"}, [("indicator", Code.UNKNOWN_INDICATOR)]),
    ({"indicator": "truancy"}, [("indicator", Code.NOT_AN_EVENT)]),
    ({"indicator": "theft"}, [("indicator", Code.NOT_YOUR_INDICATOR)]),
    ({"indicator": 1}, [("indicator", Code.WRONG_TYPE)]),
    ({"occurred_at": 1_763_900_000}, [("occurred_at", Code.WRONG_TYPE)]),
    ({"occurred_at": None}, [("occurred_at", Code.WRONG_TYPE)]),
    ({"occurred_at": "1763900000"}, [("occurred_at", Code.NOT_AN_INSTANT)]),
    ({"occurred_at": "2026-11-23"}, [("occurred_at", Code.NOT_AN_INSTANT)]),
    ({"occurred_at": "2026-W47-1T12:00Z"}, [("occurred_at", Code.NOT_AN_INSTANT)]),
    ({"occurred_at": "2026-02-30T12:00Z"}, [("occurred_at", Code.NOT_AN_INSTANT)]),
    ({"occurred_at": "2026-11-23T12:00:00+99:00"}, [("occurred_at", Code.NOT_AN_INSTANT)]),
    ({"occurred_at": "0001-01-01T00:00:00+01:00"}, [("occurred_at", Code.NOT_AN_INSTANT)]),
    ({"occurred_at": "2026-11-23T12:30:00"}, [("occurred_at", Code.NO_OFFSET)]),
    ({"occurred_at": "2026-11-23T12:39:57Z"}, [("occurred_at", Code.IN_THE_FUTURE)]),
    ({"occurred_at": "1999-12-31T23:59:59Z"}, [("occurred_at", Code.TOO_OLD)]),
    ({"confirmed": 1}, [("confirmed", Code.WRONG_TYPE)]),
    ({"confirmed": None}, [("confirmed", Code.WRONG_TYPE)]),
    ({"location": "here"}, [("location", Code.NOT_A_LOCATION)]),
    ({"location": {}}, [("location", Code.NOT_A_LOCATION)]),
    ({"location": []}, [("location", Code.NOT_A_LOCATION)]),
    ({"location": {"place": "here"}}, [("location", Code.NOT_A_LOCATION)]),
    ({"location": {"lat": 59, "lon": 18, "nyko": "1"}}, [("location", Code.NOT_A_LOCATION)]),
    ({"location": {"lat": 59, "more": 1}}, [("location", Code.NOT_A_LOCATION)]),
    ({"location": {"lat": 59}}, [("location.lon", Code.MISSING)]),
    (
        {"location": {"lat": 90.1, "lon": -181}},
        [("location.lat", Code.OUT_OF_RANGE), ("location.lon", Code.OUT_OF_RANGE)],
    ),
    (
        {"location": {"lat": "59", "lon": True}},
        [("location.lat", Code.WRONG_TYPE), ("location.lon", Code.WRONG_TYPE)],
    ),
    ({"location": {"e": 1}}, [("location.n", Code.MISSING)]),
    ({"location": {"e": 1e9, "n": 2, "crs": 3006}}, [("location.e", Code.OUT_OF_RANGE)]),
    ({"location": {"e": 1, "n": 2, "crs": 0}}, [("location.crs", Code.OUT_OF_RANGE)]),
    ({"location": {"e": 1, "n": 2, "crs": "SWEREF 99"}}, [("location.crs", Code.NOT_A_CRS)]),
    ({"location": {"e": 1, "n": 2, "crs": None}}, [("location.crs", Code.WRONG_TYPE)]),
    ({"location": {"nyko": 101}}, [("location.nyko", Code.WRONG_TYPE)]),
    ({"location": {"nyko": "1" * 13}}, [("location.nyko", Code.NOT_A_NYKO_CODE)]),
    ({"location": {"nyko": "١٠١"}}, [("location.nyko", Code.NOT_A_NYKO_CODE)]),
    ({"location": {"nyko": "101\n"}}, [("location.nyko", Code.NOT_A_NYKO_CODE)]),
    ({"location": {"address": ""}}, [("location.address", Code.EMPTY)]),
    ({"location": {"property": "x" * 301}}, [("location.property", Code.TOO_LONG)]),
    ({"location": {"object": "\udfff"}}, [("location.object", Code.BAD_CHARACTERS)]),
    ({"text": 1}, [("text", Code.WRONG_TYPE)]),
    ({"text": "x" * 20_001}, [("text", Code.TOO_LONG)]),
    ({"text": "\ud800"}, [("text", Code.BAD_CHARACTERS)]),
    ({"extra": "more"}, [("extra", Code.WRONG_TYPE)]),
    ({"extra": {"a": "x" * (64 << 10)}}, [("extra", Code.TOO_LONG)]),
    ({"extra": {"\ud800": [{"a": "\udc00"}]}}, [("extra", Code.BAD_CHARACTERS)]),
    ({"lat": 59}, [("", Code.UNKNOWN_FIELD)]),
    ({"191212121212": 1, "Kalle": 2}, [("", Code.UNKNOWN_FIELD)]),
    (
        {
            "id": 1,
            "version": 0,
            "indicator": "no_such",
            "occurred_at": "soon",
            "location": 1,
            "x": 1,
        },
        [
            ("id", Code.WRONG_TYPE),
            ("version", Code.OUT_OF_RANGE),
            ("indicator", Code.UNKNOWN_INDICATOR),
            ("occurred_at", Code.NOT_AN_INSTANT),
            ("location", Code.NOT_A_LOCATION),
            ("", Code.UNKNOWN_FIELD),
        ],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_row_hears_everything_that_is_wrong(
    changes: dict[str, Any], expected: list[tuple[str, Code]]
) -> None:
    assert errors(**changes) == expected


def test_the_cases_above_and_the_reading_of_rows_cover_every_code() -> None:
    of_reading = {
        Code.NOT_UTF8,
        Code.NOT_JSON,
        Code.NOT_AN_OBJECT,
        Code.DUPLICATE_FIELD,
        Code.BAD_NUMBER,
        Code.TOO_DEEP,
        Code.ROW_TOO_LARGE,
        Code.REST_UNREAD,
    }
    of_files = {Code.UNKNOWN_WORD, Code.NO_SUCH_HOUR}
    of_horizon = {Code.TOO_LATE}
    of_statistics = {
        Code.NOT_A_STATISTIC,
        Code.UNKNOWN_AREA,
        Code.NOT_A_PERIOD,
        Code.NOT_BEGUN,
        Code.OVER_DENOMINATOR,
    }
    of_rows = {code for _, found in WRONG for _, code in found}
    assert of_reading | of_files | of_horizon | of_statistics | of_rows == set(Code)


def test_every_code_has_a_message_in_both_languages() -> None:
    assert set(ROW_MESSAGES) == set(Code)
    assert len({text.sv for text in ROW_MESSAGES.values()}) == len(Code)
    assert len({text.en for text in ROW_MESSAGES.values()}) == len(Code)


MARK = "kanariefågel"
marks = st.recursive(
    st.just(MARK),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(st.sampled_from([MARK, "lat", "nyko"]), inner, min_size=1)
    ),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*sorted(FIELDS), MARK, f"{MARK}.2"]), marks, min_size=1))
def test_no_value_and_no_foreign_field_name_is_ever_told(changes: dict[str, Any]) -> None:
    receipt = Receipt()
    receipt.sort_out([{**a_row(), **changes}], sender=a_sender(), now=NOW)
    for language in Language:
        told = receipt.as_json(language).decode()
        assert MARK not in told
        assert "kanarie" not in told
        for row in json.loads(told)["rejected"]:
            for error in row["errors"]:
                assert all(name in FIELDS for name in error["field"].split(".") if name)


@given(
    st.dictionaries(
        st.sampled_from(sorted(FIELDS)),
        st.none()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
        | st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers() | st.text()),
    )
)
def test_any_json_object_gives_a_report_or_errors(changes: dict[str, Any]) -> None:
    row = parsed(json.dumps({**a_row(), **changes}).encode())
    assert isinstance(row, dict)
    outcome = validated(row, sender=a_sender(), now=NOW)
    if isinstance(outcome, Accepted):
        encode(outcome.report)
    else:
        assert outcome
