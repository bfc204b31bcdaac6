"""Every name of a municipality's registers, found in a text by any of its usual writings."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import IntEnum, auto
from typing import NamedTuple

from services.anonymizer.domain.locating.letters import has_marks
from services.anonymizer.domain.locating.spelling import (
    LOST,
    Keys,
    Word,
    is_one_edit,
    keys_of,
    lossy_keys,
    ordinary_stems,
    words_of,
)

MOST_WORDS = 5
SHORTEST_MENDED = 6  # letters: shorter names lie too close to each other to guess among them


class Sort(IntEnum):
    """What a name names."""

    STREET = auto()
    LOCALITY = auto()
    AREA = auto()
    OBJECT = auto()
    PLACE = auto()
    QUARTER = auto()
    TOWN = auto()


class Name(NamedTuple):
    """A name of a register. Shape: `number` counts the names of its sort."""

    sort: Sort
    number: int


class Hit(NamedTuple):
    """Some words of a text that are a name's, or several names' whose writings are the same.

    Shape: `words[start:end]`; `is_exact`: written as in the register.
    """

    start: int
    end: int
    names: Sequence[Name]
    is_exact: bool

    def of(self, sort: Sort) -> list[int]:
        """The numbers of the names of one sort."""
        return [name.number for name in self.names if name.sort is sort]


class Lexicon:
    """Finds names in texts."""

    def __init__(self, names: Iterable[tuple[Sort, int, str]]) -> None:
        """Take the names; the same one may have several sorts. `words` are those of all names."""
        self.words: dict[str, Word] = {}
        self._names: list[Name] = []
        self._plain: list[str] = []
        self._ascii: list[str] = []
        self._written: list[str] = []
        self._loose: dict[str, tuple[int, ...]] = {}
        self._lossy: dict[str, tuple[int, ...]] = {}
        buckets: dict[tuple[Sort, str, int], list[tuple[str, int]]] = defaultdict(list)
        longest = 1
        for sort, number, written in names:
            words = [word for word in words_of(written, self.words) if word.is_name]
            if not words:
                continue
            self.words |= {word.plain: word for word in words}
            keys = keys_of(words)
            at = len(self._names)
            self._names.append(Name(sort, number))
            self._plain.append(keys.plain)
            self._ascii.append(keys.ascii)
            self._written.append(written)
            _add(self._loose, keys.loose, at)
            for key in lossy_keys(keys.plain):
                _add(self._lossy, key, at)
            for key in {keys.whole, keys.ascii}:
                buckets[sort, key[0], len(key)].append((key, at))
            longest = max(longest, len(words))
        self._buckets = dict(buckets)
        self._longest = min(longest + 1, MOST_WORDS)  # one may be written apart

    def search(self, words: Sequence[Word], *, marked: bool) -> list[Hit]:
        """The names in a text from left to right, of two that overlap the longer.

        Shape: `marked` if the text has å, ä, ö.
        """
        hits: list[Hit] = []
        start = 0
        while start < len(words):
            hit = self._at(words, start, marked=marked) if words[start].is_name else None
            if hit is None:
                start += 1
            else:
                hits.append(hit)
                start = hit.end
        return hits

    def _at(self, words: Sequence[Word], start: int, *, marked: bool) -> Hit | None:
        """The longest name that begins at a word."""
        end = start + 1
        while end < len(words) and end - start < self._longest and words[end].is_name:
            end += 1
        for last in range(end, start, -1):
            keys = keys_of(words[start:last])
            found = self._loose.get(keys.loose)
            if found is not None and (
                hit := self._chosen(words[start:last], start, keys, found, marked=marked)
            ):
                return hit
            if LOST in keys.plain and (found := self._lossy.get(keys.plain)):
                return Hit(start, last, [self._names[at] for at in found], is_exact=False)
        return None

    def _chosen(
        self, words: Sequence[Word], start: int, keys: Keys, found: Sequence[int], *, marked: bool
    ) -> Hit | None:
        """Of the names of one loose key those that the writing means, if it means any.

        Who writes no å, ä, ö at all may mean any name that is the same without them; to who does,
        Backgatan is not Bäckgatan.
        """
        bare = [at for at in found if self._ascii[at] == keys.ascii]
        exact = [at for at in bare if self._plain[at] == keys.plain]
        chosen = exact if exact and marked else bare or found
        if marked and not exact:
            chosen = self._meant(words, chosen, marked=marked)
        if not chosen:
            return None
        names = [self._names[at] for at in chosen]
        return Hit(start, start + len(words), names, is_exact=exact == chosen)

    def mend(self, words: Sequence[Word], sort: Sort, *, marked: bool) -> list[int]:
        """The names of a sort that the words, which are no name, may have been meant as.

        Shape: numbers; a single letter apart, the first one right. Several mean that nobody knows.
        `marked` if the text has å, ä, ö. A name that is ordinary in Sweden is meant as itself, and never as another.
        """
        keys = keys_of(words)
        if len(keys.whole) < SHORTEST_MENDED:
            return []
        near = {at for at in self._lossy.get(keys.plain, ()) if self._names[at].sort is sort}
        if not near:
            near = {
                at
                for key in {keys.whole, keys.ascii}
                if len(key) >= SHORTEST_MENDED
                for length in (len(key) - 1, len(key), len(key) + 1)
                for known, at in self._buckets.get((sort, key[0], length), ())
                if is_one_edit(key, known)
            }
        if near:
            near = set(self._meant(words, near, marked=marked))
        return sorted(self._names[at].number for at in near)

    def _meant(self, words: Sequence[Word], near: Iterable[int], *, marked: bool) -> list[int]:
        """Of the names near the words those with all the ordinary names that the words have."""
        said = ordinary_stems(words, marked=marked)
        if not said:
            return list(near)
        return [
            at
            for at in near
            if said <= ordinary_stems(words_of(self._written[at], self.words), marked=marked)
        ]


def is_marked(words: Sequence[Word]) -> bool:
    """Whether the writer of a text has å, ä or ö at all."""
    return any(has_marks(word.plain) for word in words)


def _add(table: dict[str, tuple[int, ...]], key: str, at: int) -> None:
    table[key] = (*table.get(key, ()), at)
