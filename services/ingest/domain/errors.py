"""Every reason why ingest refuses a row or a request, in both languages.

No text has a place for a value: what an actor sent is never repeated (DESIGN §4, G2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from shared.errors import LagesbildError
from shared.language import Text


class RowErrorCode(StrEnum):
    """Why one row is refused; also the label of the metric."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_FIELD = "duplicate_field"
    BAD_NUMBER = "bad_number"
    TOO_DEEP = "too_deep"
    ROW_TOO_LARGE = "row_too_large"
    REST_UNREAD = "rest_unread"
    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    BAD_CHARACTERS = "bad_characters"
    OUT_OF_RANGE = "out_of_range"
    VERSION_TOO_LOW = "version_too_low"
    UNKNOWN_INDICATOR = "unknown_indicator"
    NOT_AN_EVENT = "not_an_event"
    NOT_YOUR_INDICATOR = "not_your_indicator"
    NOT_AN_INSTANT = "not_an_instant"
    NO_OFFSET = "no_offset"
    IN_THE_FUTURE = "in_the_future"
    TOO_OLD = "too_old"
    TOO_LATE = "too_late"
    NOT_A_LOCATION = "not_a_location"
    NOT_A_NYKO_CODE = "not_a_nyko_code"
    NOT_A_CRS = "not_a_crs"
    UNKNOWN_WORD = "unknown_word"
    NO_SUCH_HOUR = "no_such_hour"
    NOT_A_STATISTIC = "not_a_statistic"
    UNKNOWN_AREA = "unknown_area"
    NOT_A_PERIOD = "not_a_period"
    NOT_BEGUN = "not_begun"
    OVER_DENOMINATOR = "over_denominator"


class RowError(NamedTuple):
    """One error of a row. Shape: `field` is a name of ours, nested with dots, or "" for the row."""

    field: str
    code: RowErrorCode


