"""`GET /v1/indicators`: what the key's actor may report."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.ingest.domain.errors import RequestErrorCode
from services.ingest.handlers.answers import RefusedRequest
from services.ingest.handlers.keys import holder_of, pack_of
from services.ingest.handlers.reception import JSON, reception_of


async def get_indicators(request: Request) -> Response:
    """The actor's part of the catalogue, in its order; a key to read with will do."""
    reception = reception_of(request)
    holder = await holder_of(request, reception)
    if holder.actor is None:
        raise RefusedRequest(RequestErrorCode.WRONG_SCOPE)
    listed = [
        {
            "code": one.code,
            "name": one.name,
            "name_en": one.name_en,
            "kind": one.kind.value,
            "class": one.sensitivity.value,
            "family": one.family.value,
        }
        for one in pack_of(holder, reception).reportable_by(holder.actor)
    ]
    return Response(msgspec.json.encode({"indicators": listed}), media_type=JSON)
