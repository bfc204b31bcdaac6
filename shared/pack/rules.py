"""What municipality, actors and catalogue must agree on between themselves."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from shared.language import Text
from shared.pack.digests import confused
from shared.pack.mistakes import Mistake
from shared.pack.schema import ActorsFile, IndicatorEntry, IndicatorsFile, MunicipalityFile
from shared.pack.sheets import Place, Sheet
from shared.pack.wording import repeated, stands_twice, unknown_actor

RESERVED_ACTORS = frozenset({"owner"})  # the data owner's own name among the keys


def level_mistakes(sheet: Sheet[MunicipalityFile]) -> Iterator[Mistake]:
    """Prefix lengths that do not rise; a rest code of another length than the leaf level's."""
    levels = sheet.content.levels
    for at, (upper, lower) in enumerate(pairwise(levels), start=1):
        if lower <= upper:
            message = Text(
                sv="Nivåernas längder ska stiga: varje nivå delar den förra.",
                en="The level lengths must rise: each level divides the one above.",
            )
            yield sheet.mistake(("levels", at), message)
    rest, length = sheet.content.rest_code, levels[-1]
    if len(rest) != length:
        message = Text(
            sv=f"rest_code {rest} ska ha {length} siffror, som den finaste nivån.",
            en=f"rest_code {rest} must have {length} digits, as the finest level.",
        )
        yield sheet.mistake(("rest_code",), message)


def rest_mistakes(sheet: Sheet[MunicipalityFile], leaves: Collection[str]) -> Iterator[Mistake]:
    """A rest code that lies inside a real area of some level; what it holds would count there."""
    rest = sheet.content.rest_code
    for number, length in enumerate(sheet.content.levels, start=1):
        if any(leaf[:length] == rest[:length] for leaf in leaves):
            message = Text(
                sv=f"rest_code {rest} hamnar i det verkliga området {rest[:length]} på nivå {number}.",
                en=f"rest_code {rest} falls in the real area {rest[:length]} of level {number}.",
            )
            yield sheet.mistake(("rest_code",), message)


def area_name_mistakes(
    sheet: Sheet[MunicipalityFile], leaves: Collection[str]
) -> Iterator[Mistake]:
    """Areas above the leaf level that have no name, and names of no such area."""
    named = sheet.content.area_names
    upper = {leaf[:length] for length in sheet.content.levels[:-1] for leaf in leaves}
    for code in sorted(upper.difference(named)):
        message = Text(sv=f"Området {code} saknar namn.", en=f"The area {code} has no name.")
        yield sheet.mistake(("area_names",), message)
    for code in named:
        if code not in upper:
            message = Text(
                sv=f"Inget område på de övre nivåerna har koden {code}.",
                en=f"No area of the upper levels has the code {code}.",
            )
            yield sheet.mistake(("area_names", code), message)


def actor_mistakes(sheet: Sheet[ActorsFile]) -> Iterator[Mistake]:
    """Ids that stand twice or are taken by the house itself."""
    ids = [actor.id for actor in sheet.content.actors]
    for at, actor in repeated(ids):
        yield sheet.mistake(("actors", at, "id"), stands_twice(actor))
    for at, message in confused(ids):
        yield sheet.mistake(("actors", at, "id"), message)
    for at, actor in enumerate(ids):
        if actor in RESERVED_ACTORS:
            message = Text(
                sv=f"Id:t {actor} är upptaget av dataägaren.",
                en=f"The id {actor} is taken by the data owner.",
            )
            yield sheet.mistake(("actors", at, "id"), message)


def indicator_mistakes(
    sheet: Sheet[IndicatorsFile], actors: Collection[str] | None
) -> Iterator[Mistake]:
    """Codes and names that stand twice, and what is wrong with each leaf's actors.

    Shape: `actors` is `None` when their file could not be read; then nobody is unknown.
    """
    entries = sheet.content.indicators
    for key in ("code", "name", "name_en"):
        for at, word in repeated([getattr(one, key) for one in entries]):
            yield sheet.mistake(("indicators", at, key), stands_twice(word))
    for at, message in confused([one.code for one in entries]):
        yield sheet.mistake(("indicators", at, "code"), message)
    for at, entry in enumerate(entries):
        yield from _reporter_mistakes(sheet, at, entry, actors=actors)


def _reporter_mistakes(
    sheet: Sheet[IndicatorsFile],
    at: int,
    entry: IndicatorEntry,
    *,
    actors: Collection[str] | None,
) -> Iterator[Mistake]:
    place: Place = ("indicators", at, "actors")
    if not entry.actors:
        message = Text(
            sv=f"Ingen aktör får rapportera {entry.code}.",
            en=f"No actor may report {entry.code}.",
        )
        yield sheet.mistake(place, message)
    for where, actor in repeated(entry.actors):
        yield sheet.mistake((*place, where), stands_twice(actor))
    for where, actor in enumerate(entry.actors):
        if actors is not None and actor not in actors:
            yield sheet.mistake((*place, where), unknown_actor(actor))