ROW_MESSAGES: Mapping[RowErrorCode, Text] = MappingProxyType(
    {
        RowErrorCode.NOT_UTF8: Text("Raden är inte UTF-8.", "The row is not UTF-8."),
        RowErrorCode.NOT_JSON: Text("Raden är inte JSON.", "The row is not JSON."),
        RowErrorCode.NOT_AN_OBJECT: Text(
            "Raden är inte ett JSON-objekt.", "The row is not a JSON object."
        ),
        RowErrorCode.DUPLICATE_FIELD: Text(
            "Ett fält står två gånger i samma objekt.", "A field stands twice in one object."
        ),
        RowErrorCode.BAD_NUMBER: Text(
            "Ett tal är för stort eller inte ett tal enligt JSON.",
            "A number is too large or not a number of JSON.",
        ),
        RowErrorCode.TOO_DEEP: Text(
            "Raden är nästlad i fler än 50 nivåer.", "The row is nested more than 50 levels deep."
        ),
        RowErrorCode.ROW_TOO_LARGE: Text(
            "Raden är större än 512 KiB.", "The row is larger than 512 KiB."
        ),
        RowErrorCode.REST_UNREAD: Text(
            "Läsningen slutade här: listan är trasig eller har för många fel. Varken den här "
            "raden eller något efter den har tagits emot.",
            "Reading ended here: the list is broken or has too many errors. Neither this row nor "
            "anything after it was accepted.",
        ),
        RowErrorCode.MISSING: Text("Fältet saknas.", "The field is missing."),
        RowErrorCode.UNKNOWN_FIELD: Text(
            "Raden har ett okänt fält. En rapports egna uppgifter står i `extra`.",
            "The row has an unknown field. A report's own facts stand in `extra`.",
        ),
        RowErrorCode.WRONG_TYPE: Text("Fältet har fel typ.", "The field has the wrong type."),
        RowErrorCode.EMPTY: Text("Fältet är tomt.", "The field is empty."),
        RowErrorCode.TOO_LONG: Text("Fältet är för långt.", "The field is too long."),
        RowErrorCode.BAD_CHARACTERS: Text(
            "Fältet innehåller tecken som inte är tillåtna.",
            "The field holds characters that are not allowed.",
        ),
        RowErrorCode.OUT_OF_RANGE: Text(
            "Talet ligger utanför det tillåtna.", "The number is out of range."
        ),
        RowErrorCode.VERSION_TOO_LOW: Text(
            "Ett återtagande behöver minst version 2.", "A withdrawal needs version 2 or higher."
        ),
        RowErrorCode.UNKNOWN_INDICATOR: Text(
            "Indikatorn finns inte i kommunens katalog.",
            "The municipality's catalogue has no such indicator.",
        ),
        RowErrorCode.NOT_AN_EVENT: Text(
            "Indikatorn är statistik och kan inte rapporteras som händelse.",
            "The indicator is a statistic and cannot be reported as an event.",
        ),
        RowErrorCode.NOT_YOUR_INDICATOR: Text(
            "Nyckelns aktör får inte rapportera indikatorn.",
            "The key's actor may not report the indicator.",
        ),
        RowErrorCode.NOT_AN_INSTANT: Text(
            "Tiden är inte datum och klockslag enligt ISO 8601.",
            "The time is not a date and a time of day in ISO 8601.",
        ),
        RowErrorCode.NO_OFFSET: Text(
            "Tiden saknar tidszon, till exempel +01:00 eller Z.",
            "The time has no offset, such as +01:00 or Z.",
        ),
        RowErrorCode.IN_THE_FUTURE: Text(
            "Tiden ligger mer än fem minuter framåt.", "The time is over five minutes ahead."
        ),
        RowErrorCode.TOO_OLD: Text(
            "Tiden ligger före år 2000.", "The time is before the year 2000."
        ),
        RowErrorCode.TOO_LATE: Text(
            "Händelsen är för gammal för att rapporteras nu.",
            "The event is too old to be reported now.",
        ),
        RowErrorCode.NOT_A_LOCATION: Text(
            "Platsen ska vara exakt en av lat+lon, e+n (med crs), nyko, address, property och object.",
            "A location is exactly one of lat+lon, e+n (with crs), nyko, address, property and object.",
        ),
        RowErrorCode.NOT_A_NYKO_CODE: Text(
            "NYKO-koden ska vara 1–12 siffror.", "A NYKO code has 1 to 12 digits."
        ),
        RowErrorCode.NOT_A_CRS: Text(
            "Koordinatsystemet ska vara ett EPSG-nummer, till exempel 3006 eller EPSG:3006.",
            "The coordinate system is an EPSG number, such as 3006 or EPSG:3006.",
        ),
        RowErrorCode.UNKNOWN_WORD: Text(
            "Ordet finns inte i avtalet.", "The agreement has no such word."
        ),
        RowErrorCode.NO_SUCH_HOUR: Text(
            "Klockslaget finns inte: klockan ställdes fram den natten.",
            "There is no such time of day: the clocks went forward that night.",
        ),
        RowErrorCode.NOT_A_STATISTIC: Text(
            "Indikatorn räknas från händelser och kan inte lämnas som statistik.",
            "The indicator is counted from events and cannot be delivered as a statistic.",
        ),
        RowErrorCode.UNKNOWN_AREA: Text(
            "Kommunen har inget område med den koden, på någon nivå.",
            "The municipality has no area with that code, on any level.",
        ),
        RowErrorCode.NOT_A_PERIOD: Text(
            "Perioden skrivs som 2025, 2025-H1, 2025-Q3, 2025-09 eller läsåret 2024/2025.",
            "A period is written as 2025, 2025-H1, 2025-Q3, 2025-09 or the school year 2024/2025.",
        ),
        RowErrorCode.NOT_BEGUN: Text(
            "Perioden har inte börjat än.", "The period has not begun yet."
        ),
        RowErrorCode.OVER_DENOMINATOR: Text(
            "Nämnaren är mindre än täljaren.", "The denominator is below the numerator."
        ),
    }
)


def row_message(code: RowErrorCode, *, horizon: timedelta | None) -> Text:
    """What the sender of a refused row is told; `too_late` names the horizon in days."""
    message = ROW_MESSAGES[code]
    if code is not RowErrorCode.TOO_LATE or horizon is None:
        return message
    return Text(
        f"{message.sv} Gränsen är {horizon.days} dagar.",
        f"{message.en} The limit is {horizon.days} days.",
    )


