"""What somebody asks of a series, as it was written, and what is wrong with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from services.delivery.domain.mistake import Mistake, MistakeCode
from services.delivery.domain.selection import Wanted, mistakes_of
from services.delivery.domain.series import (
    MOST_POINTS,
    SeriesQuestion,
    Step,
    offered_steps,
    start_of,
    step_from,
    step_of,
)
from shared.language import Text
from shared.pack.model import Kind, Pack
from shared.windows import STOCKHOLM

EARLIEST = datetime(1970, 1, 1, tzinfo=STOCKHOLM)
LATEST = datetime(2200, 1, 1, tzinfo=STOCKHOLM)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class SeriesWish:
    """What was asked for, `None` if it was left out; nothing may be.

    Shape: `begins` and `ends` are days of the Stockholm calendar, `2025-01-31`, or instants with
    their distance from UTC, `2025-01-31T12:00:00Z`.
    """

    indicator: str | None
    area: str | None
    begins: str | None
    ends: str | None
    step: str | None


def series_mistakes(pack: Pack, wish: SeriesWish) -> Iterator[Mistake]:
    """Everything that is wrong with the wish, under the query's names."""
    yield from _missing(wish)
    yield from _code_mistakes(pack, wish)
    yield from _level_mistakes(pack, wish)
    yield from _step_mistakes(pack, wish)
    yield from _time_mistakes(wish)


def question_of(wish: SeriesWish) -> SeriesQuestion:
    """The question of a wish without mistakes: its bounds are moved out to whole steps."""
    step = Step(wish.step or "")
    begins, ends = _instant(wish.begins), _instant(wish.ends)
    if wish.indicator is None or wish.area is None or begins is None or ends is None:
        raise AssertionError("a wish without mistakes has everything")
    return SeriesQuestion(
        indicator=wish.indicator,
        area=wish.area,
        step=step,
        begins=start_of(step_of(begins, step), step),
        ends=start_of(step_from(ends, step), step),
    )


def _missing(wish: SeriesWish) -> Iterator[Mistake]:
    for name, given in (
        ("indicator", wish.indicator),
        ("area", wish.area),
        ("from", wish.begins),
        ("to", wish.ends),
        ("step", wish.step),
    ):
        if given is None:
            yield Mistake(
                name,
                MistakeCode.MISSING,
                Text(sv="Parametern måste anges.", en="The parameter has to be given."),
            )


def _code_mistakes(pack: Pack, wish: SeriesWish) -> Iterator[Mistake]:
    """Those of a selection of one code each, which here have no position."""
    indicators = None if wish.indicator is None else (wish.indicator,)
    areas = None if wish.area is None else (wish.area,)
    for one in mistakes_of(pack, Wanted(indicators, areas, None, None)):
        yield replace(one, field=one.field.removesuffix("s[0]"))


def _level_mistakes(pack: Pack, wish: SeriesWish) -> Iterator[Mistake]:
    """An area finer than any that the indicator's events are counted in."""
    indicator = pack.indicators.get(wish.indicator or "")
    level = pack.level_of(wish.area or "")
    if indicator and level and indicator.kind is Kind.EVENT:
        finest = pack.finest_level(indicator.code)
        if level > finest:
            yield Mistake(
                "area",
                MistakeCode.TOO_FINE,
                Text(
                    sv=f"Indikatorn räknas inte i så små områden; den finaste nivån är {finest}.",
                    en=f"The indicator is not counted in areas so small; the finest level is {finest}.",
                ),
            )


def _step_mistakes(pack: Pack, wish: SeriesWish) -> Iterator[Mistake]:
    if wish.step is None:
        return
    step = _step(wish)
    indicator = pack.indicators.get(wish.indicator or "")
    if step is None:
        known = ", ".join(Step)
        yield Mistake(
            "step",
            MistakeCode.UNKNOWN_CODE,
            Text(sv=f"Stegen är {known}.", en=f"The steps are {known}."),
        )
    elif indicator and indicator.kind is Kind.EVENT:
        offered = offered_steps(pack.grain_of(indicator.code))
        if step not in offered:
            names = ", ".join(offered)
            yield Mistake(
                "step",
                MistakeCode.TOO_FINE,
                Text(
                    sv=f"Så korta steg lämnas inte ut för indikatorn; stegen är {names}.",
                    en=f"Steps that short are not offered for the indicator; they are {names}.",
                ),
            )


def _time_mistakes(wish: SeriesWish) -> Iterator[Mistake]:
    bounds = {"from": wish.begins, "to": wish.ends}
    for name, text in bounds.items():
        if text is not None:
            yield from _bound_mistakes(name, text)
    begins, ends = _instant(wish.begins), _instant(wish.ends)
    if begins is None or ends is None or any(map(_is_out_of_range, (begins, ends))):
        return
    if begins >= ends:
        yield Mistake(
            "to",
            MistakeCode.OUT_OF_RANGE,
            Text(sv="to ska vara senare än from.", en="to has to be later than from."),
        )
        return
    step = _step(wish)
    if step and step_from(ends, step) - step_of(begins, step) > MOST_POINTS:
        yield Mistake(
            "to",
            MistakeCode.TOO_MANY,
            Text(
                sv=f"Det är fler än {MOST_POINTS} steg; fråga om en kortare tid eller längre steg.",
                en=f"That is more than {MOST_POINTS} steps; ask for less time or longer steps.",
            ),
        )


def _bound_mistakes(name: str, text: str) -> Iterator[Mistake]:
    instant = _instant(text)
    if instant is None:
        yield Mistake(
            name,
            MistakeCode.NOT_AN_INSTANT,
            Text(
                sv="Skriv en dag, 2025-01-31, eller en tidpunkt med avstånd till UTC, "
                "2025-01-31T12:00:00Z; ett plustecken skrivs %2B i en adress.",
                en="Write a day, 2025-01-31, or an instant with its distance from UTC, "
                "2025-01-31T12:00:00Z; a plus sign is written %2B in an address.",
            ),
        )
    elif _is_out_of_range(instant):
        first, last = EARLIEST.year, LATEST.year
        yield Mistake(
            name,
            MistakeCode.OUT_OF_RANGE,
            Text(sv=f"Åren är {first} till {last}.", en=f"The years are {first} to {last}."),
        )


def _is_out_of_range(instant: datetime) -> bool:
    return not EARLIEST <= instant <= LATEST


def _step(wish: SeriesWish) -> Step | None:
    return Step(wish.step) if wish.step in tuple(Step) else None


def _instant(text: str | None) -> datetime | None:
    """The instant, or the start of the day; None: it is neither.

    `fromisoformat` alone would take weeks, instants without a zone and much else.
    """
    try:
        if text and _DAY.fullmatch(text):
            midnight = datetime.combine(date.fromisoformat(text), time.min, tzinfo=STOCKHOLM)
            return midnight.astimezone(UTC)
        if text and _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # no such day, or none that a calendar has
    return None
