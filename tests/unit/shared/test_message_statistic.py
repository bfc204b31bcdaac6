"""The statistic type: no half figure is made or read, and its only texts are codes."""

import json
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from shared.identity import partition_of_key
from shared.messages.codec import decoder, encode
from shared.messages.statistic import Statistic

LIVE: dict[str, Any] = {
    "municipality": "9998",
    "actor": "education",
    "indicator": "truancy",
    "area": "11",
    "period": "2024/2025",
    "version": 3,
    "received_at": datetime(2025, 9, 1, 8, tzinfo=UTC),
    "numerator": 12,
    "denominator": 80,
}


def test_a_statistic_survives_the_wire() -> None:
    for statistic in (
        Statistic(**LIVE),
        Statistic(**{**LIVE, "denominator": None, "numerator": 0}),
        Statistic(**{**LIVE, "live": False, "numerator": None, "denominator": None}),
    ):
        assert decoder(Statistic).decode(encode(statistic)) == statistic


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0},
        {"received_at": datetime(2025, 9, 1, 8)},  # noqa: DTZ001 - naive on purpose
        {"period": "2024-2025"},
        {"numerator": None},
        {"numerator": -1},
        {"numerator": 81},
        {"denominator": -1},
        {"live": False},
        {"live": False, "numerator": None},
    ],
)
def test_half_a_statistic_is_refused_wherever_it_is_made_or_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"statistic|period|numerator"):
        Statistic(**{**LIVE, **wrong})
    wire = {**json.loads(encode(Statistic(**LIVE))), **wrong}
    if isinstance(wrong.get("received_at"), datetime):
        wire["received_at"] = "2025-09-01T08:00:00"
    with pytest.raises(msgspec.ValidationError):
        decoder(Statistic).decode(json.dumps(wire))


@pytest.mark.parametrize("number", [1.0, 1.5, "1", True])
def test_only_whole_numbers_are_read(number: object) -> None:
    wire = {**json.loads(encode(Statistic(**LIVE))), "numerator": number}
    with pytest.raises(msgspec.ValidationError):
        decoder(Statistic).decode(json.dumps(wire))


def test_the_key_is_the_same_for_every_version_and_another_for_any_other_figure() -> None:
    statistic = Statistic(**LIVE)
    assert statistic.key == b"9998|education|truancy|11|2024/2025"
    assert Statistic(**{**LIVE, "version": 4, "numerator": 1}).key == statistic.key
    others = {"municipality": "1", "actor": "x", "indicator": "x", "area": "1", "period": "2025"}
    keys = {Statistic(**{**LIVE, name: value}).key for name, value in others.items()}
    assert len(keys | {statistic.key}) == 6


def test_the_only_texts_of_a_statistic_are_codes_and_the_period() -> None:
    hints = get_type_hints(Statistic)
    texts = {name for name, hint in hints.items() if str in (hint, *get_args(hint))}
    assert texts == {"municipality", "actor", "indicator", "area", "period"}


def test_a_key_has_the_same_partition_for_ever_and_keys_are_spread() -> None:
    assert partition_of_key(b"9998|education|truancy|11|2024/2025", 8) == 5
    parts = [partition_of_key(f"{number}".encode(), 8) for number in range(8000)]
    assert all(800 < parts.count(part) < 1200 for part in range(8))
