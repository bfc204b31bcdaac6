"""Whether the areas' validities fit together: no code twice on one day, no day without areas.

What the borders say of it (land that lies in no area for a while) is in `borders`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from shared.language import Text
from shared.pack.features import AreaFeature
from shared.pack.mistakes import Mistake


def feature_mistakes(
    features: Sequence[AreaFeature], *, code_length: int | None
) -> Iterator[Mistake]:
    """Wrong validity, codes of another length than the leaf level's, areas that stand twice."""
    for one in features:
        yield from _period_mistakes(one)
        code = one.properties.code
        if code_length is not None and len(code) != code_length:
            yield one.mistake(_wrong_length(code, code_length))
    timed = [one for one in features if one.has_period and one.valid_from < one.ends]
    twice = _at_one_time(timed, lambda one: one.properties.code)
    for at, earlier in twice.items():
        yield timed[at].mistake(_twice(timed[at], earlier))
    for at in _at_one_time(timed, lambda one: one.properties.name):
        if at not in twice:
            yield timed[at].mistake(_same_name(timed[at].properties.name))
    yield from _days_without_areas(timed)


def are_at_one_time(one: AreaFeature, other: AreaFeature) -> bool:
    """Whether there is a day on which both areas are valid."""
    return one.valid_from < other.ends and other.valid_from < one.ends


def _at_one_time(
    features: Sequence[AreaFeature], word: Callable[[AreaFeature], str]
) -> dict[int, AreaFeature]:
    """The places of areas that share a word, on some same day, with one that stands before."""
    seen: dict[str, list[AreaFeature]] = {}
    found: dict[int, AreaFeature] = {}
    for at, one in enumerate(features):
        alike = seen.setdefault(word(one), [])
        earlier = next((other for other in alike if are_at_one_time(one, other)), None)
        if earlier is not None:
            found[at] = earlier
        alike.append(one)
    return found


def _days_without_areas(features: Sequence[AreaFeature]) -> Iterator[Mistake]:
    """Days between the divisions, or after the last one, on which there is no area at all."""
    in_order = sorted(features, key=lambda one: one.valid_from)
    last = in_order[0].ends if in_order else date.max
    for _, one in pairwise(in_order):
        if one.valid_from > last:
            yield one.mistake(_no_areas(last, one.valid_from))
        last = max(last, one.ends)
    if last != date.max:
        yield next(one for one in features if one.ends == last).mistake(_all_ended(last))


def _period_mistakes(one: AreaFeature) -> Iterator[Mistake]:
    if not one.has_period:
        yield one.mistake(_NO_SUCH_DAY)
    elif one.ends <= one.valid_from:
        yield one.mistake(_ENDS_FIRST)


_NO_SUCH_DAY = Text(
    sv="valid_from eller valid_to är ingen dag i kalendern.",
    en="valid_from or valid_to is no day of the calendar.",
)
_ENDS_FIRST = Text(
    sv="valid_to ska ligga efter valid_from.", en="valid_to must be after valid_from."
)


def _wrong_length(code: str, length: int) -> Text:
    return Text(
        sv=f"Områdeskoden {code} ska ha {length} siffror, som den finaste nivån.",
        en=f"The area code {code} must have {length} digits, as the finest level.",
    )


def _twice(one: AreaFeature, earlier: AreaFeature) -> Text:
    code = one.properties.code
    if one.is_current and earlier.is_current:
        return Text(
            sv=f"Områdeskoden {code} finns redan på rad {earlier.line}.",
            en=f"The area code {code} is already on line {earlier.line}.",
        )
    day = max(one.valid_from, earlier.valid_from)
    return Text(
        sv=f"Områdeskoden {code} gäller redan {day} enligt rad {earlier.line}.",
        en=f"The area code {code} is already valid on {day} by line {earlier.line}.",
    )


def _same_name(name: str) -> Text:
    return Text(
        sv=f"Två områden heter {name}; ingen kan skilja dem åt.",
        en=f"Two areas are named {name}; nobody can tell them apart.",
    )


def _no_areas(end: date, start: date) -> Text:
    return Text(
        sv=f"Från {end} till {start} finns inga områden: en indelning ska börja den dag som den "
        "förra slutar.",
        en=f"From {end} to {start} there are no areas: a division begins on the day that the one "
        "before it ends.",
    )


def _all_ended(end: date) -> Text:
    return Text(
        sv=f"Inget område gäller från {end}: de som gäller nu ska ha valid_to null.",
        en=f"No area is valid from {end}: those in use have valid_to null.",
    )
