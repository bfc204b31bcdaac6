"""Numbers with a check digit: of persons and of organisations."""

import re
from collections.abc import Iterator

from organisationsnummer import organisationsnummer
from personnummer import personnummer

from shared.tripwire.kinds import Found, Kind

_JOINT = r" ?[-+]? ?"
_PERSON = re.compile(
    r"(?<!\d)(?:18|19|20)?(?P<year>\d{2})(?P<between>[-. ]?)(?P<month>0[1-9]|1[0-2])(?P=between)"
    r"(?P<day>0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
    rf"{_JOINT}(?P<last>\d{{4}}|[TRSUWXJKLMN]\d{{3}})(?!\d)"
)
_ORGANISATION = re.compile(
    rf"(?<!\d)(?:16)?(?P<first>[1235-9]\d[2-9]\d{{3}}){_JOINT}(?P<last>\d{{4}})(?:(?<=\d)01)?(?!\d)"
)
_COORDINATION_DAYS = 60  # a samordningsnummer has its day plus this


def person_numbers(text: str) -> Iterator[Found]:
    """Personnummer and samordningsnummer with a right check digit, and interim ones.

    Source: Skatteverket on personnummer (modulus 10 with weights 2, 1; day plus 60). In an interim
    number a letter stands for the first of the last four digits and counts as 1.
    """
    for match in _each(_PERSON, text):
        year, month, day, last = match.group("year", "month", "day", "last")
        last = last if last[0].isdigit() else f"1{last[1:]}"
        if personnummer.valid(f"{year}{month}{day}-{last}"):
            is_person = int(day) <= _COORDINATION_DAYS
            kind = Kind.PERSONAL_NUMBER if is_person else Kind.COORDINATION_NUMBER
            yield Found(kind, *match.span())


def organisation_numbers(text: str) -> Iterator[Found]:
    """Organisation numbers with a right check digit, also within a VAT number.

    Source: Bolagsverket; the third digit is 2 or higher, which no personnummer's is.
    """
    for match in _each(_ORGANISATION, text):
        if organisationsnummer.valid(f"{match['first']}-{match['last']}"):
            yield Found(Kind.ORGANISATION_NUMBER, *match.span())


def _each(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Every match, also those that begin within another one."""
    at = 0
    while match := pattern.search(text, at):
        yield match
        at = match.start() + 1
