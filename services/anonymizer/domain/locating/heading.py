"""Names in a text that say where somebody was going, where it was not or who somebody is."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from services.anonymizer.domain.locating.common_words import (
    ATTRIBUTES,
    DISTANCES,
    PARTS_OF_A_HOUSE,
    VERBS,
)
from services.anonymizer.domain.locating.descriptions import NOUNS, capitalised, is_description
from services.anonymizer.domain.locating.lexicon import Hit, Sort
from services.anonymizer.domain.locating.spelling import Word
from services.anonymizer.domain.locating.vocabulary import (
    ADDRESS,
    AT_A_PLACE,
    BEFORE_OBJECTS,
    BEFORE_WRONG,
    DIRECTIONS,
    HEADINGS,
    LAST_TIME,
    LIKE,
    MISTAKEN,
    MISTAKEN_OF,
    NEGATIONS,
    ORDINARY,
    OUTSIDE,
    QUALIFIERS,
    ROAD_WORDS,
    SHORT_QUALIFIERS,
    WRONG,
)

_BETWEEN = (ORDINARY | BEFORE_OBJECTS | QUALIFIERS | ROAD_WORDS | {"e"}) - AT_A_PLACE
_ANYTHING_SMALL = _BETWEEN | AT_A_PLACE | VERBS
_AND = frozenset({"och", "eller", "/"})
_ARTICLES = frozenset({"en", "ett"})
_PERSONS = frozenset(
    [
        *("familjen", "fam", "hos", "herr", "fru", "man", "mannen", "kvinna", "kvinnan", "pojke"),
        *("pojken", "flicka", "flickan", "sonen", "dottern", "mamman", "pappan", "elev", "eleven"),
        *("patient", "patienten", "granne", "grannen", "hyresgast", "hyresgasten", "boende"),
        *("brukare", "brukaren", "kund", "kunden", "anmalare", "anmalaren", "agare", "agaren"),
        *("vittne", "vittnet", "malsagande", "malsaganden", "uppgiftslamnare", "enligt"),
    ]
)
_BEFORE_FULL_NAMES = frozenset({"enligt", "granne", "hyresgast", "hos"})
_NO_FIRST_NAMES = AT_A_PLACE | BEFORE_OBJECTS | VERBS | ATTRIBUTES | NOUNS | {","}
_QUARTER_SIGNS = frozenset({"kv", "kvarteret", "kvarter", "fastigheten", "fastighet"})
_CARE_OF = ["c", "/", "o"]
_WIDE = frozenset({Sort.LOCALITY, Sort.TOWN, Sort.AREA})
_PLACES_OR_THINGS = frozenset({Sort.STREET, Sort.OBJECT})


def is_qualified(words: Sequence[Word], start: int, covered: AbstractSet[int]) -> bool:
    """Whether the word in front makes another name of what begins there: `Norra X` is not `X`."""
    if start == 0 or start - 1 in covered:
        return False
    before = words[start - 1]
    if before.ascii in QUALIFIERS:
        return True
    if before.plain not in SHORT_QUALIFIERS:
        return False
    # not the letter of a house, an `o` for `och`, nor the end of `c/o`
    return start < 2 or not (
        words[start - 2].is_number
        or words[start - 2].plain == "/"
        or (before.plain == "o" and start - 2 in covered)
    )


def is_a_thing(words: Sequence[Word], hit: Hit, text: str) -> bool:
    """Whether what may be a name is the thing: `en skogsväg`, and what quarters are named after.

    A quarter's is if it stands in lower case, in a text that has capitals too, with no unit and no
    `kv`.
    """
    if hit.start and words[hit.start - 1].plain in _ARTICLES:
        return True
    if hit.end - hit.start > 1 or any(name.sort is not Sort.QUARTER for name in hit.names):
        return False
    before = words[hit.start - 1].ascii if hit.start else ""
    after = hit.end < len(words) and words[hit.end].is_number
    if not hit.start or after or before in _QUARTER_SIGNS or text.islower():
        return False
    names = capitalised(text)
    is_cased = words[hit.start].plain not in names and not text.isupper()
    return is_cased and is_description(words, hit.start, names)


def is_mistaken(words: Sequence[Word]) -> bool:
    """Whether a text says that a place in it is wrong: `fel adress`, `felregistrerat på`."""
    if any(word.ascii in MISTAKEN for word in words):
        return True
    written = ["", *(word.ascii for word in words), ""]
    return any(
        word in WRONG and _is_of_the_place(written[at - 1], written[at + 1])
        for at, word in enumerate(written)
    )


def _is_of_the_place(before: str, after: str) -> bool:
    """Whether `fel` between these is said of the place: `fel adress`, not `fel på` nor `på fel plats`."""
    if before in BEFORE_WRONG:
        return after not in AT_A_PLACE
    is_where_it_stood = before in ("pa", "i") and after not in ADDRESS
    return after in MISTAKEN_OF and not is_where_it_stood


def onward(words: Sequence[Word], hits: Sequence[Hit]) -> frozenset[int]:
    """Where the words stand that name where somebody came from or was going, or it was not this time.

    Shape: `hits` are the names of ours.
    """
    ends = {hit.start: hit.end for hit in hits}
    wide = {hit.start: hit.end for hit in hits if all(name.sort in _WIDE for name in hit.names)}
    found: set[int] = set()
    for at, word in enumerate(words):
        if at in found:
            continue
        if word.ascii in NEGATIONS or _tells_of_before(words, at, ends):
            found.update(_destination(words, ends, at + 1, between=_ANYTHING_SMALL))
        elif word.ascii in HEADINGS and not _tells_what(words, at):
            found.update(_destination(words, ends, at + 1))
        elif word.ascii in OUTSIDE:
            found.update(_destination(words, wide, at + 1))
    return frozenset(found)


def _tells_of_before(words: Sequence[Word], at: int, ends: Mapping[int, int]) -> bool:
    """Whether what comes after is said of another time: `som på X`, `som X`, `förra gången på X`."""
    if words[at].ascii == LIKE:
        return at + 1 in ends or (at + 1 < len(words) and words[at + 1].ascii in AT_A_PLACE)
    return at > 0 and words[at].ascii == "gangen" and words[at - 1].ascii in LAST_TIME


def _tells_what(words: Sequence[Word], at: int) -> bool:
    """Whether `till` or `från` says what something is part of, or how far off."""
    if at == 0 or words[at].ascii in DIRECTIONS:
        return False
    before = words[at - 1].plain
    return before in (PARTS_OF_A_HOUSE if words[at].ascii == "till" else DISTANCES)


def _destination(
    words: Sequence[Word],
    ends: Mapping[int, int],
    at: int,
    *,
    between: AbstractSet[str] = _BETWEEN,
) -> Iterator[int]:
    """The words of the destinations that are named from `at` on, several if `och` joins them."""
    while at < len(words):
        while at < len(words) and at not in ends and words[at].ascii in between:
            at += 1
        end = ends.get(at)
        if end is None:
            is_road = at < len(words) and words[at].is_number and _names_road(words[at - 1])
            end = at + 1 if is_road else at
        yield from range(at, end)
        if end == at or end >= len(words) or words[end].ascii not in _AND:
            return
        at = end + 1


def _names_road(before: Word) -> bool:
    return before.ascii == "e" or before.ascii in ROAD_WORDS


def is_person(words: Sequence[Word], hit: Hit) -> bool:
    """Whether a name of ours is somebody's: after `c/o`, `hos`, `familjen` or an initial in front."""
    if hit.start == 0 or any(name.sort in _PLACES_OR_THINGS for name in hit.names):
        return False
    before = words[hit.start - 1].ascii
    if hit.start == 1 and len(before) == 1 and before != "i":
        return hit.end < len(words) and words[hit.end].plain == ","
    if before in _PERSONS:
        return True
    is_surname = hit.start > 1 and before not in _NO_FIRST_NAMES
    if is_surname and words[hit.start - 2].ascii in _BEFORE_FULL_NAMES:
        return True
    front = [word.ascii for word in words[max(0, hit.start - 4) : hit.start]]
    return _CARE_OF in (front[-3:], front[-4:-1])
