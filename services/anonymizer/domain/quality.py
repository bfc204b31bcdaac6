"""How well reports were located, counted by who sent them and on which day."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from services.anonymizer.domain.anonymized import Anonymized
from shared.errors import DeadReason
from shared.records import LogRecord
from shared.windows import STOCKHOLM

QUARTER_MS = 900_000  # a Stockholm day begins at a whole quarter of an hour of UTC, always


class Result(NamedTuple):
    """What is counted together. Shape: `day` in Stockholm, when ingest accepted the report."""

    municipality: str
    actor: str
    day: date
    method: str
    confidence: str


def tallied(
    records: Iterable[tuple[LogRecord, Anonymized | DeadReason]], since: Mapping[int, int]
) -> Counter[Result]:
    """The results of the records that are not counted yet: a withdrawal has none, nor a dead letter.

    Shape: `since` is partition to the offset from which on records count.
    """
    found: Counter[Result] = Counter()
    quarters = Counter(
        [
            (
                outcome.event.municipality,
                outcome.actor,
                record.timestamp // QUARTER_MS,
                outcome.event.placement,
                outcome.confidence,
            )
            for record, outcome in records
            if isinstance(outcome, Anonymized)
            and outcome.confidence is not None
            and record.offset >= since[record.partition]
        ]
    )
    for (code, actor, quarter, placement, confidence), count in quarters.items():
        if placement is not None and confidence is not None:
            found[Result(code, actor, _day(quarter), placement, confidence)] += count
    return found


@lru_cache(maxsize=512)
def _day(quarter: int) -> date:
    return datetime.fromtimestamp(quarter * QUARTER_MS / 1000, UTC).astimezone(STOCKHOLM).date()
