"""The numbers of a written place: which are house numbers or units, and to which name they belong."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from services.anonymizer.domain.locating.descriptions import is_attribute, is_several
from services.anonymizer.domain.locating.spelling import Word
from services.anonymizer.domain.locating.vocabulary import (
    AFTER_AMOUNTS,
    APARTMENTS,
    NUMBER_SIGNS,
    ROAD_WORDS,
    TOGETHER,
)

MOST_HOUSE_DIGITS = 4
APARTMENT_DIGITS = 4
MOST_BETWEEN = 200  # a range that is longer is no range of houses
SHORTEST_DATE = 3
YEARS = range(1900, 2100)


class House(NamedTuple):
    """A house number and its letter, which may be empty."""

    number: int
    letter: str


class HouseNumbers(NamedTuple):
    """The house numbers that are written with one street. Shape: `is_range` is `12-24`, of two."""

    each: Sequence[House]
    is_range: bool = False

    def between(self) -> Iterator[House]:
        """The houses inside a range, on its side of the street, or on both."""
        if not self.is_range:
            return
        low, high = sorted(one.number for one in self.each)
        step = 2 if (high - low) % 2 == 0 else 1
        if high - low <= MOST_BETWEEN:
            yield from (House(number, "") for number in range(low + step, high, step))


NO_HOUSES = HouseNumbers(())


class Numbers:
    """The numbers among the words of a text.

    Shape: `postcodes` are where postal codes stand, `123 45` or `12345`, as `[first, end)` of words;
    `has_any` if a number may be a part of a name: of a house, a unit, a road;
    `has_road` if one is a road's.
    """

    def __init__(
        self, words: Sequence[Word], covered: AbstractSet[int], ends: AbstractSet[int]
    ) -> None:
        """Take the words; `covered` are the places of those that belong to names.

        Shape: `ends` are where names of streets and quarters end: what stands there is theirs, and
        not the next name's.
        """
        self.words = words
        self._covered = covered
        self._ends = ends
        self._places = [at for at, word in enumerate(words) if word.is_number]
        self.postcodes = list(self._find_postcodes())
        self._other = self._find_other() if self._places else frozenset[int]()
        self.has_any = any(self._may_name(at) for at in self._places)
        self.has_road = any(self.is_road(at) for at in self._places)

    def _find_postcodes(self) -> Iterator[tuple[int, int]]:
        for at in self._places:
            digits = len(self.words[at].plain)
            if digits == 5:
                yield at, at + 1
            elif digits == 3 and self._digits(at + 1) == 2:
                yield at, at + 2

    def is_house(self, at: int) -> bool:
        """Whether the word there can be a house number."""
        return self._may_name(at) and not self.is_road(at) and not self._joined(at, ":")

    def is_road(self, at: int) -> bool:
        """Whether the number there is a road's: after `E`, `väg`, `rv` and the like."""
        if not 0 < at < len(self.words) or not self.words[at].is_number or at - 1 in self._covered:
            return False
        before = self.words[at - 1].ascii
        if before == "e":
            return at < 2 or not self.words[at - 2].is_number
        if before not in ROAD_WORDS:
            return False
        # `Björkk vägen 12`: the word before is the rest of a name that is not known yet
        apart = at > 1 and self.words[at - 2].is_name and at - 2 not in self._covered
        return not apart or self.words[at - 2].ascii in APARTMENTS | NUMBER_SIGNS | TOGETHER

    def of_street(self, start: int, end: int) -> HouseNumbers:
        """The house numbers of the words `[start, end)`: after them, else the one before."""
        after = self._after_signs(end)
        if self.is_house(after):
            places = list(self._together(after))
            each = [House(int(self.words[at].plain), self._letter(at + 1)) for at in places]
            return HouseNumbers(each, len(each) == 2 and self._is_range(*places))
        return self._before(start)

    def of_quarter(self, end: int) -> list[tuple[str, str | None]]:
        """The units after a quarter's or tract's name: block and unit, or unit alone."""
        words = self.words
        at = self._after_signs(end)
        if at < len(words) and words[at].plain == ",":
            at = self._after_signs(at + 1)
        if not self._may_name(at, most_digits=len(words[at].plain) if at < len(words) else 0):
            return []
        if not self._is_block(at):
            return [(words[one].plain, None) for one in self._units(at)]
        found: list[tuple[str, str | None]] = []
        block = words[at].plain
        for one in self._units(at + 2):
            block = words[one].plain if self._is_block(one) else block
            found.append((block, words[one + 2 if self._is_block(one) else one].plain))
        return found

    def _is_block(self, at: int) -> bool:
        """Whether `block:unit` begins there."""
        return (
            at + 2 < len(self.words)
            and self.words[at + 1].plain == ":"
            and self._digits(at + 2) > 0
        )

    def _units(self, at: int) -> Iterator[int]:
        """Where the units stand that follow each other from `at` on; both ends of a range."""
        yield at
        after = at + (3 if self._is_block(at) else 1)
        joined = self._after_joiner(after)
        if joined > after and self._may_name(joined) and not self._is_apartment(joined):
            yield from self._units(joined)

    def _together(self, at: int) -> Iterator[int]:
        """Where the house numbers stand that follow each other from `at` on."""
        yield at
        after = at + 1 + (self._letter(at + 1) != "")
        joined = self._after_joiner(after)
        if self.is_house(joined) and not self._is_apartment(joined):
            yield from self._together(joined)

    def _after_joiner(self, at: int) -> int:
        """The place after what joins numbers; `at` if nothing does."""
        while at < len(self.words) and self.words[at].ascii in TOGETHER | NUMBER_SIGNS:
            at += 1
        return at

    def _is_range(self, first: int, second: int) -> bool:
        return any(word.plain in ("-", "till") for word in self.words[first:second])

    def _before(self, start: int) -> HouseNumbers:
        """The house number in front of a name, if it is one alone and no other name's."""
        letter = ""
        at = start - 1
        if at >= 1 and len(self.words[at].ascii) == 1 and self.words[at].is_name:
            letter = self.words[at].ascii
            at -= 1
        if not self.is_house(at) or at in self._ends or self._after_number(at):
            return NO_HOUSES
        return HouseNumbers((House(int(self.words[at].plain), letter),))

    def _after_number(self, at: int) -> bool:
        """Whether the number there goes on from another, as in `12/5`: it is a date's or a list's."""
        joiner = at > 1 and self.words[at - 1].ascii in TOGETHER
        return at > 0 and self.words[at - 2 if joiner else at - 1].is_number

    def _after_signs(self, at: int) -> int:
        while at < len(self.words) and self.words[at].ascii in NUMBER_SIGNS:
            at += 1
        return at

    def _may_name(self, at: int, *, most_digits: int = MOST_HOUSE_DIGITS) -> bool:
        """Whether the number there is no postal code, time, floor or distance."""
        if not 0 <= at < len(self.words) or not self.words[at].is_number:
            return False
        if len(self.words[at].plain) > most_digits or at in self._other:
            return False
        return not any(first <= at < end for first, end in self.postcodes)

    def _find_other(self) -> frozenset[int]:
        """The numbers that say when, how far, how many or behind which door."""
        found: set[int] = set()
        for run in self._runs():
            first, last = run[0], run[-1]
            written = [self.words[at].plain for at in run]
            is_moment = self._joined(first, ".") or len(run) >= SHORTEST_DATE
            is_year = len(run) > 1 and any(int(one) in YEARS for one in written)
            is_phone = len(run) > 1 and written[0].startswith("0") and len(written[0]) > 2
            if is_moment or is_year or is_phone or self._is_amount(first, last):
                found.update(run)
        return frozenset(found)

    def _is_amount(self, first: int, last: int) -> bool:
        """Whether the words around the numbers say that they count something else."""
        if first and self.words[first - 1].ascii in APARTMENTS and first - 1 not in self._covered:
            return True
        after = self.words[last + 1 : last + 3]
        if not after:
            return False
        if after[0].ascii in AFTER_AMOUNTS or is_several(after[0]):
            return True
        return len(after) == 2 and self._is_amount_of(*after, at=last + 2)

    def _is_amount_of(self, first: Word, second: Word, *, at: int) -> bool:
        """Whether a number before these two words counts; `at` is where the second stands."""
        if first.ascii == "av":
            return second.is_number
        if first.ascii == "eller" and second.is_number:
            return self._is_amount(at, at)
        is_metres = first.ascii == "m" and second.is_name
        is_attributed = is_attribute(first) and second.ascii in AFTER_AMOUNTS
        return is_metres or is_attributed or is_several(second, after=first)

    def _runs(self) -> Iterator[list[int]]:
        """The numbers that `.` or `-` join: dates, times, ranges; a number alone is one."""
        run: list[int] = []
        for at in self._places:
            if run and (run[-1] != at - 2 or self.words[at - 1].plain not in (".", "-")):
                yield run
                run = []
            run.append(at)
        if run:
            yield run

    def _joined(self, at: int, sign: str) -> bool:
        """Whether the number there and one beside it are joined by a sign."""
        words = self.words
        after = at + 2 < len(words) and words[at + 1].plain == sign and words[at + 2].is_number
        before = at >= 2 and words[at - 1].plain == sign and words[at - 2].is_number
        return after or before

    def _is_apartment(self, at: int) -> bool:
        """Whether a further number is one of Lantmäteriet's four digits for a dwelling."""
        return len(self.words[at].plain) == APARTMENT_DIGITS

    def _digits(self, at: int) -> int:
        """How many digits the word there has."""
        return len(self.words[at].plain) if at < len(self.words) and self.words[at].is_number else 0

    def _letter(self, at: int) -> str:
        """The letter of a house number; `i` with a word after it is a preposition."""
        if at >= len(self.words) or len(self.words[at].ascii) != 1 or not self.words[at].is_name:
            return ""
        letter = self.words[at].ascii
        is_preposition = letter == "i" and at + 1 < len(self.words)
        return "" if is_preposition else letter
