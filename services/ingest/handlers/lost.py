"""`GET /v1/reports/lost`: which of an actor's accepted reports were lost, for it to send them again."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.ingest.domain.errors import RequestErrorCode
from services.ingest.handlers.answers import RefusedRequest
from services.ingest.handlers.keys import holder_of, pack_of
from services.ingest.handlers.reception import JSON, reception_of
from services.ingest.store import Lost
from shared.key_ring import RegistryAwayError
from shared.postgres import DATABASE_AWAY

USUAL, MOST = 100, 1000
LAST = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=(1 << 128) - 1))


async def get_lost_reports(request: Request) -> Response:
    """The newest first; `next` is where the following page begins, if there is one."""
    reception = reception_of(request)
    holder = await holder_of(request, reception)
    if holder.actor is None:
        raise RefusedRequest(RequestErrorCode.WRONG_SCOPE)
    pack_of(holder, reception)
    before, most = _page(request)
    try:
        found = await reception.lost.of(
            holder.municipality, holder.actor, before=before, most=most + 1
        )
    except DATABASE_AWAY:
        raise RegistryAwayError from None
    listed = found[:most]
    told = {
        "lost": [_told(one) for one in listed],
        "next": _place(listed[-1]) if len(found) > most else None,
    }
    return Response(msgspec.json.encode(told), media_type=JSON)


def _told(one: Lost) -> dict[str, object]:
    return {
        "event_id": str(one.event_id),
        "received_at": one.received_at,
        "noticed_at": one.noticed_at,
    }


def _place(one: Lost) -> str:
    """A place in the order, for the next page."""
    return f"{one.received_at.astimezone(UTC).strftime('%Y%m%dT%H%M%S.%f')}-{one.event_id.hex}"


def _page(request: Request) -> tuple[tuple[datetime, UUID], int]:
    """Where the page begins, and how long it is.

    Raises:
        RefusedRequest: neither can be read.
    """
    given = request.query_params
    try:
        most = int(given.get("limit", USUAL))
        instant, _, event = given["before"].partition("-") if "before" in given else ("", "", "")
        before = (
            (datetime.strptime(instant, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), UUID(hex=event))
            if "before" in given
            else LAST
        )
    except ValueError:
        raise RefusedRequest(RequestErrorCode.UNREADABLE_QUERY) from None
    if not 1 <= most <= MOST:
        raise RefusedRequest(RequestErrorCode.UNREADABLE_QUERY)
    return before, most
