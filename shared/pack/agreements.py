"""What the agreements promise, held against the catalogue."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from shared.language import Text
from shared.pack.forms import form_mistakes
from shared.pack.mistakes import Mistake
from shared.pack.model import Kind
from shared.pack.schema import AgreementFile, IndicatorEntry, IndicatorsFile
from shared.pack.sheets import Sheet
from shared.pack.wording import repeated, stands_twice, unknown_actor


def agreement_mistakes(
    sheet: Sheet[AgreementFile], catalogue: Mapping[str, IndicatorEntry] | None
) -> Iterator[Mistake]:
    """Promises of another actor's leaf, of no leaf, of the wrong kind, twice, or of nothing.

    Shape: `catalogue` is `None` when its file could not be read.
    """
    agreement = sheet.content
    if sheet.file != f"agreements/{agreement.actor}.yaml":
        message = Text(
            sv=f"Avtalet för {agreement.actor} ska heta {agreement.actor}.yaml.",
            en=f"The agreement of {agreement.actor} must be named {agreement.actor}.yaml.",
        )
        yield sheet.mistake(("actor",), message)
    if not agreement.promises:
        message = Text(
            sv="Avtalet lovar varken händelser eller statistik.",
            en="The agreement promises neither events nor statistics.",
        )
        yield sheet.mistake((), message)
    for key, kind, promise in agreement.promises:
        for at, code in repeated(promise.codes):
            yield sheet.mistake((key, "codes", at), stands_twice(code))
        for at, code in enumerate(promise.codes):
            if catalogue is not None:
                for message in _code_messages(code, kind, agreement.actor, catalogue):
                    yield sheet.mistake((key, "codes", at), message)
    if agreement.events:
        yield from form_mistakes(sheet, agreement.events)


def reporter_mistakes(
    sheets: Iterable[Sheet[AgreementFile]],
    indicators: Sheet[IndicatorsFile],
    actors: Collection[str],
) -> Iterator[Mistake]:
    """Agreements of nobody, actors of the catalogue without one, leaves that none promises."""
    made = list(sheets)
    for sheet in made:
        if sheet.content.actor not in actors:
            yield sheet.mistake(("actor",), unknown_actor(sheet.content.actor))
    entries = indicators.content.indicators
    reporting = {actor for entry in entries for actor in entry.actors}
    agreed = {sheet.content.actor for sheet in made}
    for actor in sorted(reporting.intersection(actors) - agreed):
        message = Text(
            sv=f"{actor} får rapportera men har inget avtal.",
            en=f"{actor} may report but has no agreement.",
        )
        yield Mistake(f"agreements/{actor}.yaml", 1, message)
    promised = {
        code for sheet in made for _, _, promise in sheet.content.promises for code in promise.codes
    }
    for at, entry in enumerate(entries):
        if entry.actors and entry.code not in promised:
            message = Text(
                sv=f"Inget avtal lovar {entry.code}.", en=f"No agreement promises {entry.code}."
            )
            yield indicators.mistake(("indicators", at, "code"), message)


def _code_messages(
    code: str, kind: Kind, actor: str, catalogue: Mapping[str, IndicatorEntry]
) -> Iterator[Text]:
    entry = catalogue.get(code)
    if entry is None:
        yield Text(sv=f"Okänd indikator: {code}.", en=f"Unknown indicator: {code}.")
        return
    if actor not in entry.actors:
        yield Text(
            sv=f"{actor} får inte rapportera {code} enligt katalogen.",
            en=f"{actor} may not report {code} by the catalogue.",
        )
    if entry.kind is not kind:
        right = "statistics" if entry.kind is Kind.STATISTIC else "events"
        yield Text(
            sv=f"{code} är av slaget {entry.kind} i katalogen och hör hemma under {right}.",
            en=f"{code} is of kind {entry.kind} in the catalogue and belongs under {right}.",
        )
