"""What points at a vehicle, a property, a door or a point on the map."""

import re
from collections.abc import Iterator

from shared.tripwire.kinds import Found, Kind

# Letters: no I, Q, V, Å, Ä, Ö; the last sign may be a letter since 2019, but no O. Source: the
# vehicle register's form. Upper case only: "tel 070" is no plate.
_PLATE = re.compile(
    r"(?<![A-ZÅÄÖ0-9a-zåäö])[A-HJ-PR-UW-Z]{3}[ -]?\d{2}[0-9A-HJ-NPR-UW-Z](?![A-ZÅÄÖ0-9a-zåäö])"
)

# Lantmäteriet: municipality, trakt or kvarter, block, unit. A town block has no block number.
_UNIT = re.compile(
    r"(?P<before>(?:[A-ZÅÄÖ][\w-]+|fastighet(?:en)?)[ ]+)?"
    r"(?P<word>[A-Za-zÅÄÖåäöÉé][A-Za-zÅÄÖåäöÉé.-]+)[ ]+"
    r"(?P<unit>(?:\d{1,4}|[sS]|[gG][aA]|[fF][sS])[ ]?:[ ]?\d{1,4})(?![\d:])"
)
_BLOCK = re.compile(
    r"(?<!\w)(?:kv\.?|kvarteret|kvarter|fastigheten|fastighet)[ ]+"
    r"(?:[A-ZÅÄÖa-zåäöé-]{2,}[ ]+){1,3}\d{1,4}(?![\d:]|[.,]\d)",
    re.IGNORECASE,
)
_REGISTER_FORM = re.compile(
    r"(?<!\w)[A-ZÅÄÖ]{3,}(?:[ -][A-ZÅÄÖ]{2,}){1,3}[ ]\d{1,4}(?![\w:-]|[.,]\d|[ ][A-ZÅÄÖ]{2})"
)
_CLOCK = re.compile(r"(?:[01]\d|2[0-4]):[0-5]\d")
_NO_PROPERTY = frozenset(
    re.split(
        r" ",
        "kl kl. klockan skala skalan resultat resultatet ställning ställningen mål kapitel kap vers "
        "kvoten förhållandet årg nr sfs lag lagen förordning förordningen blev blir vann på med till "
        "från mellan och är var",
    )
)
"""Words that a law, a result, a scale or a time of day stands after."""

_WORD = r"[A-Za-zÅÄÖåäöÉé-]"
_ENDING = (
    r"(?:gata|gatan|gat|väg|vägen|gränd|gränden|stig|stigen|torg|torget|backe|backen|allé|allén|plan|"
    r"planen|platsen|leden|kajen|esplanaden|parken|stråket|terrassen|ringen|höjden|bro|bron|strand|"
    r"hamnen|lunden|kroken|slingan|svängen|rundan|tomten|dalen)"
)
_NUMBER = (
    r"[ ]*(?:nr\.?[ ]?)?\d{1,3}(?!\d|[.,:]\d|[ ]?(?:%|procent|km|kilometer|meter|m|mil|st|stycken|"
    r"personer|gånger|gång|timmar|min|minuter|år|dagar|bilar|kr|kronor|i|av|och|till)(?!\w))"
)
_STREET = re.compile(
    rf"(?<!\w)(?i:(?!vånings){_WORD}{{2,}}{_ENDING}(?!{_WORD}){_NUMBER})"  # Storgatan 12, björkvägen 3 b
    rf"|(?<!\w)[A-ZÅÄÖ]{_WORD}+[ ](?i:{_ENDING})(?!{_WORD}){_NUMBER}"  # Norra vägen 3, not: på vägen 3
)
_SHORT_STREET = re.compile(  # Storg. 12, Björkv 3 B; a full sentence that ends in g goes on
    rf"(?<!\w)[A-ZÅÄÖ]{_WORD}{{2,}}(?:g|v|gr|st)\.[ ]?\d{{1,3}}[ ]?[A-Za-z]?(?=[ ]?(?:[,;)\n]|\.?(?:\s|$)))"
)