class RequestErrorCode(StrEnum):
    """Why a whole request is refused."""

    UNREADABLE = "unreadable"
    UNREADABLE_QUERY = "unreadable_query"
    NO_KEY = "no_key"
    UNKNOWN_KEY = "unknown_key"
    WRONG_SCOPE = "wrong_scope"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    NO_FILE_AGREEMENT = "no_file_agreement"
    NOT_A_FILE_FORM = "not_a_file_form"
    NOT_A_WORKBOOK = "not_a_workbook"
    NOT_ONE_FILE = "not_one_file"
    UNREADABLE_WORKBOOK = "unreadable_workbook"
    MISSING_SHEET = "missing_sheet"
    MISSING_COLUMNS = "missing_columns"
    REPEATED_COLUMNS = "repeated_columns"
    FILE_TOO_LARGE = "file_too_large"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"
    KAFKA_AWAY = "kafka_away"
    REGISTRY_AWAY = "registry_away"
    WRONG_DAYS = "wrong_days"
    QUALITY_AWAY = "quality_away"
    KEYS_AWAY = "keys_away"
    BACKLOG_TOO_OLD = "backlog_too_old"


@dataclass(frozen=True, slots=True)
class RequestError:
    """What the sender of a refused request is told. Shape: `status` is the HTTP status."""

    status: int
    message: Text


