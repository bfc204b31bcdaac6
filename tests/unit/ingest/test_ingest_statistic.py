"""A row becomes a statistic, or hears every reason why not and none of its own values."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.ingest.domain.errors import ROW_MESSAGES, RowErrorCode
from services.ingest.domain.statistic import StatisticSender, validated_statistic
from shared.language import Language
from shared.messages.statistic import Statistic
from tests.support.ingest_memory import NOW, a_pack, a_statistic_row

Code = RowErrorCode
SENDER = StatisticSender.of(a_pack(), "fire")


def outcome(*, now: datetime = NOW, **changes: Any) -> Statistic | tuple[Any, ...]:
    return validated_statistic(a_statistic_row(**changes), sender=SENDER, now=now)


def accepted(**changes: Any) -> Statistic:
    found = outcome(**changes)
    assert isinstance(found, Statistic), found
    return found


def errors(**changes: Any) -> list[tuple[str, Code]]:
    found = outcome(**changes)
    assert not isinstance(found, Statistic)
    return [(error.field, error.code) for error in found]


def test_a_good_row_becomes_a_statistic() -> None:
    assert accepted(version=7) == Statistic(
        municipality="9998",
        actor="fire",
        indicator="truancy",
        area="101",
        period="2025-H2",
        version=7,
        received_at=NOW,
        numerator=3,
        denominator=40,
    )


@pytest.mark.parametrize("area", ["1", "10", "101", "9", "99", "999"])
def test_an_area_is_of_any_level_or_the_rest_area(area: str) -> None:
    assert accepted(area=area).area == area


@pytest.mark.parametrize("denominator", [..., None])
def test_without_a_denominator_it_is_a_plain_count(denominator: object) -> None:
    assert accepted(numerator=0, denominator=denominator).denominator is None


def test_nothing_of_nobody_is_a_figure() -> None:
    assert accepted(numerator=0, denominator=0).numerator == 0


def test_without_a_version_what_is_received_later_supersedes() -> None:
    first = accepted()
    again = accepted(now=NOW + timedelta(milliseconds=1), numerator=4)
    assert first.version == 1_795_437_296_789
    assert again.version == first.version + 1
    assert again.key == first.key


def test_a_withdrawal_carries_its_key_and_version_alone() -> None:
    withdrawal = accepted(withdrawn=True, version=2, numerator="secretive", note="secretive")
    assert (withdrawal.live, withdrawal.numerator, withdrawal.denominator) == (False, None, None)
    assert withdrawal.key == accepted().key
    assert accepted(withdrawn=True).version == accepted().version


WRONG: list[tuple[dict[str, Any], list[tuple[str, Code]]]] = [
    ({"indicator": ...}, [("indicator", Code.MISSING)]),
    ({"indicator": "secretive"}, [("indicator", Code.UNKNOWN_INDICATOR)]),
    ({"indicator": "bin_fire"}, [("indicator", Code.NOT_A_STATISTIC)]),
    ({"indicator": "school_truancy"}, [("indicator", Code.NOT_YOUR_INDICATOR)]),
    ({"area": "secretive"}, [("area", Code.UNKNOWN_AREA)]),
    ({"area": "102"}, [("area", Code.UNKNOWN_AREA)]),
    ({"area": ""}, [("area", Code.UNKNOWN_AREA)]),
    ({"area": 101}, [("area", Code.WRONG_TYPE)]),
    ({"period": "secretive"}, [("period", Code.NOT_A_PERIOD)]),
    ({"period": "2025-9"}, [("period", Code.NOT_A_PERIOD)]),
    ({"period": 2025}, [("period", Code.WRONG_TYPE)]),
    ({"period": "2026-12"}, [("period", Code.NOT_BEGUN)]),
    ({"period": "1999"}, [("period", Code.TOO_OLD)]),
    ({"version": 0}, [("version", Code.OUT_OF_RANGE)]),
    ({"version": 2**53 + 1}, [("version", Code.OUT_OF_RANGE)]),
    ({"version": "1"}, [("version", Code.WRONG_TYPE)]),
    ({"numerator": ...}, [("numerator", Code.MISSING)]),
    ({"numerator": -1}, [("numerator", Code.OUT_OF_RANGE)]),
    ({"numerator": 1.0}, [("numerator", Code.WRONG_TYPE)]),
    ({"numerator": True}, [("numerator", Code.WRONG_TYPE)]),
    ({"numerator": 10**10, "denominator": ...}, [("numerator", Code.OUT_OF_RANGE)]),
    ({"numerator": 41}, [("denominator", Code.OVER_DENOMINATOR)]),
    ({"denominator": -1}, [("denominator", Code.OUT_OF_RANGE)]),
    ({"secretive": "secretive"}, [("", Code.UNKNOWN_FIELD)]),
    ({"id": "1"}, [("", Code.UNKNOWN_FIELD)]),
    ({"withdrawn": True, "version": 1}, [("version", Code.VERSION_TOO_LOW)]),
    ({"withdrawn": True, "area": "secretive"}, [("area", Code.UNKNOWN_AREA)]),
    ({"withdrawn": "yes"}, [("withdrawn", Code.WRONG_TYPE)]),
]


@pytest.mark.parametrize(("changes", "found"), WRONG)
def test_a_wrong_field_is_named_with_its_reason(
    changes: dict[str, Any], found: list[tuple[str, Code]]
) -> None:
    assert errors(**changes) == found


def test_every_error_of_a_row_is_told_at_once() -> None:
    everything = {
        "indicator": "bin_fire",
        "area": "x",
        "period": "x",
        "version": 0,
        "numerator": 5,
        "denominator": 4,
        "more": 1,
    }
    assert errors(**everything) == [
        ("indicator", Code.NOT_A_STATISTIC),
        ("area", Code.UNKNOWN_AREA),
        ("period", Code.NOT_A_PERIOD),
        ("version", Code.OUT_OF_RANGE),
        ("denominator", Code.OVER_DENOMINATOR),
        ("", Code.UNKNOWN_FIELD),
    ]


def test_no_message_has_a_place_for_a_value() -> None:
    for _, found in WRONG:
        for _, code in found:
            for language in Language:
                assert "secretive" not in ROW_MESSAGES[code].in_(language)


def test_a_period_may_be_reported_from_its_first_midnight_in_stockholm() -> None:
    midnight = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert isinstance(outcome(now=midnight, period="2026-12"), Statistic)
    early = outcome(now=midnight - timedelta(seconds=1), period="2026-12")
    assert not isinstance(early, Statistic)


def test_an_actor_that_the_catalogue_does_not_name_may_deliver_nothing() -> None:
    stranger = StatisticSender.of(a_pack(), "police")
    found = validated_statistic(a_statistic_row(), sender=stranger, now=NOW)
    assert found == (("indicator", Code.NOT_YOUR_INDICATOR),)
