"""What each stage keeps and removes of a report, by field."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.anonymizer.domain.tripwire import Tripwire
from services.ingest.domain.errors import RowErrorCode
from services.tracing import walk as walking
from services.tracing.sealing import Sealed, sealed_and_opened
from services.tracing.stage import Name
from services.tracing.walk import walked
from services.tracing.writing import written
from shared.language import Language
from tests.unit.tracing.walking import (
    NOW,
    SECRETS,
    a_report,
    event_of,
    ground,
    question,
    stage,
    walk_of,
)


def test_the_fields_are_told_with_what_they_can_hold() -> None:
    fields = stage(walk_of(a_report()), Name.GIVEN).facts["fields"]
    assert {one["field"]: one["mark"] for one in fields} == {
        "id": "personal",
        "text": "personal",
        "extra": "personal",
        "indicator": "code",
        "occurred_at": "time",
        "location.lat": "place",
        "location.lon": "place",
    }


def test_ingest_drops_the_actors_own_id() -> None:
    ingest = stage(walk_of(a_report()), Name.INGEST)
    assert list(ingest.removed) == ["id"]
    assert set(ingest.kept) == {"text", "extra", "indicator", "occurred_at", "location"}


def test_nothing_can_be_read_of_the_sealed_report_and_it_opens_the_same() -> None:
    sealed = stage(walk_of(a_report()), Name.SEALED)
    assert sealed.facts["readable"] == []
    assert sealed.facts["opened_the_same"] is True
    assert len(sealed.facts["key_id"]) == 16
    clear = ["key-id", "data-key", "municipality", "actor", "schema"]
    assert sealed.facts["headers"] == clear
    assert sealed.facts["sealed_bytes"] == sealed.facts["plain_bytes"] + 12 + 16


def test_a_report_that_is_not_sealed_is_told_by_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    seal = sealed_and_opened

    def unsealed(*arguments: Any) -> Sealed:
        sealed = seal(*arguments)
        return Sealed(sealed.plain, sealed.headers, sealed.plain, is_the_same=True)

    monkeypatch.setattr(walking, "sealed_and_opened", unsealed)
    walk = walk_of(a_report())
    assert {"text", "extra"} <= set(stage(walk, Name.SEALED).facts["readable"])
    assert {one.of for one in walk.leaks} >= {"text", "extra"}
    assert not walk.ok


def test_free_text_and_extra_are_never_read() -> None:
    read = stage(walk_of(a_report()), Name.READ)
    assert list(read.facts["never_read"]) == ["received_at", "text", "extra"]
    assert list(read.removed) == ["received_at", "text", "extra"]
    assert "location" in read.kept


def test_the_place_becomes_an_area_and_goes() -> None:
    located = stage(walk_of(a_report()), Name.LOCATED)
    assert list(located.removed) == ["location"]
    assert (located.facts["method"], located.facts["confidence"]) == ("coordinates", "exact")
    assert located.facts["rest_area"] is False


@pytest.mark.parametrize(
    ("instant", "since"),
    [
        (
            datetime(2019, 6, 1, tzinfo=UTC),
            date(2020, 1, 1),
        ),  # the first stands for all time before
        (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), date(2020, 1, 1)),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_the_areas_are_those_of_the_stockholm_day(instant: datetime, since: date) -> None:
    divided = replace(ground(), starts=[date(2020, 1, 1), date(2026, 1, 1)])
    assert divided.day_of(instant) == since


def test_s2_keeps_the_hour_and_the_small_area() -> None:
    walk = walk_of(a_report())
    coarsened = stage(walk, Name.COARSENED)
    assert (coarsened.facts["class"], coarsened.facts["grain"]) == ("S2", "hour")
    assert coarsened.facts["grain_by"] == "class"
    assert list(coarsened.removed) == ["occurred_at"]
    assert (event_of(walk)["area"], event_of(walk)["occurred_at"]) == (
        "111",
        "2026-11-28T06:00:00Z",
    )


def test_s3_keeps_the_day_and_an_area_of_level_two() -> None:
    walk = walk_of(a_report(indicator="obstructing_justice"))
    coarsened = stage(walk, Name.COARSENED)
    assert (coarsened.facts["class"], coarsened.facts["grain"]) == ("S3", "day")
    assert list(coarsened.removed) == ["occurred_at", "area"]
    assert (event_of(walk)["area"], event_of(walk)["occurred_at"]) == ("11", "2026-11-27T23:00:00Z")
    assert walk.ok
    told = (stage(walk, Name.LOCATED), coarsened, stage(walk, Name.COUNTED))
    assert [one.name for one in told if "111" in str((one.facts, one.lines))] == []


def test_what_cannot_be_located_counts_in_the_rest_area_with_its_reason() -> None:
    walk = walk_of(a_report(location={"address": "Okändagatan 99999, Långtbortastad"}))
    located = stage(walk, Name.LOCATED)
    assert located.facts["rest_area"] is True
    assert located.facts["method"].startswith("rest_")
    assert stage(walk, Name.COARSENED).facts["area"] == event_of(walk)["area"] == "999"
    assert stage(walk, Name.LINKING).facts["tokens"] == 0
    assert walk.ok


def test_an_address_of_the_register_becomes_its_area() -> None:
    walk = walk_of(a_report(location={"address": "Askbacken 1, Björkängen"}))
    located = stage(walk, Name.LOCATED)
    assert (located.facts["method"], located.facts["rest_area"]) == ("address", False)
    assert stage(walk, Name.LINKING).facts["tokens"] == 1
    assert "Askbacken" not in written(walk, question())
    assert walk.ok


def test_a_nyko_code_finer_than_the_areas_leaves_shortened() -> None:
    walk = walk_of(a_report(location={"nyko": "1114567"}))
    assert event_of(walk)["area"] == "111"
    assert walk.ok


def test_a_withdrawal_leaves_with_id_version_and_municipality_alone() -> None:
    walk = walk_of(a_report(withdrawn=True, version=2, confirmed=False))
    assert set(stage(walk, Name.INGEST).kept) == {"withdrawn", "version"}
    assert {"text", "extra", "location", "occurred_at"} <= set(stage(walk, Name.INGEST).removed)
    assert set(event_of(walk)) == {"event_id", "version", "municipality", "live"}
    assert stage(walk, Name.COUNTED).facts["windows"] == {}
    assert walk.ok


def test_the_tripwire_is_shown_with_what_it_looked_at() -> None:
    tripwire = stage(walk_of(a_report()), Name.TRIPWIRE)
    assert tripwire.facts == {"looked_at": ["municipality", "indicator", "area"], "hits": []}


def test_a_dead_letter_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tripwire, "is_clean", lambda *_: False)
    walk = walk_of(a_report())
    assert walk.accepted
    assert walk.wire is None
    assert not walk.ok
    assert stage(walk, Name.READ).facts["dead_letter"] == "tripwire"
    assert not stage(walk, Name.LEAVING).reached


@pytest.mark.parametrize(
    ("indicator", "actor", "tokens", "linked", "bounded"),
    [
        ("robbery", "police", 1, True, True),
        ("arson", "police", 1, True, False),
        ("obstructing_justice", "police", 1, False, True),
    ],
)
def test_linking_remembers_by_class(
    indicator: str, actor: str, tokens: int, linked: bool, bounded: bool
) -> None:
    facts = stage(walk_of(a_report(indicator=indicator), actor=actor), Name.LINKING).facts
    assert (facts["tokens"], facts["linked"], facts["bounded"]) == (tokens, linked, bounded)
    assert (facts["token_hours"], facts["key_hours"]) == (24, 48)


def fates(**changes: Any) -> tuple[list[str], list[str], list[str]]:
    """Which given fields leave as given, coarser, and not at all."""
    leaving = stage(walk_of(a_report(**changes)), Name.LEAVING)
    return leaving.facts["as_given"], leaving.facts["coarser"], list(leaving.removed)


PERSONAL_FIELDS = ["id", "text", "extra"]
A_POINT = ["location.lat", "location.lon"]


def test_what_leaves_has_none_of_the_personal_fields() -> None:
    expected = (["indicator"], ["occurred_at"], [*PERSONAL_FIELDS, *A_POINT, "actor"])
    assert fates() == expected


def test_a_code_a_whole_minute_and_a_version_leave_as_they_are_and_it_is_told() -> None:
    given = {
        "indicator": "arson",  # S1, by the minute
        "occurred_at": "2026-11-28T07:42:00+01:00",
        "location": {"nyko": "111"},
        "version": 850412,
        "confirmed": False,
    }
    walk = walk_of(a_report(**given))
    event = {"area": "111", "occurred_at": "2026-11-28T06:42:00Z", "version": 850412}
    assert event_of(walk).items() >= event.items()
    leaving = stage(walk, Name.LEAVING)
    as_given = {"indicator", "occurred_at", "location.nyko", "version", "confirmed"}
    assert set(leaving.facts["as_given"]) == as_given
    assert leaving.facts["coarser"] == []
    assert list(leaving.removed) == [*PERSONAL_FIELDS, "actor"]
    assert list(stage(walk, Name.LOCATED).removed) == []
    assert "minute, the class, unchanged" in written(walk, question())
    assert "as given          indicator, occurred_at, location.nyko" in written(walk, question())


@pytest.mark.parametrize(
    ("changes", "coarser"),
    [
        ({"location": {"nyko": "1114567"}}, ["occurred_at", "location.nyko"]),
        (
            {"location": {"nyko": "111"}, "indicator": "obstructing_justice"},
            ["occurred_at", "location.nyko"],
        ),
        ({"location": {"nyko": "8884567"}}, ["occurred_at"]),
    ],
)
def test_a_code_that_leaves_shortened_is_coarser_and_an_unknown_one_is_gone(
    changes: dict[str, Any], coarser: list[str]
) -> None:
    as_given, coarse, removed = fates(**changes)
    assert (as_given, coarse) == (["indicator"], coarser)
    assert ("location.nyko" in removed) is ("location.nyko" not in coarser)


def test_of_a_withdrawal_the_version_and_that_it_is_one_leave() -> None:
    as_given, coarser, removed = fates(withdrawn=True, version=2, confirmed=False)
    assert (set(as_given), coarser) == ({"withdrawn", "version"}, [])
    assert {"indicator", "occurred_at", "confirmed", *A_POINT, *PERSONAL_FIELDS} <= set(removed)


def test_the_records_own_time_is_told_for_it_is_not_coarsened() -> None:
    leaving = stage(walk_of(a_report()), Name.LEAVING)
    assert leaving.facts["record"] == {"key": "event_id", "time": "received_at"}
    assert "received_at" not in leaving.removed


def test_windows_shorter_than_four_grains_are_not_offered() -> None:
    windows = stage(walk_of(a_report()), Name.COUNTED).facts["windows"]
    assert {name for name, counts in windows.items() if counts == "not_offered"} == {"15m", "1h"}
    assert windows["6h"] == windows["12mo"] == "now"


def test_windows_that_the_event_is_too_old_for() -> None:
    old = a_report(indicator="arson", occurred_at="2026-11-27T07:00:00+01:00")
    windows = stage(walk_of(old), Name.COUNTED).facts["windows"]
    assert windows == {
        **dict.fromkeys(("15m", "1h", "6h", "24h"), "no_more"),
        **dict.fromkeys(("7d", "30d", "12mo"), "now"),
    }


def test_audiences_by_clearance_and_level() -> None:
    facts = stage(walk_of(a_report(indicator="arson")), Name.COUNTED).facts
    assert facts["exact"] == {"police": [1, 2, 3], "fire": [1, 2, 3]}
    assert "housing" in facts["withheld"]
    s3 = stage(walk_of(a_report(indicator="obstructing_justice")), Name.COUNTED).facts
    assert s3["exact"] == {}
    assert s3["not_offered_levels"] == [3]


def test_every_error_of_a_bad_report_is_named_by_its_field() -> None:
    bad = {
        "id": "",
        "version": "Anna",
        "indicator": "fire_outdoors_public",
        "occurred_at": "igår hos Anna",
        "location": {"lat": 591.5, "lon": 17.1},
        "Anna Andersson": "850412-1234",
    }
    walk = walk_of(bad)
    errors = stage(walk, Name.INGEST).facts["errors"]
    assert {(one["field"], one["code"]) for one in errors} == {
        ("id", "empty"),
        ("version", "wrong_type"),
        ("indicator", "not_your_indicator"),
        ("occurred_at", "not_an_instant"),
        ("location.lat", "out_of_range"),
        ("", "unknown_field"),
    }
    assert all(one["message"] for one in errors)
    assert not walk.accepted
    assert [one.name for one in walk.stages if one.reached] == [Name.GIVEN, Name.INGEST]
    shown = written(walk, question()) + json.dumps(walk.as_json(), ensure_ascii=False)
    assert "Anna" not in shown
    assert "850412" not in shown


def test_a_row_that_ingest_cannot_read_is_refused_as_a_row() -> None:
    walk = walked(RowErrorCode.DUPLICATE_FIELD, question())
    (error,) = stage(walk, Name.INGEST).facts["errors"]
    assert (error["field"], error["code"]) == ("", "duplicate_field")


def test_the_horizon_is_ingests_own() -> None:
    walk = walk_of(a_report(), now=datetime(2028, 6, 1, tzinfo=UTC))
    (error,) = stage(walk, Name.INGEST).facts["errors"]
    assert error["code"] == "too_late"
    assert "400" in error["message"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("changes", [{}, {"version": 2, "withdrawn": True}, {"indicator": "?"}])
def test_by_default_no_value_is_shown(language: Language, changes: dict[str, Any]) -> None:
    asked = question(language=language)
    walk = walked(a_report(**changes), asked)
    shown = written(walk, asked) + json.dumps(walk.as_json(), ensure_ascii=False)
    assert [secret for secret in SECRETS if secret.casefold() in shown.casefold()] == []


def test_values_are_shown_in_stage_one_alone_and_cannot_move_the_cursor() -> None:
    asked = question(show_values=True)
    walk = walked(a_report(text="Anna\x1b[2J\u202eAndersson"), asked)
    shown = written(walk, asked)
    assert shown.count("\x1b") == shown.count("\u202e") == 0
    assert "Anna\\u001b[2J\\u202eAndersson" in shown
    assert "Anna" not in shown.partition("What ingest makes of it")[2]


def test_the_shape_of_the_json_is_the_same_whatever_happens() -> None:
    for report in (a_report(), a_report(indicator="?"), a_report(withdrawn=True, version=2)):
        found = walk_of(report, now=NOW).as_json()
        assert set(found) == {"accepted", "stages", "event", "leaks"}
        assert [one["stage"] for one in found["stages"]] == [name.value for name in Name]
        assert all({"kept", "removed", "reached", "number"} <= set(one) for one in found["stages"])
