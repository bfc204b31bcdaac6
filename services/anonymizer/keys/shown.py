"""`lagesbild keys`: each key for people and machines, from the index alone; no root key is needed."""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.anonymizer.domain.lifetimes import PERIOD, Purpose
from services.anonymizer.keys.index import KeyEntry, State, read
from services.anonymizer.keys.reports_log import ReportsLog
from shared.kafka import KAFKA_AWAY
from shared.language import Language, Text
from shared.settings import PREFIX
from shared.topics import ANONYMIZER_GROUP, DEFAULT_PARTITIONS, REPORTS

STOCKHOLM = ZoneInfo("Europe/Stockholm")
PURPOSES = {
    Purpose.REPORT: Text("rapport", "report"),
    Purpose.DEAD_LETTER: Text("dödbrev", "dead letter"),
    Purpose.LINKING: Text("länkning", "linking"),
}
STATES = {
    State.USABLE: Text("används", "usable"),
    State.RETIRED: Text("avställd", "retired"),
    State.DESTROYED: Text("förstörd", "destroyed"),
}
TITLES = (
    Text("NYCKEL", "KEY"),
    Text("TILL", "PURPOSE"),
    Text("PERIOD", "PERIOD"),
    Text("LÄGE", "STATE"),
    Text("ÅLDER", "AGE"),
    Text("BORTA SENAST", "GONE BY"),
    Text("OBEHANDLADE", "UNPROCESSED"),
)
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the folder, and the Kafka that knows what is unprocessed, if any."""

    folder: Path
    kafka: str | None


def shown(asked: Asked, *, as_json: bool, language: Language) -> str:
    """The answer: a table, or one line of JSON.

    Raises:
        ConfigurationError: there is no key folder.
    """
    keys = read(asked.folder).keys
    unprocessed = asyncio.run(_unprocessed(keys, asked.kafka))
    now = datetime.now(UTC)
    if as_json:
        told = [_as_json(one, unprocessed.get(one.id), now) for one in keys]
        return json.dumps({"folder": str(asked.folder), "keys": told}, ensure_ascii=False)
    rows = [[title.in_(language) for title in TITLES]]
    rows += [_row(one, unprocessed.get(one.id), now, language) for one in keys]
    widths = [max(len(row[at]) for row in rows) for at in range(len(TITLES))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _as_json(one: KeyEntry, unprocessed: int | None, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "purpose": one.purpose.value,
        "start": one.start.isoformat(),
        "end": (one.start + PERIOD[one.purpose]).isoformat(),
        "state": one.state.value,
        "made_at": one.made_at.isoformat(),
        "retired_at": one.retired_at and one.retired_at.isoformat(),
        "destroyed_at": one.destroyed_at and one.destroyed_at.isoformat(),
        "age_s": round(_age_seconds(one, now)),
        "goes_at": one.goes_at.isoformat(),
        "unprocessed": unprocessed,
    }


def _row(one: KeyEntry, unprocessed: int | None, now: datetime, language: Language) -> list[str]:
    state = STATES[one.state].in_(language)
    is_reports = one.purpose is Purpose.REPORT and one.state is not State.DESTROYED
    return [
        one.id,
        PURPOSES[one.purpose].in_(language),
        f"{_local(one.start)}–{_local(one.start + PERIOD[one.purpose])[-5:]}",
        f"{state} {_local(one.destroyed_at)}" if one.destroyed_at else state,
        _span(_age_seconds(one, now)),
        _local(one.goes_at) if one.state is not State.DESTROYED else "–",
        (UNKNOWN if unprocessed is None else str(unprocessed)) if is_reports else "–",
    ]


def _age_seconds(one: KeyEntry, now: datetime) -> float:
    """How long it has lived, or did."""
    return ((one.destroyed_at or now) - one.made_at).total_seconds()


def _span(seconds: float) -> str:
    hours, minutes = divmod(round(seconds) // 60, 60)
    return f"{hours} h {minutes:02} min"


def _local(instant: datetime) -> str:
    return instant.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


async def _unprocessed(keys: Sequence[KeyEntry], kafka: str | None) -> dict[str, int]:
    """How many reports must be processed before each key may go; none for what nobody can tell."""
    prefix = os.environ.get(f"{PREFIX}TOPIC_PREFIX", "")
    live = [
        one for one in keys if one.purpose is Purpose.REPORT and one.state is not State.DESTROYED
    ]
    if not kafka or not live:
        return {}
    reports = ReportsLog(
        kafka,
        topic=REPORTS.named(prefix),
        group=f"{prefix}{ANONYMIZER_GROUP}",
        partitions=int(os.environ.get(f"{PREFIX}PARTITIONS", DEFAULT_PARTITIONS)),
    )
    try:
        processed, ends = await reports.processed(), await reports.ends()
    except KAFKA_AWAY:
        return {}
    return {
        one.id: sum(
            max(0, end - done) for end, done in zip(one.ends or ends, processed, strict=True)
        )
        for one in live
    }
