"""Stage 10: in which windows the event counts, and for whom its numbers are exact."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from services.tracing.stage import Line, Name, Stage, listed, same
from shared.language import Text
from shared.messages.event import Event
from shared.pack.model import Pack
from shared.windows import Window, end_of, is_offered, start_of


class Counts(StrEnum):
    """Whether a window has the event."""

    NOW = "now"
    NO_MORE = "no_more"
    NOT_OFFERED = "not_offered"


def counted_stage(pack: Pack, event: Event, as_of: datetime) -> Stage:
    """Windows by whether they have it at `as_of`; actors by the levels at which they see exact counts."""
    if event.indicator is None or event.occurred_at is None or event.area is None:
        gone = Text(
            "räknas i inget fönster: den tidigare versionen tas bort ur varje summa",
            "counts in no window: the version before is taken out of every sum",
        )
        nowhere: dict[str, object] = {"windows": {}, "exact": {}}
        nowhere |= {"withheld": [], "not_offered_levels": []}
        return Stage(name=Name.COUNTED, lines=[(same(""), gone)], facts=nowhere)
    windows = _windows(pack, event.indicator, event.occurred_at, as_of)
    finest = pack.finest_level(event.indicator)
    exact = _exact(pack, event.indicator, finest)
    withheld = [actor for actor in pack.actors if actor not in exact]
    too_fine = list(range(finest + 1, pack.leaf_level + 1))
    lines: list[Line] = [
        (Text("räknas nu i", "counts now in"), _having(windows, Counts.NOW)),
        (Text("inte längre i", "no more in"), _having(windows, Counts.NO_MORE)),
        (Text("erbjuds inte", "not offered"), _having(windows, Counts.NOT_OFFERED)),
        (Text("ej på nivå", "not at level"), listed(map(str, too_fine))),
        (Text("exakt för", "exact for"), _levels(exact)),
        (Text("undanhålls", "withheld from"), listed(withheld)),
    ]
    facts = {
        "windows": {window.value: counts.value for window, counts in windows.items()},
        "exact": exact,
        "withheld": withheld,
        "not_offered_levels": too_fine,
    }
    return Stage(
        name=Name.COUNTED, kept=["indicator", "area", "occurred_at"], facts=facts, lines=lines
    )


def _windows(
    pack: Pack, indicator: str, occurred_at: datetime, as_of: datetime
) -> dict[Window, Counts]:
    grain = pack.grain_of(indicator)

    def counts(window: Window) -> Counts:
        if not is_offered(window, grain):
            return Counts.NOT_OFFERED
        inside = start_of(window, as_of, grain=grain) <= occurred_at < end_of(as_of)
        return Counts.NOW if inside else Counts.NO_MORE

    return {window: counts(window) for window in Window}


def _exact(pack: Pack, indicator: str, finest: int) -> dict[str, list[int]]:
    """Actor to the levels at which it sees exact counts; who sees none is left out."""
    levels = range(1, finest + 1)
    by_actor = {
        actor: [level for level in levels if pack.is_cleared(actor, indicator, level)]
        for actor in pack.actors
    }
    return {actor: cleared for actor, cleared in by_actor.items() if cleared}


def _having(windows: dict[Window, Counts], wanted: Counts) -> Text:
    return listed(window.value for window, counts in windows.items() if counts is wanted)


def _levels(exact: dict[str, Sequence[int]] | dict[str, list[int]]) -> Text:
    def said(word: str) -> str:
        each = (
            f"{actor} ({word} {'–'.join({str(min(at)): 0, str(max(at)): 0})})"
            for actor, at in exact.items()
        )
        return ", ".join(each) or "–"

    return Text(said("nivå"), said("level"))
