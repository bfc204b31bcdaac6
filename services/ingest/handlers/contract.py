"""What the OpenAPI document says about the routes, in Swedish and English."""

from typing import Any

from pydantic import BaseModel

from services.ingest.domain.errors import REQUEST_ERRORS, RowErrorCode
from services.ingest.domain.given import GivenReport, GivenWithdrawal
from services.ingest.domain.given_statistic import GivenStatistic, GivenStatisticWithdrawal
from services.ingest.handlers.intake import NDJSON
from services.ingest.handlers.reception import JSON
from shared.language import Text
from shared.messages.event import Placement
from shared.quality import Confidence

TITLE = "Lägesbild: ingest"
API = Text(
    "Ta emot rapporter från aktörer. 202 betyder att varje godtagen rapport är sparad.",
    "Takes in reports from actors. 202 means that every accepted report is kept.",
)
REPORTS = Text(
    "Ett JSON-objekt, en JSON-lista eller NDJSON, högst 50 MB och 512 KiB per rad, i UTF-8. Rader "
    "räknas från 0; i NDJSON räknas inte tomma rader. En felaktig rad avvisas med alla sina fel "
    "och hindrar inte de andra. I en trasig lista gäller raderna före brottet. En tom lista går "
    "bra; en tom kropp ger 400. Blir svaret ett annat än 202 kan en del av raderna ändå ha tagits "
    "emot: skicka allt igen, samma id och version räknas aldrig två gånger. En händelse som ligger "
    "längre bakåt än gränsen (400 dagar, om inget annat är bestämt) avvisas som `too_late`.",
    "One JSON object, a JSON array or NDJSON, at most 50 MB and 512 KiB a row, in UTF-8. Rows "
    "count from 0; blank lines of NDJSON do not count. A wrong row is refused with all its errors "
    "and does not hinder the others. In a broken array the rows before the break stand. An empty "
    "array is fine; an empty body gives 400. When the answer is not 202, some of the rows may "
    "have been accepted all the same: send everything again, the same id and version never "
    "counts twice. An event that lies further back than the limit (400 days unless something else "
    "is decided) is refused as `too_late`.",
)
DELIVERIES = Text(
    "En Excelfil (.xlsx), högst 20 MB, i ett formulär; kolumner och ord står i aktörens avtal. "
    "Svaret är som för rapporter, men rader räknas som på bladet: rubrikraden är en rad, första "
    "raden 1. Tomma rader hoppas över. Lokal tid gäller avtalets tidszon: en timme som "
    "klockan hoppar över avvisas, en timme som kommer två gånger är den första. Den som saknar egna "
    "id kan lämna samma fil igen utan att något räknas dubbelt; en ändrad rad är då en ny "
    "händelse.",
    "An Excel file (.xlsx), at most 20 MB, in a form; columns and words stand in the actor's "
    "agreement. The answer is as for reports, but rows are numbered as in the sheet: the header "
    "is a row, the first row is 1. Blank rows are passed over. Local time is in the agreement's "
    "time zone: an hour that the clocks skip is refused, an hour that comes twice is the first. "
    "Who has no ids can hand in the same file again and nothing counts twice; a changed row is "
    "then a new event.",
)
STATISTICS = Text(
    "Statistik per område och period: antal av hur många, eller bara ett antal. Form, gränser och "
    "svar är som för rapporter. Perioden skrivs 2025, 2025-H1, 2025-Q3, 2025-09 eller läsåret "
    "2024/2025 (från 1 juli) och måste ha börjat; området är en kod på vilken nivå som helst. Samma "
    "indikator, område och period ersätts av en högre version. Den som inte skickar version får "
    "tidpunkten för mottagandet som version, så att det som skickas senare gäller; i ett och samma "
    "anrop gäller då den första av två rader om samma sak. Blanda inte egna versioner med "
    "utelämnade. `withdrawn` tar tillbaka. Ett område som ingen har rapporterat är inte noll.",
    "Statistics per area and period: how many of how many, or how many only. Form, limits and "
    "answers are as for reports. A period is written 2025, 2025-H1, 2025-Q3, 2025-09 or the school "
    "year 2024/2025 (from 1 July) and must have begun; the area is a code of any level. The same "
    "indicator, area and period is replaced by a higher version. Who sends no version gets the "
    "instant of reception as one, so that what is sent later holds; of two rows about the same "
    "thing in one request the first holds then. Do not mix versions of your own with left-out "
    "ones. `withdrawn` takes back. An area that nobody has reported is not zero.",
)
INDICATORS = Text(
    "Vad nyckelns aktör får rapportera, även statistik.",
    "What the key's actor may report, statistics included.",
)

