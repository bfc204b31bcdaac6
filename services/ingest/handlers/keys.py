"""Who asks, by the key in the request."""

from starlette.requests import Request

from services.ingest.domain.errors import RequestErrorCode
from services.ingest.domain.validate import Sender
from services.ingest.handlers.answers import RefusedRequest
from services.ingest.handlers.reception import Reception
from shared.bearer import bearer_key
from shared.key_ring import Principal, Scope
from shared.pack.model import Pack


async def holder_of(request: Request, reception: Reception) -> Principal:
    """Whose key the request carries.

    Raises:
        RefusedRequest: there is no key, or it is not valid.
        RegistryAwayError: it cannot be told now.
    """
    key = bearer_key(request.headers.get("authorization"))
    if key is None:
        raise RefusedRequest(RequestErrorCode.NO_KEY)
    holder = await reception.key_ring.identify(key)
    if holder is None:
        raise RefusedRequest(RequestErrorCode.UNKNOWN_KEY)
    return holder


def sender_of(holder: Principal, reception: Reception) -> Sender:
    """The actor that may report with the key; one for history may report what is long past.

    Raises:
        RefusedRequest: the key is not for reporting, or its municipality is not here.
    """
    if holder.scope not in (Scope.REPORT, Scope.HISTORY) or holder.actor is None:
        raise RefusedRequest(RequestErrorCode.WRONG_SCOPE)
    return Sender.of(
        pack_of(holder, reception),
        holder.actor,
        secret=reception.secret,
        horizon=None if holder.scope is Scope.HISTORY else reception.horizon,
    )


def pack_of(holder: Principal, reception: Reception) -> Pack:
    """The municipality of the key.

    Raises:
        RefusedRequest: it is not served here.
    """
    pack = reception.packs.get(holder.municipality)
    if pack is None:
        raise RefusedRequest(RequestErrorCode.UNKNOWN_MUNICIPALITY)
    return pack
