"""What a file's form got wrong, said to a person in both languages."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from shared.language import Text

_FORMS: Mapping[str, Text] = {
    r"^\S(.{0,78}\S)?$": Text(
        sv="1–80 tecken på en rad, utan blanksteg först eller sist",
        en="1–80 characters on one line, without a blank first or last",
    ),
    r"^[0-9]{4}$": Text(sv="fyra siffror", en="four digits"),
    r"^[0-9]{1,12}$": Text(sv="bara siffror, högst tolv", en="only digits, at most twelve"),
    r"^[a-z][a-z0-9_-]{1,30}$": Text(
        sv="2–31 tecken a–z, 0–9, _ eller -, först en bokstav",
        en="2–31 characters a–z, 0–9, _ or -, a letter first",
    ),
    r"^[a-z][a-z0-9_]{2,39}$": Text(
        sv="3–40 tecken a–z, 0–9 eller _, först en bokstav",
        en="3–40 characters a–z, 0–9 or _, a letter first",
    ),
    r"^S[0-3]$": Text(sv="S0, S1, S2 eller S3", en="S0, S1, S2 or S3"),
    r"^S[0-3](@[0-9])?$": Text(sv="S0, S1, S2 eller S3@2", en="S0, S1, S2 or S3@2"),
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": Text(sv="ett datum ÅÅÅÅ-MM-DD", en="a date YYYY-MM-DD"),
    r"^[^\x00-\x1f]{1,200}$": Text(sv="1–200 tecken på en rad", en="1–200 characters on one line"),
    r"^(%[Yymd]|[-/. ])+$": Text(
        sv="ett mönster av %Y, %y, %m, %d och skiljetecken, till exempel %d/%m/%Y",
        en="a pattern of %Y, %y, %m, %d and separators, such as %d/%m/%Y",
    ),
    r"^(%[HMS]|[:. ])+$": Text(
        sv="ett mönster av %H, %M, %S och skiljetecken, till exempel %H:%M",
        en="a pattern of %H, %M, %S and separators, such as %H:%M",
    ),
    r"^(api|excel|csv|feed|form)$": Text(
        sv="api, excel, csv, feed eller form", en="api, excel, csv, feed or form"
    ),
}
_TYPES: Mapping[str, Text] = {
    "string_type": Text(sv="text", en="text"),
    "int_type": Text(sv="ett heltal", en="a whole number"),
    "bool_type": Text(sv="true eller false", en="true or false"),
    "list_type": Text(sv="en lista", en="a list"),
    "dict_type": Text(sv="en lista av nyckel: värde", en="a list of key: value"),
    "model_type": Text(sv="en lista av nyckel: värde", en="a list of key: value"),
}


def explained(error: ErrorDetails, *, written: str | None = None) -> Text:
    """One error of a file's model as a sentence; `written` is the value as the file has it."""
    where = _path(error["loc"])
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            said = Text(sv=f"{where} saknas.", en=f"{where} is missing.")
        case "extra_forbidden":
            said = Text(sv=f"Okänd nyckel: {where}.", en=f"Unknown key: {where}.")
        case "string_type" if written:
            said = _unquoted(where, written)
        case "string_pattern_mismatch":
            said = _should_be(where, _FORMS[limits["pattern"]])
        case "enum":
            expected = limits["expected"].replace(" or ", ", ").replace("'", "")
            said = _should_be(where, Text(sv=f"ett av {expected}", en=f"one of {expected}"))
        case kind if kind in _TYPES:
            said = _should_be(where, _TYPES[kind])
        case _:
            said = _outside(where, limits)
    return said


def _path(place: tuple[str | int, ...]) -> str:
    """The keys and indices that lead to a value, as `indicators[3].code`; indices from 0."""
    path = ""
    for step in place:
        match step:
            case int():
                path += f"[{step}]"
            case "[key]":
                path += " (key)"
            case _:
                path += f".{step}" if path else step
    return path or "file"


def _unquoted(where: str, written: str) -> Text:
    """A code without quotes: YAML makes a number of it and drops or misreads a leading zero."""
    return Text(
        sv=f'{where} ska vara text: skriv "{written}" med citattecken.',
        en=f'{where} must be text: write "{written}" in quotes.',
    )


def _should_be(where: str, what: Text) -> Text:
    return Text(sv=f"{where} ska vara {what.sv}.", en=f"{where} must be {what.en}.")


def _outside(where: str, limits: Mapping[str, Any]) -> Text:
    """A number too small or large, or a list too short or long."""
    low = limits.get("ge", limits.get("min_length"))
    high = limits.get("le", limits.get("max_length"))
    edge_sv, edge_en = (f"minst {low}", f"at least {low}") if low is not None else ("", "")
    if high is not None:
        edge_sv, edge_en = f"högst {high}", f"at most {high}"
    if "actual_length" in limits:
        edge_sv, edge_en = f"{edge_sv} värden lång", f"{edge_en} values long"
    return _should_be(where, Text(sv=edge_sv, en=edge_en))


def repeated(words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The places where a word stands that has stood before."""
    seen: set[str] = set()
    for at, word in enumerate(words):
        if word in seen:
            yield at, word
        seen.add(word)


def stands_twice(word: str) -> Text:
    """The same word a second time."""
    return Text(sv=f"{word} finns redan.", en=f"{word} is already there.")


def unknown_actor(actor: str) -> Text:
    """An actor that actors.yaml does not have."""
    return Text(
        sv=f"Aktören {actor} finns inte i actors.yaml.",
        en=f"The actor {actor} is not in actors.yaml.",
    )
