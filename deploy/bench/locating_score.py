"""How a located place is judged, and which figures were promised."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from deploy.bench.labelled import Labelled

LEAST_RIGHT_OR_UNKNOWN: Final = 0.98
MOST_WRONG: Final = 0.002
LEAST_LOCATED: Final = 0.90
GOALS: Final = MappingProxyType(
    {
        "least_right": LEAST_RIGHT_OR_UNKNOWN,
        "most_wrong": MOST_WRONG,
        "least_located": LEAST_LOCATED,
    }
)
REST: Final = "rest_"
EXACT: Final = "exact"

AS_REGISTERED: Final = frozenset(
    {"address", "object", "property", "point_degrees", "point_tm", "point_local"}
)
"""Kinds that stand so in the register, or are coordinates as systems send them."""

NEVER_SO: Final = frozenset({"rest_no_location", "rest_unknown_nyko", "rest_nyko_too_coarse"})
"""Reasons that are false of every place here: each says where, and none by a code."""

OUTSIDE: Final = "rest_outside"


class Answer(NamedTuple):
    """What locating said: a leaf's code, how it was found, and how sure that is."""

    area: str
    placement: str
    confidence: str


@dataclass(slots=True)
class Tally:
    """How it went with places of one kind, or of all.

    `right`: in the true area; or in none, where nobody can know it.
    `unknown`: in none, where an area could be known; some of these are `not_honest`.
    `not_honest`: "unknown" of what stands in the register as written, or for a reason that is false:
    outside, of what lies inside; without a place, of what says one; an unknown code, where none was
    given. The actor would correct the wrong thing, or give up.
    `wrong`: in another area than the true one, or in any where nobody can know one; `wrong_exact` of
    these were claimed to be exact.
    """

    places: int = 0
    right: int = 0
    unknown: int = 0
    not_honest: int = 0
    wrong: int = 0
    wrong_exact: int = 0
    located: int = 0
    locatable: int = 0
    locatable_located: int = 0
    by_placement: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, judged: Iterable[tuple[Labelled, Answer]]) -> "Tally":
        """The tally of places with their answers."""
        tally = cls()
        for one, answer in judged:
            tally.add(one, answer)
        return tally

    def add(self, one: Labelled, answer: Answer) -> None:
        """Judge one answer."""
        is_located = not answer.placement.startswith(REST)
        self.places += 1
        self.located += is_located
        self.locatable += one.truth.is_owed
        self.locatable_located += is_located and one.truth.is_owed
        self.by_placement[answer.placement] += 1
        if is_located and answer.area != one.truth.area:
            self.wrong += 1
            self.wrong_exact += answer.confidence == EXACT
        elif is_located:
            self.right += 1
        else:
            self._add_unknown(one, answer)

    def _add_unknown(self, one: Labelled, answer: Answer) -> None:
        honest = is_honest(one, answer)
        if one.truth.area is None and honest:
            self.right += 1
        else:
            self.unknown += 1
            self.not_honest += not honest

    def figures(self) -> dict[str, float]:
        """Counts and shares.

        `right_or_unknown` is right or *honestly* unknown of all; what is neither that nor `wrong` is
        `not_honest`, so it is no other way of writing `wrong_area`. `located_of_locatable` is of the
        places that a person with the register would put into an area.
        """
        all_of = max(1, self.places)
        return {
            "places": self.places,
            "right": self.right,
            "unknown": self.unknown,
            "not_honest": self.not_honest,
            "wrong": self.wrong,
            "wrong_exact": self.wrong_exact,
            "located": self.located,
            "locatable": self.locatable,
            "right_or_unknown": round((self.right + self.unknown - self.not_honest) / all_of, 5),
            "wrong_area": round(self.wrong / all_of, 5),
            "located_share": round(self.located / all_of, 5),
            "located_of_locatable": round(self.locatable_located / max(1, self.locatable), 5),
            "unlocatable_share": round(1 - self.locatable / all_of, 5),
        }


def is_honest(one: Labelled, answer: Answer) -> bool:
    """Whether "unknown" is true: neither is it known, nor is the reason false."""
    if answer.placement in NEVER_SO:
        return False
    if one.truth.area is not None and answer.placement == OUTSIDE:
        return False
    return not (one.truth.is_owed and one.kind in AS_REGISTERED)


def meets_goals(figures: dict[str, float]) -> bool:
    """Whether locating is as good as was promised (issue 6, point 2).

    "Located at all" is asked of the places that a person with the register could locate: of a street
    that we do not have every area is wrong, so that none of those can count for it.
    """
    return (
        figures["right_or_unknown"] >= LEAST_RIGHT_OR_UNKNOWN
        and figures["wrong_area"] <= MOST_WRONG
        and figures["located_of_locatable"] >= LEAST_LOCATED
    )