QUALITY = Text(
    "Hur väl aktörens egna rapporter har fått ett område, per dag de togs emot (svensk tid), sätt "
    "och säkerhet: antal, andelar och ord. `days` är antal dagar bakåt, i dag medräknad (30 om inget "
    "sägs). Det som inte kunde placeras räknas i restområdet och står här med skäl. Varje version "
    "av en rapport räknas; återtaganden räknas inte.",
    "How well the actor's own reports were placed in an area, by the day they were received (Swedish "
    "time), method and confidence: counts, shares and words. `days` is how many days back, today "
    "among them (30 unless said). What could not be placed counts in the rest area and stands here "
    "with its reason. Every version of a report counts; withdrawals do not.",
)

LOST = Text(
    "Rapporter som togs emot men aldrig räknades (aktören fick 202, eller 503 fast Kafka sparade dem "
    "till slut): nyckeln måste förstöras innan de "
    "hann behandlas (en anonymiserare som stått stilla i mer än ett dygn). Nyast först. Det som "
    "togs emot vid de tidpunkterna behöver skickas igen; inget räknas dubbelt. Varje nyckel som "
    "hör till aktören duger. Det som har väntat i över 14 dygn kan inte längre listas.",
    "Reports that were accepted but never counted (the actor got 202, or 503 although Kafka kept them "
    "in the end): their key had to be destroyed "
    "before they could be processed (an anonymizer that stood still for over a day). Newest first. "
    "What was accepted at those instants needs to be sent again; nothing counts twice. Any key of "
    "the actor will do. What has waited for over 14 days can be listed no more.",
)

REPORTS_STATUSES = (400, 401, 403, 413, 415, 429, 503)
DELIVERIES_STATUSES = (400, 401, 403, 409, 413, 415, 429, 503)
INDICATORS_STATUSES = (401, 403, 503)
QUALITY_STATUSES = (400, 401, 403, 503)
LOST_STATUSES = (400, 401, 403, 503)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Schema = dict[str, Any]

_ERROR: Schema = {
    "type": "object",
    "required": ["error", "message"],
    "properties": {"error": {"type": "string"}, "message": {"type": "string"}},
}
_RECEIPT: Schema = {
    "type": "object",
    "required": ["accepted", "rejected"],
    "properties": {
        "accepted": {"type": "integer"},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["row", "errors"],
                "properties": {
                    "row": {"type": "integer"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["field", "code", "message"],
                            "properties": {
                                "field": {"type": "string"},
                                "code": {"enum": [code.value for code in RowErrorCode]},
                                "message": {"type": "string"},
                            },
                        },
                    },
                },
            },
        },
    },
}
_LOST: Schema = {
    "type": "object",
    "required": ["lost", "next"],
    "properties": {
        "lost": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["event_id", "received_at", "noticed_at"],
                "properties": {
                    "event_id": {"type": "string", "format": "uuid"},
                    "received_at": {"type": "string", "format": "date-time"},
                    "noticed_at": {"type": "string", "format": "date-time"},
                },
            },
        },
        "next": {"type": ["string", "null"]},
    },
}
_CATALOGUE: Schema = {
    "type": "object",
    "required": ["indicators"],
    "properties": {
        "indicators": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    name: {"type": "string"}
                    for name in ("code", "name", "name_en", "kind", "class", "family")
                },
            },
        }
    },
}
_RESULTS: Schema = {
    "reports": {"type": "integer"},
    "located": {"type": "integer"},
    "located_share": {"type": ["number", "null"]},
    "results": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "method": {"enum": [one.value for one in Placement]},
                "confidence": {"enum": [one.value for one in Confidence]},
                "reports": {"type": "integer"},
                "share": {"type": "number"},
                "method_text": {"type": "string"},
                "confidence_text": {"type": "string"},
            },
        },
    },
}
_DAY: Schema = {"type": "string", "format": "date"}
_QUALITY: Schema = {
    "type": "object",
    "required": ["from", "to", "days", *_RESULTS],
    "properties": {
        "from": _DAY,
        "to": _DAY,
        **_RESULTS,
        "days": {
            "type": "array",
            "items": {"type": "object", "properties": {"day": _DAY, **_RESULTS}},
        },
    },
}


