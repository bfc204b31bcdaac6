"""What a pack says of linking: families, which of them may be one incident, and classes."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.pack.digests import digest_of
from shared.pack.model import Family, Kind, Pack, Sensitivity

FAMILIES = {family: number for number, family in enumerate(Family, start=1)}
"""Family to its number in a cell; 0 is a report that is never linked."""

UNLINKED = 0

LINKED_CLASSES = frozenset({Sensitivity.S0, Sensitivity.S1, Sensitivity.S2})
"""S3 is never linked: that two actors know of the same person is itself what must not be told."""

BOUNDED_CLASSES = frozenset({Sensitivity.S2, Sensitivity.S3})


@dataclass(frozen=True, slots=True)
class Trait:
    """What of an indicator matters here. Shape: `family` 0 is never linked; `code` a digest."""

    family: int
    code: int
    bounded: bool


@dataclass(frozen=True, slots=True)
class LinkingRules:
    """One municipality's rules.

    Shape: `compatible` is family number to the numbers of the others that may be one incident
    with it.
    """

    municipality: str
    traits: Mapping[str, Trait]
    compatible: Mapping[int, tuple[int, ...]]


def rules_of(pack: Pack) -> LinkingRules:
    """The rules that a pack says."""
    pairs = {(FAMILIES[a], FAMILIES[b]) for a, b in pack.compatible}
    both = sorted(pairs | {(b, a) for a, b in pairs})
    return LinkingRules(
        municipality=pack.code,
        traits={
            one.code: Trait(
                family=FAMILIES[one.family] if one.sensitivity in LINKED_CLASSES else UNLINKED,
                code=digest_of(one.code),
                bounded=one.sensitivity in BOUNDED_CLASSES,
            )
            for one in pack.indicators.values()
            if one.kind is Kind.EVENT
        },
        compatible={
            number: tuple(b for a, b in both if a == number) for number in FAMILIES.values()
        },
    )
