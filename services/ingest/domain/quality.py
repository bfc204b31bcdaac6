"""How well an actor's reports were located, as its answer tells it: counts, shares, words."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from shared.language import Language
from shared.messages.event import Placement
from shared.quality import CONFIDENCE_TEXTS, METHOD_TEXTS, Confidence

DIGITS = 4

Told: TypeAlias = dict[str, Any]


class Located(NamedTuple):
    """How many reports of a day were located in one way. Shape: `day` in Stockholm."""

    day: date
    method: Placement
    confidence: Confidence
    reports: int


def told(counted: Sequence[Located], *, language: Language) -> Told:
    """The counts of all days together, and of each day, the oldest first."""
    together: dict[tuple[Placement, Confidence], int] = {}
    for one in counted:
        key = one.method, one.confidence
        together[key] = together.get(key, 0) + one.reports
    total = _results(((*key, reports) for key, reports in together.items()), language)
    days = [
        {"day": day.isoformat()} | _results([one[1:] for one in some], language)
        for day, some in groupby(counted, key=lambda one: one.day)
    ]
    return total | {"days": days}


def _results(counts: Iterable[tuple[Placement, Confidence, int]], language: Language) -> Told:
    """The most frequent first."""
    rows = sorted(counts, key=lambda row: (-row[2], row[0], row[1]))
    all_of = sum(reports for _, _, reports in rows)
    located = sum(reports for _, sure, reports in rows if sure is not Confidence.NONE)
    return {
        "reports": all_of,
        "located": located,
        "located_share": _share(located, all_of),
        "results": [
            {
                "method": method.value,
                "confidence": sure.value,
                "reports": reports,
                "share": _share(reports, all_of),
                "method_text": METHOD_TEXTS[method].in_(language),
                "confidence_text": CONFIDENCE_TEXTS[sure].in_(language),
            }
            for method, sure, reports in rows
        ],
    }


def _share(part: int, whole: int) -> float | None:
    """A share between 0 and 1; of nothing there is none."""
    return round(part / whole, DIGITS) if whole else None