def both(text: Text) -> str:
    """A text in both languages: there is one document for all."""
    return f"{text.sv}\n\n{text.en}"


def reports_body() -> Schema:
    """The request body of `POST /v1/reports`, which the route reads as a stream by itself."""
    return _rows({"oneOf": [_inlined(GivenReport), _inlined(GivenWithdrawal)]})


def statistics_body() -> Schema:
    """The request body of `POST /v1/statistics`, which the route reads as a stream by itself."""
    return _rows({"oneOf": [_inlined(GivenStatistic), _inlined(GivenStatisticWithdrawal)]})


def reports_answers() -> dict[int | str, Schema]:
    """Every answer of `POST /v1/reports`, and of `POST /v1/statistics`."""
    return {202: _answer("Accepted", _RECEIPT), **_refusals(*REPORTS_STATUSES)}


def deliveries_body() -> Schema:
    """The request body of `POST /v1/deliveries`, which the route reads as a stream by itself."""
    file = {"type": "string", "contentMediaType": XLSX}
    form = {"type": "object", "required": ["file"], "properties": {"file": file}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}


def deliveries_answers() -> dict[int | str, Schema]:
    """Every answer of `POST /v1/deliveries`."""
    return {202: _answer("Accepted", _RECEIPT), **_refusals(*DELIVERIES_STATUSES)}


def indicators_answers() -> dict[int | str, Schema]:
    """Every answer of `GET /v1/indicators`."""
    return {200: _answer("OK", _CATALOGUE), **_refusals(*INDICATORS_STATUSES)}


def quality_question() -> Schema:
    """The parameter of `GET /v1/quality`."""
    days = {"type": "integer", "minimum": 1, "maximum": 400, "default": 30}
    return {"parameters": [{"name": "days", "in": "query", "schema": days}]}


def quality_answers() -> dict[int | str, Schema]:
    """Every answer of `GET /v1/quality`."""
    return {200: _answer("OK", _QUALITY), **_refusals(*QUALITY_STATUSES)}


def lost_answers() -> dict[int | str, Schema]:
    """Every answer of `GET /v1/reports/lost`."""
    return {200: _answer("OK", _LOST), **_refusals(*LOST_STATUSES)}


def lost_query() -> Schema:
    """The query of `GET /v1/reports/lost`, which the route reads by itself."""
    return {
        "parameters": [
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
            },
            {"name": "before", "in": "query", "schema": {"type": "string"}},
        ]
    }


def _rows(row: Schema) -> Schema:
    several = {"type": "array", "items": row}
    return {
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": {"oneOf": [row, several]}},
                NDJSON: {"schema": row},
            },
        }
    }


def _refusals(*statuses: int) -> dict[int | str, Schema]:
    meanings: dict[int, list[str]] = {status: [] for status in statuses}
    for code, error in REQUEST_ERRORS.items():
        if error.status in meanings:
            meanings[error.status].append(f"`{code}`: {error.message.sv} {error.message.en}")
    return {status: _answer("\n\n".join(said), _ERROR) for status, said in meanings.items()}


def _answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _inlined(model: type[BaseModel]) -> Schema:
    """A model's schema without references: they would point into the document's root."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return resolved(parts[part["$ref"].rsplit("/", 1)[-1]])
            return {name: resolved(value) for name, value in part.items()}
        return [resolved(one) for one in part] if isinstance(part, list) else part

    inlined: Schema = resolved(schema)
    return inlined
