"""The selection: which indicators, areas and windows a view is about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.delivery.domain.mistake import Mistake, MistakeCode
from shared.language import Text
from shared.pack.model import Kind, Pack
from shared.windows import Window

DEFAULT_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """What a view is about. Shape: codes sorted, each once; `areas` None is all of the level."""

    indicators: tuple[str, ...]
    areas: tuple[str, ...] | None
    level: int
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for, as it was written; `None` is left out and means all.

    `level` left out means that of the areas, or level 3.
    """

    indicators: Sequence[str] | None
    areas: Sequence[str] | None
    level: int | None
    windows: Sequence[str] | None


def mistakes_of(pack: Pack, wanted: Wanted) -> list[Mistake]:
    """Everything about the wish that the pack has not."""
    return [
        *_indicator_mistakes(pack, wanted.indicators or ()),
        *_level_mistakes(pack, wanted.level),
        *_area_mistakes(pack, wanted),
        *_window_mistakes(wanted.windows or ()),
    ]


def selected(pack: Pack, wanted: Wanted) -> Selection:
    """The selection of a wish without mistakes.

    Left-out indicators are every one that is counted from events; statistics are not counted.
    """
    codes = wanted.indicators
    if codes is None:
        codes = [one.code for one in pack.indicators.values() if one.kind is Kind.EVENT]
    windows = list(Window) if wanted.windows is None else map(Window, wanted.windows)
    return Selection(
        indicators=tuple(sorted(set(codes))),
        areas=None if wanted.areas is None else tuple(sorted(set(wanted.areas))),
        level=_level(pack, wanted),
        windows=in_order(windows),
    )


def in_order(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The windows from short to long, each once."""
    chosen = set(windows)
    return tuple(window for window in Window if window in chosen)


def _level(pack: Pack, wanted: Wanted) -> int:
    if wanted.level is not None:
        return wanted.level
    for code in wanted.areas or ():
        level = pack.level_of(code)
        if level is not None:
            return level
    return min(DEFAULT_LEVEL, pack.leaf_level)


def _indicator_mistakes(pack: Pack, codes: Sequence[str]) -> Iterator[Mistake]:
    for position, code in enumerate(codes):
        field = f"indicators[{position}]"
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
        elif indicator.kind is not Kind.EVENT:
            yield Mistake(
                field,
                MistakeCode.NOT_AN_EVENT,
                Text(
                    sv="Indikatorn är statistik per period och räknas inte i fönster.",
                    en="The indicator is a statistic per period and is not counted in windows.",
                ),
            )


def _level_mistakes(pack: Pack, level: int | None) -> Iterator[Mistake]:
    if level is not None and not 1 <= level <= pack.leaf_level:
        yield Mistake(
            "level",
            MistakeCode.OUT_OF_RANGE,
            Text(
                sv=f"Nivån är 1 till {pack.leaf_level}.",
                en=f"The level is 1 to {pack.leaf_level}.",
            ),
        )


def _area_mistakes(pack: Pack, wanted: Wanted) -> Iterator[Mistake]:
    level = _level(pack, wanted)
    for position, code in enumerate(wanted.areas or ()):
        field = f"areas[{position}]"
        found = pack.level_of(code)
        if found is None:
            yield Mistake(
                field,
                MistakeCode.UNKNOWN_CODE,
                Text(sv="Inget område har den koden.", en="No area has that code."),
            )
        elif found != level and wanted.level is None:
            yield Mistake(
                field,
                MistakeCode.MIXED_LEVELS,
                Text(
                    sv="Området är av en annan nivå än det första; fråga om en nivå i taget.",
                    en="The area is of another level than the first; ask for one level at a time.",
                ),
            )
        elif found != level:
            yield Mistake(
                field,
                MistakeCode.NOT_OF_LEVEL,
                Text(
                    sv="Området är inte av den nivå som frågan gäller.",
                    en="The area is not of the level that is asked for.",
                ),
            )


def _window_mistakes(windows: Sequence[str]) -> Iterator[Mistake]:
    known = ", ".join(Window)
    for position, window in enumerate(windows):
        if window not in tuple(Window):
            yield Mistake(
                f"windows[{position}]",
                MistakeCode.UNKNOWN_CODE,
                Text(sv=f"Fönstren är {known}.", en=f"The windows are {known}."),
            )
