"""How people write Swedish names, and the keys under which different writings are the same.

A writing has three keys, each coarser than the one before: *as written* (case, blanks, hyphens and
dots make no difference), *ASCII* (neither do the marks of å, ä, ö), and *loose* (neither do the
abbreviation or form of the ending, a genitive s, and the usual abbreviations in front).
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from services.anonymizer.domain.locating.letters import fold
from services.anonymizer.domain.locating.ordinary_names import BARE_STEMS, ordinary

LOST = "\ufffd"
"""Stands for a letter that a system on the way did not know."""


def _misread() -> dict[str, str]:
    """Letters as they look after UTF-8 was read as one of its predecessors."""
    found: dict[str, str] = {}
    for letter in "åäöéüÅÄÖÉÜ":
        for wrong in ("cp1252", "latin-1"):
            found[letter.encode().decode(wrong, errors="replace")] = letter
    return {wrong: letter for wrong, letter in found.items() if LOST not in wrong}


_MISREAD = _misread()
_MISREAD_FORM = re.compile("|".join(map(re.escape, sorted(_MISREAD, key=len, reverse=True))))
# Swedish letters of MS-DOS read as Windows', of Windows read as MS-DOS's, and in 7 bits; they
# stand for letters only beside letters, for some of them are signs too.
_SIGNS = MappingProxyType(str.maketrans("†„”Ž™÷õÕÍ┼─}{|][\\", "åäöÄÖöäåÖÅÄåäöÅÄÖ"))
_SIGN = r"[†„”Ž™÷õÕÍ┼─}{|\]\[\\]+"
_SIGN_FORM = re.compile(rf"(?<=[^\W\d_]){_SIGN}|{_SIGN}(?=[^\W\d_])")
_LOST_FORM = re.compile(r"(?<=[^\W\d_])[?\ufffd]+(?=[^\W\d_])|[?\ufffd]+(?=[^\W\d_]{2})")
_RARE = re.compile(r"[^\w\s.,:;/()+\-]|[\u0300-\u036fÃõÕÍŽ]")

_DIGRAPHS = re.compile("aa|ae|oe", re.IGNORECASE)
_SAINTS = re.compile(r"\b(s:t|s:ta|n:a|s:a|ö:a|v:a|st:a|l:a|g:a|gla|gml)\b\.?")
_SAINT_WORDS = MappingProxyType(
    {"s:t": "sankt", "s:ta": "sankta", "n:a": "norra", "s:a": "södra", "ö:a": "östra"}
    | {"v:a": "västra", "st:a": "stora", "l:a": "lilla"}
    | dict.fromkeys(("g:a", "gla", "gml"), "gamla")
)
_TOKEN = re.compile(r"(?:[^\W\d_]|\ufffd)+|\d+|[,;/()\n&+:]|(?<=\d)[.\-](?=\d)")
_DASH = re.compile(r"(?<=\d)[ \xa0]?[\u2010-\u2014\-][ \xa0]?(?=\d)")

MOST_ABBREVIATED = 2  # letters of an ending's shortest forms: `g`, `v`, `st`
SHORTEST_GENITIVE = 4  # letters of a stem with its s: `ås`, `hus`, `ros` have none
_IN_FRONT = MappingProxyType(
    {"n": "norra", "s": "sodra", "o": "ostra", "v": "vastra", "st": "stora", "l": "lilla"}
    | {"gl": "gamla", "skt": "sankt"}
)
_ENDINGS = MappingProxyType(
    dict.fromkeys(("gatan", "gata", "gat", "g"), "gatan")
    | dict.fromkeys(("vagen", "vag", "vg", "v"), "vagen")
    | dict.fromkeys(("stigen", "stig", "st"), "stigen")
    | dict.fromkeys(("granden", "grand", "gr"), "grand")
    | dict.fromkeys(("torget", "torg"), "torg")
    | dict.fromkeys(("backen", "backe"), "backen")
    | dict.fromkeys(("skolan", "skola"), "skola")
    | dict.fromkeys(("parken", "park"), "park")
    | dict.fromkeys(("idrottsplatsen", "idrottsplats", "ip"), "idrottsplats")
    | dict.fromkeys(("platsen", "plats", "pl"), "plats")
    | dict.fromkeys(("centrumet", "centrum"), "centrum")
)
_ENDING_FORM = re.compile(
    "(.{2,}?)(" + "|".join(sorted(_ENDINGS, key=len, reverse=True)) + r")\Z", re.DOTALL
)


class Word(msgspec.Struct, frozen=True, gc=False):
    """One word, number or separator of a text.

    Shape: `plain` in lower case, `ascii` without marks, `stem` and `ending` of that, the ending
    in its one form; a separator is neither number nor name.
    """

    plain: str
    ascii: str
    stem: str
    ending: str
    is_number: bool = False
    is_name: bool = False


class Keys(NamedTuple):
    """The three keys of a writing; `whole` is the loose one with the genitive s that is written."""

    plain: str
    ascii: str
    loose: str
    whole: str


def mended(text: str) -> str:
    """The text with misread letters put right; letters that are lost stand as `LOST`."""
    if text.isascii() and not _RARE.search(text):
        return text
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if _RARE.search(text) is None:
        return text
    if "&" in text:
        text = html.unescape(text)
    text = _read_again(_read_again(text))  # some are misread twice
    text = _MISREAD_FORM.sub(lambda found: _MISREAD[found[0]], text)
    text = _SIGN_FORM.sub(lambda found: found[0].translate(_SIGNS), text)
    return _LOST_FORM.sub(LOST, text)


def _read_again(text: str) -> str:
    """UTF-8 that was read as Windows' letters, read right; a text that was not, as it is."""
    if "Ã" not in text and "Â" not in text:
        return text
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def without_digraphs(text: str) -> str:
    """`aa`, `ae` and `oe` as the one letter that they often stand for, without its marks."""
    return _DIGRAPHS.sub(lambda found: found[0][0], text)


