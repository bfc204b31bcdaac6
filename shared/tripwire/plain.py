"""A text in the signs that the patterns know.

Word, Excel and web pages write a blank as U+00A0 and a hyphen as U+2011, and put signs between digits
that nobody sees. One of them would hide a number from every pattern, so the text is made plain first.
"""

import re
import unicodedata

_ODD = re.compile(r"[^\n\r -~À-ÖØ-öø-ÿ]")
"""What may have to be rewritten; most texts have none of it."""

_DASHES = "\u02d7\u2043\u2212"  # a dash by its looks; by their category there are two dozen more
_LINE_ENDS = "\n\r\x85\u2028\u2029"


class _Signs(dict[int, str]):
    """What each sign becomes; worked out when a sign is first met."""

    def __missing__(self, sign: int) -> str:
        # U+00BA is written for a degree, and NFKC would make it a letter.
        kept = "°" if sign == 0xBA else unicodedata.normalize("NFKC", chr(sign))
        self[sign] = made = "".join(map(_plain_sign, kept))
        return made


_SIGNS = _Signs()


def plain(text: str) -> str:
    """The text in compatibility form (Unicode NFKC), in ASCII digits, with one dash and one blank.

    Every dash is `-`, every blank, tab and control sign a blank, every line end a line feed; format
    signs (category Cf: soft hyphens, zero widths, direction marks) are gone.
    """
    if not _ODD.search(text):
        return text
    return unicodedata.normalize("NFC", text.translate(_SIGNS))


def _plain_sign(sign: str) -> str:
    if sign in _LINE_ENDS:
        return "\n"
    match unicodedata.category(sign):
        case "Cf":
            return ""
        case "Zs" | "Cc":
            return " "
        case "Pd":
            return "-"
        case "Nd":
            return str(unicodedata.decimal(sign))
        case _:
            return "-" if sign in _DASHES else sign
