"""What somebody asks of statistics, as it was written, and what is wrong with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.delivery.domain.mistake import Mistake, MistakeCode
from services.delivery.domain.selection import Wanted, selected
from services.delivery.domain.statistics import StatisticQuestion, every_statistic
from shared.language import Text
from shared.pack.model import Kind, Pack
from shared.periods import period_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class StatisticWish:
    """What was asked for; `None` is left out and means all.

    Shape: `wanted` has areas and level, and no indicators; `begins_from` and `begins_before` are
    days of the Stockholm calendar, `2025-01-01`.
    """

    indicators: Sequence[str] | None
    wanted: Wanted
    periods: Sequence[str] | None
    begins_from: str | None
    begins_before: str | None


def wish_mistakes(pack: Pack, wish: StatisticWish) -> Iterator[Mistake]:
    """Everything that is wrong with indicators, periods and days, under the query's names."""
    for position, code in enumerate(wish.indicators or ()):
        yield from _indicator_mistakes(pack, code, f"indicator[{position}]")
    for position, text in enumerate(wish.periods or ()):
        if not _is_period(text):
            yield Mistake(
                f"period[{position}]",
                MistakeCode.NOT_A_PERIOD,
                Text(
                    sv="Perioder skrivs 2025, 2025-H1, 2025-Q3, 2025-09 eller läsåret 2024/2025.",
                    en="Periods are written 2025, 2025-H1, 2025-Q3, 2025-09 or the school year "
                    "2024/2025.",
                ),
            )
    for name, day in (("from", wish.begins_from), ("to", wish.begins_before)):
        if day is not None and _day(day) is None:
            yield Mistake(
                name,
                MistakeCode.NOT_A_DAY,
                Text(sv="Dagen skrivs 2025-01-31.", en="A day is written 2025-01-31."),
            )


def question_of(pack: Pack, wish: StatisticWish) -> StatisticQuestion:
    """The question of a wish without mistakes.

    Left-out indicators are every statistic of the catalogue; the level is that of a selection.
    """
    selection = selected(pack, wish.wanted)
    codes = every_statistic(pack) if wish.indicators is None else wish.indicators
    return StatisticQuestion(
        indicators=tuple(sorted(set(codes))),
        areas=selection.areas,
        level=selection.level,
        periods=None if wish.periods is None else tuple(sorted(set(wish.periods))),
        begins_from=None if wish.begins_from is None else _day(wish.begins_from),
        begins_before=None if wish.begins_before is None else _day(wish.begins_before),
    )


def _indicator_mistakes(pack: Pack, code: str, field: str) -> Iterator[Mistake]:
    indicator = pack.indicators.get(code)
    if indicator is None:
        yield Mistake(
            field,
            MistakeCode.UNKNOWN_CODE,
            Text(
                sv="Katalogen har ingen indikator med den koden.",
                en="The catalogue has no indicator with that code.",
            ),
        )
    elif indicator.kind is not Kind.STATISTIC:
        yield Mistake(
            field,
            MistakeCode.NOT_A_STATISTIC,
            Text(
                sv="Indikatorn räknas från händelser; fråga /v1/counts.",
                en="The indicator is counted from events; ask /v1/counts.",
            ),
        )


def _is_period(text: str) -> bool:
    try:
        period_of(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    """The day; `date.fromisoformat` alone would take weeks and days without hyphens too."""
    if _DAY.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