def words_of(text: str, known: Mapping[str, Word] = MappingProxyType({})) -> list[Word]:
    """The words, numbers and separators of a text that is mended; `known` are made already."""
    plain = text.casefold()
    if ":" in plain or "gla" in plain or "gml" in plain:
        plain = _SAINTS.sub(lambda found: _SAINT_WORDS[found[1]], plain)
    plain = _DASH.sub("-", plain)
    return [known.get(written) or word_of(written) for written in _TOKEN.findall(plain)]


def word_of(written: str) -> Word:
    """One word of a text in lower case."""
    if written[0].isdecimal():
        return Word(written, written, written, "", is_number=True)
    if not written[0].isalpha() and written[0] != LOST:
        return Word(written, written, written, "")
    bare = fold(written)
    stem, ending = split(bare)
    return Word(written, bare, stem, ending, is_name=True)


def split(word: str) -> tuple[str, str]:
    """Stem and ending of a word without marks; a word that is only an ending has no stem."""
    whole = _ENDINGS.get(word)
    if whole is not None:
        return "", whole
    found = _ENDING_FORM.match(word)
    if found is None:
        return word, ""
    if len(found[2]) <= MOST_ABBREVIATED and word in BARE_STEMS:
        return word, ""  # `berg` is no abbreviation of a `bergatan`
    return found[1], _ENDINGS[found[2]]


def keys_of(words: Sequence[Word]) -> Keys:
    """The keys of some words that stand together."""
    if len(words) == 1:
        (one,) = words
        return Keys(one.plain, one.ascii, _joined(one.stem, one.ending), one.stem + one.ending)
    *before, last = words
    first = _IN_FRONT.get(before[0].ascii, before[0].ascii)
    front = first + "".join([word.ascii for word in before[1:]])
    return Keys(
        "".join([word.plain for word in words]),
        "".join([word.ascii for word in words]),
        _joined(front + last.stem, last.ending),
        front + last.stem + last.ending,
    )


def _joined(stem: str, ending: str) -> str:
    """Stem and ending without a genitive s, which no short or ordinary stem ends in."""
    is_genitive = len(stem) >= SHORTEST_GENITIVE and stem not in BARE_STEMS
    return (stem.removesuffix("s") if is_genitive else stem) + ending


def ordinary_stems(words: Sequence[Word], *, marked: bool) -> frozenset[str]:
    """The ordinary names among some words, or that words are made of; bare unless `marked`."""
    found = [_ordinary_stem(word, marked=marked) for word in words if word.stem]
    return frozenset(one for one in found if one is not None)


def _ordinary_stem(word: Word, *, marked: bool) -> str | None:
    stem = word.plain[: len(word.stem)] if marked else word.stem
    if not word.ending:
        return ordinary(stem, marked=marked, is_whole=True)
    # Borg and gatan are written Borgatan, Älv and vägen Älvägen
    return ordinary(stem, marked=marked, is_whole=False) or ordinary(
        stem + word.ending[0], marked=marked, is_whole=False
    )


def lossy_keys(plain: str) -> Iterable[str]:
    """How a name looks when each å, ä, ö was lost: as one mark, or without a trace."""
    if re.search("[åäö]", plain) is None:
        return ()
    return re.sub("[åäö]", LOST, plain), re.sub("[åäö]", "", plain)


def is_one_edit(one: str, other: str) -> bool:
    """Whether one letter too few, too many, wrong, or two in the wrong order tell them apart."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    shorter = min(len(one), len(other))
    start = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    if len(left) <= 1 and len(right) <= 1:
        return True
    return len(left) == 2 and left == right[::-1]
