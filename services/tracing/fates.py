"""What becomes of the values that were given: which leave as they are, which coarser, which not at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.tracing.given import Field
from shared.messages.event import Event, Placement
from shared.messages.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """The given fields by what became of them, each in one list.

    Shape: `as_given` leave with the meaning that they came with: codes of the pack, the version, yes
    or no, an instant that was as coarse as the class wants it; `coarser` leave as the start of their
    grain, or as the beginning of their code; of `removed` there is nothing in the event itself. An area
    that a point or a name was located in is no given value.
    """

    as_given: Sequence[str]
    coarser: Sequence[str]
    removed: Sequence[str]


def fates_of(fields: Sequence[Field], report: Report, event: Event) -> Fates:
    """The fate of every given field, and of the actor, whose key told it."""
    as_given = [one.name for one in fields if _is_as_given(one, report, event)]
    left = [one for one in fields if one.name not in as_given]
    coarser = [one.name for one in left if _is_coarser(one, event)]
    removed = [one.name for one in left if one.name not in coarser]
    return Fates(as_given=as_given, coarser=coarser, removed=[*removed, "actor"])


def _is_as_given(given: Field, report: Report, event: Event) -> bool:
    match given.name:
        case "withdrawn":  # leaves as `live`
            return report.withdrawn is not event.live
        case "version":
            return report.version == event.version
        case "indicator" | "occurred_at" | "confirmed" as name if event.live:
            return bool(getattr(report, name) == getattr(event, name))
        case "location.nyko":
            code = report.location.nyko if report.location is not None else None
            return event.placement is Placement.NYKO and code == event.area
        case _:
            return False


def _is_coarser(given: Field, event: Event) -> bool:
    match given.name:
        case "occurred_at":
            return event.live
        case "location.nyko":
            return event.placement is Placement.NYKO
        case _:
            return False