# In a code there are no å, ä, ö, and most words that end as a street's name does are others' too:
# lekplatsen_1, stadsparken_2, sporthallen_3 are places of everybody.
_STREET_IN_CODE = re.compile(r"(?:gatan|vagen|grand|granden|stigen)[_-]?\d{1,3}[a-z]?(?![a-z0-9])")
_QUARTER_IN_CODE = re.compile(r"(?<![a-z0-9])(?:kv|kvarteret)[_-][a-z]{2,}[_-]\d{1,4}(?![a-z0-9])")

_GAP = r"[^\d]{1,24}"
_LAT, _LON = r"(?:5[5-9]|6\d)[.,]\d{3,}", r"(?:1\d|2[0-4])[.,]\d{3,}"
_NORTH = r"(?:(?:6[1-9]|7[0-7])\d{5}|(?:6[ ][1-9]|7[ ][0-7])\d{2}[ ]\d{3})(?:[.,]\d{1,6})?"
_EAST = r"(?:1[2-9]\d{5}|[1-9]\d{4,5}|1[ ][2-9]\d{2}[ ]\d{3}|[1-9]\d{1,2}[ ]\d{3})(?:[.,]\d{1,6})?"
_POINT = re.compile(
    "|".join(
        rf"(?<![\d.,]){one}{_GAP}{other}(?!\d)"
        for one, other in ((_LAT, _LON), (_LON, _LAT), (_NORTH, _EAST), (_EAST, _NORTH))
    )
)
_DEGREES = re.compile(r"(?<!\d)(?:5[5-9]|6\d)[ ]?°[ ]?\d{1,2}(?:[.,]\d+)?[ ]?['′’]")


def number_plates(text: str) -> Iterator[Found]:
    """Plates in upper case, with or without the gap."""
    for match in _PLATE.finditer(text):
        yield Found(Kind.NUMBER_PLATE, *match.span())


def property_designations(text: str) -> Iterator[Found]:
    """Designations with block and unit, and town blocks that say they are such or in capitals."""
    for match in _UNIT.finditer(text):
        if _is_property(match["word"], match["unit"], is_named=bool(match["before"])):
            yield Found(Kind.PROPERTY, *match.span())
    for pattern in (_BLOCK, _REGISTER_FORM):
        for match in pattern.finditer(text):
            yield Found(Kind.PROPERTY, *match.span())


def street_addresses(text: str) -> Iterator[Found]:
    """A name that ends as streets' do, and a house number."""
    for pattern in (_STREET, _SHORT_STREET):
        for match in pattern.finditer(text):
            yield Found(Kind.STREET_ADDRESS, *match.span())


def in_code(code: str) -> Iterator[Kind]:
    """What a code in small letters and digits says of a door or a property."""
    if _STREET_IN_CODE.search(code):
        yield Kind.STREET_ADDRESS
    if _QUARTER_IN_CODE.search(code):
        yield Kind.PROPERTY


def coordinates(text: str) -> Iterator[Found]:
    """Pairs in degrees or metres (SWEREF 99, RT 90) that lie in Sweden, in either order.

    One number alone is none: half a position is a line through the whole country.
    """
    for pattern in (_POINT, _DEGREES):
        for match in pattern.finditer(text):
            yield Found(Kind.COORDINATES, *match.span())


def _is_property(word: str, unit: str, *, is_named: bool) -> bool:
    """Whether it is no time of day, no law and no result.

    What could be a time is a property only after capitals, or a second name: "BERGA 12:30" and
    "Skoby Berga 12:30" are, "Fredag 12:30" is not.
    """
    if word.lower() in _NO_PROPERTY:
        return False
    return word.isupper() or is_named or not _CLOCK.fullmatch(unit)
