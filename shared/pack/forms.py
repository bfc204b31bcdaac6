"""What an agreement says of an actor's own words and columns, held against what it promises."""

from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.language import Text
from shared.pack.mistakes import Mistake
from shared.pack.model import Agreement, SheetForm, folded
from shared.pack.schema import AgreementFile, EventPromise, SheetEntry
from shared.pack.sheets import Place, Sheet
from shared.pack.wording import repeated, stands_twice

FORMATS_WITH_WORDS = ("excel", "csv", "feed")

_WORDS: Place = ("events", "words")
_SHEET: Place = ("events", "sheet")
_COLUMNS: Place = (*_SHEET, "columns")


def agreed(actor: str, promise: EventPromise) -> Agreement:
    """The values of a promise without mistakes."""
    return Agreement(
        actor=actor,
        format=promise.format,
        codes=tuple(promise.codes),
        words={folded(word): code for word, code in promise.words.items()},
        sheet=_sheet_form(promise.sheet) if promise.sheet else None,
    )


def form_mistakes(sheet: Sheet[AgreementFile], promise: EventPromise) -> Iterator[Mistake]:
    """Words that lead nowhere, columns that cannot make up a report, patterns that say too little."""
    yield from _word_mistakes(sheet, promise)
    entry = promise.sheet
    if entry is None:
        return
    if promise.format != "excel":
        message = Text(sv="sheet hör till format: excel.", en="sheet belongs to format: excel.")
        yield sheet.mistake(_SHEET, message)
    for name, message in _column_messages(entry, codes=len(promise.codes)):
        yield sheet.mistake((*_COLUMNS, name), message)
    for key, directives in (("dates", ("%m", "%d")), ("times", ("%H", "%M"))):
        for at, pattern in enumerate(getattr(entry, key)):
            if wrong := _pattern_message(pattern, directives):
                yield sheet.mistake((*_SHEET, key, at), wrong)
    if not _is_zone(entry.time_zone):
        message = Text(
            sv="time_zone ska vara ett namn som Europe/Stockholm.",
            en="time_zone must be a name such as Europe/Stockholm.",
        )
        yield sheet.mistake((*_SHEET, "time_zone"), message)


def _sheet_form(entry: SheetEntry) -> SheetForm:
    return SheetForm(
        columns=_named(entry),
        name=entry.name,
        crs=entry.crs,
        time_zone=entry.time_zone,
        dates=tuple(entry.dates),
        times=tuple(entry.times),
        nyko_digits=entry.nyko_digits,
    )


def _named(entry: SheetEntry) -> dict[str, str]:
    """The fields that have a column, with its title."""
    return {name: title for name, title in entry.columns if title is not None}


def _word_mistakes(sheet: Sheet[AgreementFile], promise: EventPromise) -> Iterator[Mistake]:
    words = promise.words
    if not words:
        return
    if promise.format not in FORMATS_WITH_WORDS:
        message = Text(
            sv="words hör till excel, csv och feed; i övriga format skrivs koden.",
            en="words belong to excel, csv and feed; other formats write the code.",
        )
        yield sheet.mistake(_WORDS, message)
    keys = list(words)
    for at, _ in repeated([_as_number(folded(word)) for word in keys]):
        yield sheet.mistake((*_WORDS, keys[at]), stands_twice(keys[at].strip()))
    for word, code in words.items():
        if code not in promise.codes:
            message = Text(
                sv=f"{code} står inte bland avtalets koder.",
                en=f"{code} is not among the agreement's codes.",
            )
            yield sheet.mistake((*_WORDS, word), message)
    for at, code in enumerate(promise.codes):
        if code not in words.values():
            message = Text(sv=f"Inget ord leder till {code}.", en=f"No word leads to {code}.")
            yield sheet.mistake(("events", "codes", at), message)


def _as_number(word: str) -> str:
    """A code of digits as Excel may give it: it loses its leading zeros."""
    return word.lstrip("0") if word.isdecimal() else word


def _column_messages(entry: SheetEntry, *, codes: int) -> Iterator[tuple[str, Text]]:
    """What is wrong with the columns, with the one that it is about."""
    columns = _named(entry)
    counts = Counter(folded(title) for title in columns.values())
    for name, title in columns.items():
        if counts[folded(title)] > 1:
            yield name, stands_twice(title)
    if codes > 1 and "indicator" not in columns:
        yield (
            "indicator",
            Text(
                sv="indicator saknas; bara den som lovar en enda kod klarar sig utan.",
                en="indicator is missing; only who promises a single code can do without.",
            ),
        )
    if ("occurred_at" in columns) is ("date" in columns or "time" in columns):
        yield (
            "occurred_at",
            Text(
                sv="Tiden ska vara antingen occurred_at eller date och time.",
                en="The time is either occurred_at, or date and time.",
            ),
        )
    for one, other in (("date", "time"), ("lat", "lon"), ("e", "n")):
        if (one in columns) is not (other in columns):
            yield one, Text(sv=f"{one} och {other} hör ihop.", en=f"{one} goes with {other}.")
    if ("e" in columns) is not (entry.crs is not None):
        yield "e", Text(sv="e, n och crs hör ihop.", en="e, n and crs belong together.")
    for name in ("version", "withdrawn"):
        if name in columns and "id" not in columns:
            yield name, Text(sv=f"{name} kräver id.", en=f"{name} needs id.")


def _pattern_message(pattern: str, directives: tuple[str, ...]) -> Text | None:
    """A pattern that leaves out what it must say, or says it twice."""
    year = pattern.count("%Y") + pattern.count("%y")
    has_all = all(pattern.count(one) == 1 for one in directives) and pattern.count("%S") <= 1
    if has_all and year == ("%d" in directives):
        return None
    needed = " ".join((*directives, "%Y") if "%d" in directives else directives)
    return Text(
        sv=f"{pattern} ska ha {needed}, var och en en gång.",
        en=f"{pattern} must have {needed}, each once.",
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
