"""`GET /v1/quality`: how well the reports of the key's actor were located."""

from datetime import timedelta

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.ingest.domain.errors import RequestErrorCode
from services.ingest.domain.quality import told
from services.ingest.handlers.answers import RefusedRequest
from services.ingest.handlers.keys import holder_of, pack_of
from services.ingest.handlers.reception import JSON, language_of, reception_of
from shared.windows import STOCKHOLM

MOST_DAYS = 400
USUAL_DAYS = 30


async def get_quality(request: Request) -> Response:
    """Counts of the actor's own reports by day, method and confidence; any key of the actor does."""
    reception = reception_of(request)
    holder = await holder_of(request, reception)
    if holder.actor is None:
        raise RefusedRequest(RequestErrorCode.WRONG_SCOPE)
    pack_of(holder, reception)
    last = reception.now().astimezone(STOCKHOLM).date()
    first = last - timedelta(days=_days(request) - 1)
    counted = await reception.quality.located(holder.municipality, holder.actor, first, last)
    answer = {"from": first.isoformat(), "to": last.isoformat()}
    answer |= told(counted, language=language_of(request))
    return Response(msgspec.json.encode(answer), media_type=JSON)


def _days(request: Request) -> int:
    """How many days back, today among them.

    Raises:
        RefusedRequest: it is no such number.
    """
    given = request.query_params.get("days", str(USUAL_DAYS))
    if not (given.isascii() and given.isdecimal() and 1 <= int(given[:9]) <= MOST_DAYS):
        raise RefusedRequest(RequestErrorCode.WRONG_DAYS)
    return int(given)
