"""The divisions of a municipality into areas, one after another in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from shared.pack.model import Area, Pack


@dataclass(frozen=True, slots=True)
class Division:
    """The leaf areas that are valid together, sorted by code.

    Shape: of Stockholm days `[valid_from, valid_to)`; the last division has no end.
    """

    valid_from: date
    valid_to: date | None
    areas: tuple[Area, ...]


def divisions(areas: Sequence[Area]) -> tuple[Division, ...]:
    """The divisions that the areas form, the oldest first.

    A new one begins on every day on which an area begins or ends.
    """
    days = {area.valid_from for area in areas} | {area.ends for area in areas}
    marks = sorted(days)
    return tuple(
        Division(
            start,
            None if end == date.max else end,
            tuple(
                sorted(
                    (area for area in areas if area.valid_from <= start < area.ends),
                    key=lambda area: area.code,
                )
            ),
        )
        for start, end in pairwise(marks)
    )


def divisions_of(pack: Pack) -> tuple[Division, ...]:
    """The divisions of a pack; the present one is the last."""
    return divisions((*pack.retired, *pack.areas))
