"""The truth: what must have been counted, known from what was sent and accepted alone.

An oracle is worth nothing if it shares the rules' code with what it judges. The floors, versions
and windows below are written again from DESIGN §2, with the standard library only.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from deploy.demo.decisions import Decisions
from deploy.demo.draft import Telling

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")


class Width(StrEnum):
    """How wide the buckets of a tier are, and how coarse an indicator's class makes its times."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


GRAINS: Mapping[str, Width] = MappingProxyType(
    {
        "S0": Width.MINUTE,
        "S1": Width.MINUTE,
        "S2": Width.HOUR,
        "S3": Width.DAY,
    }
)

WINDOWS: Mapping[str, tuple[timedelta, Width]] = MappingProxyType(
    {
        "15m": (timedelta(minutes=15), Width.MINUTE),
        "1h": (timedelta(hours=1), Width.MINUTE),
        "6h": (timedelta(hours=6), Width.MINUTE),
        "24h": (timedelta(hours=24), Width.MINUTE),
        "7d": (timedelta(days=7), Width.HOUR),
        "30d": (timedelta(days=30), Width.HOUR),
    }
)
"""Length, and what the start is rounded down to."""


class Coarse(NamedTuple):
    """How coarse an indicator's events must be counted.

    Unit: `digits` of an area's code that are kept; the code `rest` is kept whole.
    """

    width: Width
    digits: int
    rest: str = ""

    def area(self, leaf: str) -> str:
        """The code that an event in a leaf area must have."""
        return leaf if leaf == self.rest else leaf[: self.digits]


class Cell(NamedTuple):
    """One count. Unit: `bucket` is its start in UTC."""

    tier: str
    indicator: str
    bucket: datetime
    area: str


class Counted(NamedTuple):
    """A live event as it must be counted.

    Unit: `at` in UTC, rounded down to the grain; `area` of the level that the indicator is counted at.
    """

    indicator: str
    at: datetime
    area: str


NOBODY: Final = UUID(int=0)

Key = tuple[str, str]
"""An actor and its own id of an event."""


class Truth:
    """What was accepted, and what follows from it.

    Shape: `coarse` has every indicator that is reported.
    """

    def __init__(self, coarse: Mapping[str, Coarse]) -> None:
        self._coarse = dict(coarse)
        self._winners: dict[Key, Telling] = {}
        self._decisions = Decisions()
        self._event_id: Callable[[str, str], UUID] = lambda _actor, _own_id: NOBODY

    def accept(self, telling: Telling) -> bool:
        """Take in what ingest accepted, in its order; whether it is the event's newest now.

        The highest version holds, and of equal ones the first.
        """
        key = (telling.actor, telling.own_id)
        known = self._winners.get(key)
        if known is not None and known.version >= telling.version:
            return False
        self._winners[key] = telling
        return True

    def learn(self, decisions: Decisions, event_id: Callable[[str, str], UUID]) -> None:
        """Which events were found to be of one incident; `event_id` is of an actor and its own id."""
        self._decisions, self._event_id = decisions, event_id

    @property
    def winners(self) -> Mapping[Key, Telling]:
        """The telling that holds for each event, withdrawals among them."""
        return self._winners

    def counted(self, telling: Telling) -> Counted | None:
        """How a telling must be counted; a withdrawal must not."""
        if telling.indicator is None or telling.occurred_at is None or telling.area is None:
            return None
        coarse = self._coarse[telling.indicator]
        at = floor(telling.occurred_at, coarse.width)
        return Counted(telling.indicator, at, coarse.area(telling.area))

    def live(self) -> Iterable[Counted]:
        """Every event that counts."""
        return (one for told in self._winners.values() if (one := self.counted(told)))

    def leading(self) -> list[Counted]:
        """Every event that an incident is counted with: of several its earliest, then the smallest id."""
        alone: list[Counted] = []
        first: dict[UUID, tuple[datetime, UUID, Counted]] = {}
        for (actor, own_id), told in self._winners.items():
            one = self.counted(told)
            if one is None:
                continue
            event = self._event_id(actor, own_id)
            incident = self._decisions.of(event, told.version)
            if incident is None:
                alone.append(one)
            else:
                mine = (one.at, event, one)
                first[incident] = min(mine, first.get(incident, mine), key=lambda some: some[:2])
        return [*alone, *(one for _, _, one in first.values())]

    def cells(self) -> Counter[Cell]:
        """Every cell of every tier; a live event is in one of each."""
        return Counter(
            Cell(width.value, one.indicator, floor(one.at, width), one.area)
            for one in self.live()
            for width in Width
        )

    def window(
        self, name: str, as_of: datetime, *, indicators: Collection[str]
    ) -> dict[tuple[str, str], tuple[int, int]]:
        """Reports and incidents of a window by area and indicator; no entry where there are none."""
        end = ceiling(as_of)
        starts = {code: window_start(name, as_of, self._coarse[code].width) for code in indicators}

        def within(some: Iterable[Counted]) -> Counter[tuple[str, str]]:
            return Counter(
                (one.area, one.indicator)
                for one in some
                if one.indicator in starts and starts[one.indicator] <= one.at < end
            )

        incidents = within(self.leading())
        return {cell: (count, incidents[cell]) for cell, count in within(self.live()).items()}


def floor(instant: datetime, width: Width) -> datetime:
    """The start of the minute, the hour or the day in Stockholm that holds an instant, in UTC."""
    if width is Width.DAY:
        midnight = datetime.combine(instant.astimezone(STOCKHOLM).date(), time(), STOCKHOLM)
        return midnight.astimezone(UTC)
    seconds = 60 if width is Width.MINUTE else 3600
    whole = int(instant.timestamp() // seconds) * seconds
    return datetime.fromtimestamp(whole, UTC)


def ceiling(instant: datetime) -> datetime:
    """The end of every window: rounded up to the minute, in UTC."""
    down = floor(instant, Width.MINUTE)
    return down + timedelta(minutes=1) if down < instant else down


def window_start(name: str, as_of: datetime, grain: Width) -> datetime:
    """The start of a window of WINDOWS for an indicator of this grain, in UTC."""
    length, width = WINDOWS[name]
    return min(floor(as_of - length, width), floor(as_of - length, grain))
