"""The oracle's cells beside the database's: what is missing, and what is too much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deploy.chaos.oracle import Count
from deploy.demo.truth import Cell

SHOWN = 20


@dataclass(slots=True)
class Tally:
    """One tier and measure. Unit: `lost` and `doubled` in reports or incidents."""

    lost: int = 0
    doubled: int = 0

    def see(self, expected: int, found: int) -> None:
        """Take in one cell."""
        self.lost += max(0, expected - found)
        self.doubled += max(0, found - expected)


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that is wrong."""

    cell: Cell
    expected: Count
    found: Count


@dataclass(slots=True)
class Comparison:
    """What a comparison found.

    A live event is in one cell of each tier, so a lost one is missing in every tier: `lost` and
    `doubled` are those of the worst tier and measure, not their sum. What was counted in a wrong
    place is both lost and doubled.
    """

    cells: int = 0
    wrong: int = 0
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    shown: list[Difference] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Counts that should be there and are not."""
        return max((one.lost for one in self.tallies.values()), default=0)

    @property
    def doubled(self) -> int:
        """Counts that are there and should not be."""
        return max((one.doubled for one in self.tallies.values()), default=0)

    def see(self, cell: Cell, expected: Count, found: Count) -> None:
        """Take in one cell."""
        self.cells += 1
        for measure, is_expected, is_found in zip(Count._fields, expected, found, strict=True):
            tally = self.tallies.setdefault((cell.tier, measure), Tally())
            tally.see(is_expected, is_found)
        if expected != found:
            self.wrong += 1
            if len(self.shown) < SHOWN:
                self.shown.append(Difference(cell, expected, found))


def compared(
    expected: Mapping[Cell, Count],
    found: Iterable[tuple[Cell, Count]],
    *,
    kept_from: Mapping[str, datetime],
) -> Comparison:
    """Compare every cell that either side knows and that its tier still keeps.

    Shape: `kept_from` by tier; a tier that is not named keeps everything.
    """
    comparison = Comparison()
    missing = {cell: count for cell, count in expected.items() if _is_kept(cell, kept_from)}
    for cell, count in found:
        if _is_kept(cell, kept_from):
            comparison.see(cell, missing.pop(cell, Count(0, 0)), count)
    for cell, count in missing.items():
        comparison.see(cell, count, Count(0, 0))
    return comparison


def _is_kept(cell: Cell, kept_from: Mapping[str, datetime]) -> bool:
    return cell.tier not in kept_from or cell.bucket >= kept_from[cell.tier]
