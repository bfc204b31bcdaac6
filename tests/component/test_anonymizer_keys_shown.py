"""`lagesbild keys`: ages, states and periods, for people and for programs, without Kafka or a root key."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.keys import index
from services.anonymizer.keys.index import Index, KeyEntry, State
from services.anonymizer.keys.shown import Asked, shown
from shared.errors import ConfigurationError
from shared.language import Language

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # 13:00 in Stockholm
HOUR = timedelta(hours=1)


def asked(path: Path, *keys: KeyEntry) -> Asked:
    (path / index.FILE).write_bytes(index.encoded(Index(keys)))
    return Asked(folder=path, kafka=None)


def live(*, old: timedelta, purpose: Purpose = Purpose.REPORT) -> KeyEntry:
    return KeyEntry(id="aa", purpose=purpose, start=NOON, made_at=datetime.now(UTC) - old)


DESTROYED = KeyEntry(
    id="bb",
    purpose=Purpose.REPORT,
    start=NOON,
    made_at=NOON - 13 * HOUR,
    state=State.DESTROYED,
    retired_at=NOON + HOUR,
    destroyed_at=NOON + HOUR + timedelta(minutes=2),
)


def rows(table: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.split("  ") if cell.strip()] for line in table.splitlines()
    ]


def test_the_age_of_a_live_key_is_until_now_and_that_of_a_destroyed_one_is_its_life(
    tmp_path: Path,
) -> None:
    told = asked(tmp_path, live(old=timedelta(hours=26, minutes=7, seconds=30)), DESTROYED)
    _, first, second = rows(shown(told, as_json=False, language=Language.EN))
    gone_by = "2026-11-24 14:00"
    assert first == [
        "aa",
        "report",
        "2026-11-23 13:00–14:00",
        "usable",
        "26 h 07 min",
        gone_by,
        "?",
    ]
    assert second == [
        "bb",
        "report",
        "2026-11-23 13:00–14:00",
        "destroyed 2026-11-23 14:02",
        "14 h 02 min",
        "–",
        "–",
    ]


def test_the_table_is_swedish_unless_told(tmp_path: Path) -> None:
    told = asked(tmp_path, live(old=HOUR, purpose=Purpose.LINKING))
    titles, row = rows(shown(told, as_json=False, language=Language.SV))
    assert titles == ["NYCKEL", "TILL", "PERIOD", "LÄGE", "ÅLDER", "BORTA SENAST", "OBEHANDLADE"]
    assert row[1:4:2] == ["länkning", "används"]
    assert row[5:] == ["2026-11-25 13:00", "–"]


def test_json_has_every_instant_and_the_age_in_seconds(tmp_path: Path) -> None:
    told = asked(tmp_path, live(old=timedelta(seconds=5000)), DESTROYED)
    answer: dict[str, Any] = json.loads(shown(told, as_json=True, language=Language.SV))
    assert answer["folder"] == str(tmp_path)
    first, second = answer["keys"]
    assert 5000 <= first["age_s"] < 5060
    assert (first["state"], first["destroyed_at"], first["unprocessed"]) == ("usable", None, None)
    assert second == {
        "id": "bb",
        "purpose": "report",
        "start": "2026-11-23T12:00:00+00:00",
        "end": "2026-11-23T13:00:00+00:00",
        "state": "destroyed",
        "made_at": "2026-11-22T23:00:00+00:00",
        "retired_at": "2026-11-23T13:00:00+00:00",
        "destroyed_at": "2026-11-23T13:02:00+00:00",
        "age_s": 14 * 3600 + 120,
        "goes_at": "2026-11-24T13:00:00+00:00",
        "unprocessed": None,
    }


def test_without_a_key_folder_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        shown(Asked(folder=tmp_path / "none", kafka=None), as_json=True, language=Language.EN)