REQUEST_ERRORS: Mapping[RequestErrorCode, RequestError] = MappingProxyType(
    {
        RequestErrorCode.UNREADABLE: RequestError(
            400,
            Text(
                "Ingenting kunde läsas: innehållet är tomt eller inte JSON.",
                "Nothing could be read: the body is empty or not JSON.",
            ),
        ),
        RequestErrorCode.UNREADABLE_QUERY: RequestError(
            400,
            Text(
                "Frågan kunde inte läsas: limit är 1–1000, before är next ur förra svaret.",
                "The query could not be read: limit is 1 to 1000, before is next of the last "
                "answer.",
            ),
        ),
        RequestErrorCode.NO_KEY: RequestError(
            401,
            Text(
                "Nyckel saknas. Skicka rubriken Authorization: Bearer NYCKEL.",
                "There is no key. Send the header Authorization: Bearer KEY.",
            ),
        ),
        RequestErrorCode.UNKNOWN_KEY: RequestError(
            401, Text("Nyckeln gäller inte.", "The key is not valid.")
        ),
        RequestErrorCode.WRONG_SCOPE: RequestError(
            403, Text("Nyckeln ger inte rätt till detta.", "The key gives no right to this.")
        ),
        RequestErrorCode.UNKNOWN_MUNICIPALITY: RequestError(
            403,
            Text("Nyckelns kommun finns inte här.", "The key's municipality is not served here."),
        ),
        RequestErrorCode.NOT_FOUND: RequestError(
            404, Text("Adressen finns inte.", "There is no such address.")
        ),
        RequestErrorCode.METHOD_NOT_ALLOWED: RequestError(
            405, Text("Metoden stöds inte här.", "The method is not supported here.")
        ),
        RequestErrorCode.TOO_LARGE: RequestError(
            413,
            Text(
                "Innehållet är större än 50 MB. Dela upp det; rader som redan tagits emot kan "
                "skickas igen utan att räknas dubbelt.",
                "The body is larger than 50 MB. Split it; rows that were accepted already can be "
                "sent again without being counted twice.",
            ),
        ),
        RequestErrorCode.UNSUPPORTED_TYPE: RequestError(
            415,
            Text(
                "Innehållet ska vara application/json eller application/x-ndjson, i UTF-8 och "
                "okomprimerat.",
                "The body is application/json or application/x-ndjson, in UTF-8 and not compressed.",
            ),
        ),
        RequestErrorCode.NO_FILE_AGREEMENT: RequestError(
            409,
            Text(
                "Det finns inget avtal om filer från aktören: kolumnerna är inte beskrivna.",
                "There is no agreement on files from the actor: its columns are not described.",
            ),
        ),
        RequestErrorCode.NOT_A_FILE_FORM: RequestError(
            415,
            Text(
                "Innehållet ska vara multipart/form-data med en Excelfil.",
                "The body is multipart/form-data with one Excel file.",
            ),
        ),
        RequestErrorCode.NOT_A_WORKBOOK: RequestError(
            415,
            Text(
                "Filen är inte en Excelfil (.xlsx) utan lösenord.",
                "The file is not an Excel file (.xlsx) without a password.",
            ),
        ),
        RequestErrorCode.NOT_ONE_FILE: RequestError(
            400,
            Text(
                "Anropet kunde inte läsas som ett formulär med exakt en fil.",
                "The request could not be read as a form with exactly one file.",
            ),
        ),
        RequestErrorCode.UNREADABLE_WORKBOOK: RequestError(
            400,
            Text(
                "Excelfilen är skadad och kan inte läsas.",
                "The Excel file is damaged and cannot be read.",
            ),
        ),
        RequestErrorCode.MISSING_SHEET: RequestError(
            400, Text("Filen saknar avtalets blad.", "The file lacks the agreed sheet.")
        ),
        RequestErrorCode.MISSING_COLUMNS: RequestError(
            400,
            Text("Bladet saknar avtalade kolumner.", "The sheet lacks agreed columns."),
        ),
        RequestErrorCode.REPEATED_COLUMNS: RequestError(
            400,
            Text(
                "Avtalade kolumner står flera gånger på bladet.",
                "Agreed columns stand several times on the sheet.",
            ),
        ),
        RequestErrorCode.FILE_TOO_LARGE: RequestError(
            413,
            Text(
                "Filen är för stor: högst 20 MB, 100 MB uppackad, 50 000 rader och 200 kolumner.",
                "The file is too large: at most 20 MB, 100 MB unpacked, 50,000 rows and "
                "200 columns.",
            ),
        ),
        RequestErrorCode.OVERLOADED: RequestError(
            429,
            Text(
                "För mycket väntar på att sparas. Försök igen strax.",
                "Too much is waiting to be kept. Try again shortly.",
            ),
        ),
        RequestErrorCode.INTERNAL: RequestError(
            500, Text("Något gick fel hos oss.", "Something went wrong on our side.")
        ),
        RequestErrorCode.KAFKA_AWAY: RequestError(
            503,
            Text(
                "Rapporterna kan inte sparas just nu. Skicka dem igen senare; inget räknas dubbelt.",
                "Reports cannot be kept right now. Send them again later; nothing counts twice.",
            ),
        ),
        RequestErrorCode.REGISTRY_AWAY: RequestError(
            503,
            Text(
                "Nyckeln kan inte kontrolleras just nu. Försök igen senare.",
                "The key cannot be checked right now. Try again later.",
            ),
        ),
        RequestErrorCode.WRONG_DAYS: RequestError(
            400, Text("days ska vara ett heltal från 1 till 400.", "days must be 1 to 400.")
        ),
        RequestErrorCode.QUALITY_AWAY: RequestError(
            503,
            Text(
                "Kvaliteten kan inte läsas just nu. Försök igen senare.",
                "The quality cannot be read right now. Try again later.",
            ),
        ),
        RequestErrorCode.KEYS_AWAY: RequestError(
            503,
            Text(
                "Det finns ingen nyckel att försegla med just nu. Skicka rapporterna igen senare; "
                "inget räknas dubbelt.",
                "There is no key to seal with right now. Send the reports again later; nothing "
                "counts twice.",
            ),
        ),
        RequestErrorCode.BACKLOG_TOO_OLD: RequestError(
            503,
            Text(
                "Rapporter som redan är mottagna har väntat för länge på att behandlas, så inga nya "
                "tas emot. Skicka igen senare; inget räknas dubbelt.",
                "Reports that were accepted before have waited too long to be processed, so no new "
                "ones are accepted. Send again later; nothing counts twice.",
            ),
        ),
    }
)


class RefusedFileError(LagesbildError):
    """A file is refused as a whole.

    Shape: `names` are the agreement's own titles that it is about, never something of the file.
    """

    def __init__(self, code: RequestErrorCode, names: Sequence[str] = ()) -> None:
        super().__init__(code.value)
        self.code = code
        self.names = tuple(names)


class UnreadableBodyError(LagesbildError):
    """Nothing of a request's body could be read as rows."""
