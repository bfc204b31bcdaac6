"""Messages stay readable: each keeps its last published schema, and old readers can read new ones."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from shared.messages.event import Event
from shared.messages.report import Report
from shared.messages.statistic import Statistic

PUBLISHED = {"report": Report, "event": Event, "statistic": Statistic}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_message_has_the_schema_that_was_published(
    name: str, golden: Callable[[str, list[Any]], None]
) -> None:
    schema = msgspec.json.schema(PUBLISHED[name])
    golden(f"schemas/{name}.v1.json", [json.loads(json.dumps(schema))])


def test_an_event_with_a_field_of_tomorrow_can_be_read_today() -> None:
    wire = {
        "event_id": "00000000-0000-8000-8000-000000000001",
        "version": 1,
        "municipality": "9998",
        "live": False,
        "of_tomorrow": {"anything": 1},
    }
    assert msgspec.json.decode(json.dumps(wire), type=Event).live is False


def test_a_statistic_with_a_field_of_tomorrow_can_be_read_today() -> None:
    wire = {
        "municipality": "9998",
        "actor": "education",
        "indicator": "truancy",
        "area": "11",
        "period": "2024/2025",
        "version": 1,
        "received_at": "2025-09-01T08:00:00Z",
        "numerator": 3,
        "of_tomorrow": {"anything": 1},
    }
    assert msgspec.json.decode(json.dumps(wire), type=Statistic).numerator == 3
