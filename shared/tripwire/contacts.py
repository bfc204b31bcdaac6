"""How somebody is reached: phone numbers and e-mail addresses."""

import re
from collections.abc import Iterator

import phonenumbers

from shared.tripwire.kinds import Found, Kind

_PHONE = re.compile(
    r"(?<![\d.,])(?<!\d[-:])(?:"
    r"(?:\+46|0046|0)(?:[ \-/()]{0,3}\d){6,11}(?!\d|[.,]\d)"
    r"|46(?:[ \-/()]{0,3}\d){8,10}(?!\d|[.,]\d)"  # without its plus: shorter ones are counts
    r"|0\d{1,3}(?:\.\d{2,3}){2,3}(?!\d|[.,]\d))"  # 070.123.45.67, but no decimal number
)
_FEWEST_DIGITS = 8  # 08-123 456 has eight; a shorter number is of no subscriber
_GROUP_END = re.compile(r"\d(?=[^\d]|$)")
_EMAIL = re.compile(
    r"[\w.+-]{1,64}[ ]?(?:@|\(at\)|\[at\]|\(a\)|\(snabel-a\))[ ]?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?!\w)",
    re.IGNORECASE,
)


def phone_numbers(text: str) -> Iterator[Found]:
    """Numbers of the Swedish numbering plan that begin with 0, 0046, +46 or 46.

    A pattern finds candidates and `phonenumbers` knows which are assigned: alone it would cost
    247 µs for 500 characters, and the pattern alone takes many a count for a number.
    """
    at = 0
    while match := _PHONE.search(text, at):
        end = _valid_end(match.group())
        if end:
            yield Found(Kind.PHONE, match.start(), match.start() + end)
        at = match.start() + max(1, end)


def emails(text: str) -> Iterator[Found]:
    """Addresses with a domain, also where the sign is written out in brackets."""
    for match in _EMAIL.finditer(text):
        yield Found(Kind.EMAIL, *match.span())


def _valid_end(candidate: str) -> int:
    """Where the longest valid number of whole groups of digits ends; 0: there is none.

    What follows a number may be another number: "070-123 45 67 2 personer".
    """
    for end in reversed([match.end() for match in _GROUP_END.finditer(candidate)]):
        part = candidate[:end]
        if sum(map(str.isdigit, part)) < _FEWEST_DIGITS:
            break
        try:
            number = phonenumbers.parse(part, "SE")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return end
    return 0
