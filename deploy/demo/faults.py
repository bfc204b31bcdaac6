"""Rows that are wrong on purpose, each in one way that ingest must find.

A wrong row is made of a good one, so that nothing else is wrong with it. No fault may heal while
a request waits to be sent again: an instant ahead is ahead by at least half an hour.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import TypeAlias

from deploy.demo.draft import Form

Body: TypeAlias = dict[str, object]

LEAST_AHEAD = timedelta(minutes=30)
MOST_AHEAD_MINUTES = 60 * 24 * 30


class Fault(StrEnum):
    """The one thing that is wrong."""

    NO_ID = "no_id"
    EMPTY_ID = "empty_id"
    LONG_ID = "long_id"
    CONTROL_CHARACTER_IN_ID = "control_character_in_id"
    VERSION_ZERO = "version_zero"
    VERSION_IN_WORDS = "version_in_words"
    WITHDRAWN_AT_ONCE = "withdrawn_at_once"
    NO_INDICATOR = "no_indicator"
    UNKNOWN_INDICATOR = "unknown_indicator"
    FOREIGN_INDICATOR = "foreign_indicator"
    STATISTIC_INDICATOR = "statistic_indicator"
    NO_TIME = "no_time"
    TIME_IN_WORDS = "time_in_words"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_AHEAD = "time_ahead"
    TIME_BEFORE_COMPUTERS = "time_before_computers"
    TIME_THAT_WAS_SKIPPED = "time_that_was_skipped"
    CONFIRMED_IN_WORDS = "confirmed_in_words"
    TWO_PLACES = "two_places"
    HALF_A_PLACE = "half_a_place"
    OFF_THE_GLOBE = "off_the_globe"
    AREA_IN_WORDS = "area_in_words"
    UNKNOWN_FIELD = "unknown_field"
    FIELD_TWICE = "field_twice"
    NOT_AN_OBJECT = "not_an_object"
    BROKEN_LINE = "broken_line"


MISSING: Mapping[Fault, str] = MappingProxyType(
    {Fault.NO_ID: "id", Fault.NO_INDICATOR: "indicator", Fault.NO_TIME: "occurred_at"}
)
WRONG: Mapping[Fault, Body] = MappingProxyType(
    {
        Fault.EMPTY_ID: {"id": ""},
        Fault.LONG_ID: {"id": "x" * 1_000},
        Fault.CONTROL_CHARACTER_IN_ID: {"id": "rad\n2"},
        Fault.VERSION_ZERO: {"version": 0},
        Fault.VERSION_IN_WORDS: {"version": "två"},
        Fault.WITHDRAWN_AT_ONCE: {"version": 1, "withdrawn": True},
        Fault.UNKNOWN_INDICATOR: {"indicator": "missing_cat"},
        Fault.TIME_IN_WORDS: {"occurred_at": "i förrgår kväll"},
        Fault.TIME_BEFORE_COMPUTERS: {"occurred_at": "1887-05-01T12:00:00+01:00"},
        Fault.TIME_THAT_WAS_SKIPPED: {"occurred_at": "2026-03-29 02:30"},
        Fault.CONFIRMED_IN_WORDS: {"confirmed": "kanske"},
        Fault.TWO_PLACES: {"location": {"lat": 59.2, "lon": 17.1, "nyko": "111"}},
        Fault.HALF_A_PLACE: {"location": {"lat": 59.2}},
        Fault.OFF_THE_GLOBE: {"location": {"lat": 590.2, "lon": 17.1}},
        Fault.AREA_IN_WORDS: {"location": {"nyko": "vid torget"}},
        Fault.UNKNOWN_FIELD: {"anmälare": "någon"},
    }
)
ONLY_AMONG_OTHERS = frozenset({Fault.NOT_AN_OBJECT, Fault.BROKEN_LINE})
"""Alone they are a body that cannot be read at all, which is another answer than a refused row."""
NOT_IN_A_SHEET = ONLY_AMONG_OTHERS | {
    Fault.EMPTY_ID,  # a blank cell, as NO_ID
    Fault.TIME_WITHOUT_OFFSET,  # which is how a sheet says it
    Fault.TWO_PLACES,  # the more exact one holds
    Fault.UNKNOWN_FIELD,  # a column that is not agreed on is not read
    Fault.FIELD_TWICE,
}
"""What is no fault of a sheet, or cannot be said in one."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Codes of the catalogue that the actor may not report events of; either may be empty."""

    foreign: tuple[str, ...]
    statistics: tuple[str, ...]


def possible(form: Form, forbidden: Forbidden) -> tuple[Fault, ...]:
    """The faults that a row of such a request can have."""
    left_out = set(ONLY_AMONG_OTHERS) if form is Form.ONE else set()
    if form is Form.EXCEL:
        left_out |= NOT_IN_A_SHEET
    if form is not Form.NDJSON:
        left_out.add(Fault.BROKEN_LINE)
    if not forbidden.foreign:
        left_out.add(Fault.FOREIGN_INDICATOR)
    if not forbidden.statistics:
        left_out.add(Fault.STATISTIC_INDICATOR)
    return tuple(fault for fault in Fault if fault not in left_out)


def spoiled(body: Body, fault: Fault, *, forbidden: Forbidden, now: datetime, rng: Random) -> bytes:
    """The JSON of a row, good but for the fault."""
    match fault:
        case Fault.NOT_AN_OBJECT:
            return encoded("ingen rapport")
        case Fault.BROKEN_LINE:
            return encoded(body)[:-1]
        case Fault.FIELD_TWICE:
            return encoded(body)[:-1] + b',"id":"en annan"}'
        case _:
            return encoded(wrong(body, fault, forbidden=forbidden, now=now, rng=rng))


def wrong(body: Body, fault: Fault, *, forbidden: Forbidden, now: datetime, rng: Random) -> Body:
    """The fields of a row, good but for a fault that is in a field."""
    if fault in MISSING:
        return {name: body[name] for name in body if name != MISSING[fault]}
    return body | _replacement(fault, forbidden=forbidden, now=now, rng=rng)


def _replacement(fault: Fault, *, forbidden: Forbidden, now: datetime, rng: Random) -> Body:
    """The fields that make a good row wrong."""
    match fault:
        case Fault.FOREIGN_INDICATOR:
            return {"indicator": rng.choice(forbidden.foreign)}
        case Fault.STATISTIC_INDICATOR:
            return {"indicator": rng.choice(forbidden.statistics)}
        case Fault.TIME_WITHOUT_OFFSET:
            return {"occurred_at": f"{now:%Y-%m-%dT%H:%M:%S}"}
        case Fault.TIME_AHEAD:
            ahead = LEAST_AHEAD + timedelta(minutes=rng.uniform(0, MOST_AHEAD_MINUTES))
            return {"occurred_at": (now + ahead).isoformat()}
        case _:
            return WRONG[fault]


def encoded(row: object) -> bytes:
    """The JSON of a row on one line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
