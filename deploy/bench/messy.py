"""Writings as people and systems spoil them: text in, text out, by a seeded generator.

Nothing here knows how the product reads: these are the mistakes of keyboards, code pages, habits
and forms, one function each.
"""

from collections.abc import Callable
from random import Random

KEYBOARD = ("qwertyuiopå", "asdfghjklöä", "zxcvbnm")
LETTERS = "abcdefghijklmnoprstuvxyzåäö"
RIGHT_FIRST_LETTER = 0.95  # people look at what they begin with

Spoil = Callable[[str, Random], str]


def typo(text: str, rng: Random) -> str:
    """One slip of the fingers inside the text."""
    places = [at for at, letter in enumerate(text) if letter.isalpha()]
    inner = places[1:] if rng.random() < RIGHT_FIRST_LETTER else places
    if not places:
        return text
    at = rng.choice(inner or places)
    slip = rng.choice((_left_out, _doubled, _neighbour, _neighbour, _turned, _any_other))
    return slip(text, at, rng)


def _left_out(text: str, at: int, _rng: Random) -> str:
    return text[:at] + text[at + 1 :]


def _doubled(text: str, at: int, _rng: Random) -> str:
    return text[:at] + text[at] + text[at:]


def _neighbour(text: str, at: int, rng: Random) -> str:
    """The key beside the right one."""
    for row in KEYBOARD:
        where = row.find(text[at].lower())
        if where >= 0:
            beside = [row[one] for one in (where - 1, where + 1) if 0 <= one < len(row)]
            return text[:at] + rng.choice(beside) + text[at + 1 :]
    return text


def _turned(text: str, at: int, _rng: Random) -> str:
    """Two letters in the wrong order."""
    if at + 1 >= len(text) or not text[at + 1].isalpha():
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if at else text
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _any_other(text: str, at: int, rng: Random) -> str:
    return text[:at] + rng.choice(LETTERS) + text[at + 1 :]


def cased(text: str, rng: Random) -> str:
    """All capitals, none, or each word's first; some blanks twice, or at the ends."""
    text = rng.choice((str.upper, str.lower, str.title, str.swapcase))(text)
    blank = rng.choice(("  ", "\u00a0", " ", "\t"))
    return rng.choice(("", " ")) + text.replace(" ", blank) + rng.choice(("", "  ", "."))


def hyphened(text: str, rng: Random) -> str:
    """A compound written apart or with a hyphen."""
    for ending in ("gatan", "vägen", "stigen", "backen", "gränd"):
        at = text.find(ending)
        if at > 1:
            return text[:at] + rng.choice((" ", "-", " - ")) + text[at:]
    return text


def abbreviated(text: str, rng: Random) -> str:
    """The usual short forms of the usual endings."""
    for ending, forms in (
        ("gatan", ("g.", "g", "gat.", "gat", "gata")),
        ("vägen", ("v.", "v", "väg", "väg.")),
        ("stigen", ("stig", "st.")),
        ("gränd", ("gr.", "gr", "gränden")),
        ("backen", ("backe",)),
    ):
        if ending in text:
            return text.replace(ending, rng.choice(forms), 1)
    return text


def in_ascii(text: str, rng: Random) -> str:
    """No å, ä, ö: a bare letter, or two."""
    forms = rng.choice((("a", "a", "o"), ("a", "a", "o"), ("aa", "ae", "oe")))
    for letter, bare in zip("åäö", forms, strict=True):
        text = text.replace(letter, bare).replace(letter.upper(), bare.capitalize())
    return text


def misread(text: str, rng: Random) -> str:
    """Read in another code page than it was written in."""
    written, read = rng.choice(
        (("utf-8", "cp1252"), ("utf-8", "latin-1"), ("cp437", "cp1252"), ("cp1252", "cp850"))
    )
    try:
        return text.encode(written).decode(read)
    except UnicodeError:
        return text.encode("utf-8").decode("latin-1")


def lost(text: str, rng: Random) -> str:
    """Letters that a system did not know: a question mark, a replacement, two of them, or nothing."""
    mark = rng.choice(("?", "\ufffd", "\ufffd\ufffd", ""))
    return "".join(mark if letter in "åäöÅÄÖ" else letter for letter in text)


def decomposed(text: str, _rng: Random) -> str:
    """As a Mac writes file names: the marks as characters of their own."""
    for whole, parts in (("å", "a\u030a"), ("ä", "a\u0308"), ("ö", "o\u0308"), ("Å", "A\u030a")):
        text = text.replace(whole, parts)
    return text.replace("Ä", "A\u0308").replace("Ö", "O\u0308")


def with_home(text: str, rng: Random) -> str:
    """The dwelling behind the house number."""
    number = rng.randint(1001, 1604)
    return text + rng.choice(
        (f" lgh {number}", f", lgh {number}", f" {rng.randint(1, 8)} tr", ", vån 3", " plan 2")
    )


def with_person(text: str, rng: Random) -> str:
    """Who lives there."""
    name = rng.choice(("Svensson", "A. Karlsson", "Familjen Ek", "Berg", "Lindgren"))
    return rng.choice((f"c/o {name}, {text}", f"c/o {name} {text}", f"{name}, {text}"))


def with_words(text: str, rng: Random) -> str:
    """Where it was, seen from the house."""
    before = ("vid ", "utanför ", "Bakom ", "Parkeringen vid ", "i närheten av ", "på ", "nära ")
    after = (", innergården", ", porten", " (baksidan)", ", soprummet", " - källaren", ", garaget")
    return rng.choice(before) + text if rng.random() < 0.5 else text + rng.choice(after)
