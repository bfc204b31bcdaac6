"""`/v1/subscriptions`: asked for by actors, decided by the data owner."""

import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.delivery.domain.endpoint import Network
from services.delivery.domain.mistake import Mistake, Mistaken
from services.delivery.domain.request import (
    DecisionWanted,
    SubscriptionWanted,
    decision_of,
    subscription_of,
)
from services.delivery.domain.subscription import Act, Decision, State, Subscription
from services.delivery.handlers.asking import Asker, Doorkeeper
from services.delivery.handlers.errors import Refused
from services.delivery.store.audit import Teller
from services.delivery.store.subscriptions import NotFound
from shared.key_ring import Scope
from shared.language import Text

SECRET_BYTES = 32
MOST_BODY_BYTES = 256 * 1024

UrlCheck = Callable[[str, Sequence[Network]], Awaitable[list[Mistake]]]
Clock = Callable[[], datetime]


class Register(Protocol):
    """Keeps subscriptions; every act has its entry in the audit chain."""

    async def add(self, subscription: Subscription, *, secret: bytes) -> None:
        """Write a request down."""

    async def of(self, teller: Teller) -> list[Subscription]:
        """The teller's subscriptions."""

    async def find(self, teller: Teller, which: UUID) -> Subscription:
        """One of them."""

    async def decide(
        self, teller: Teller, which: UUID, *, act: Act, decision: Decision, now: datetime
    ) -> State:
        """Approve or refuse."""

    async def end(self, teller: Teller, which: UUID, *, now: datetime) -> State:
        """End one."""


def routes(
    doorkeeper: Doorkeeper, register: Register, *, check_url: UrlCheck, clock: Clock
) -> APIRouter:
    """The routes of subscriptions."""
    router = APIRouter(prefix="/v1/subscriptions")
    reader = Depends(doorkeeper.open_to(Scope.READ))
    anyone = Depends(doorkeeper.open_to(Scope.READ, Scope.OWN))

    @router.post("", status_code=201, summary="Ask for a subscription", openapi_extra=_WANTED)
    async def request(request: Request, asker: Annotated[Asker, reader]) -> Response:
        body = await _body(request)
        subscription = await _requested(asker, body, check_url=check_url, now=clock())
        secret = secrets.token_bytes(SECRET_BYTES)
        await register.add(subscription, secret=secret)
        shown_once = {
            "id": subscription.id,
            "secret": f"whsec_{b64encode(secret).decode()}",
            "state": subscription.state,
        }
        return _json(shown_once, status=201)

    @router.get("", summary="One's own subscriptions; the data owner sees the municipality's")
    async def list_all(asker: Annotated[Asker, anyone]) -> Response:
        found = await register.of(asker.teller)
        return _json({"subscriptions": [_shown(one) for one in found]})

    @router.get("/{which}", summary="One subscription")
    async def find(which: str, asker: Annotated[Asker, anyone]) -> Response:
        return _json(_shown(await register.find(asker.teller, _id(which))))

    @router.delete("/{which}", summary="End a subscription")
    async def end(which: str, asker: Annotated[Asker, anyone]) -> Response:
        state = await register.end(asker.teller, _id(which), now=clock())
        return _json({"id": which, "state": state})

    router.include_router(_decisions(doorkeeper, register, clock=clock))
    return router


def _decisions(doorkeeper: Doorkeeper, register: Register, *, clock: Clock) -> APIRouter:
    """What only the data owner may do."""
    router = APIRouter()
    owner = Depends(doorkeeper.open_to(Scope.OWN))

    async def decide(act: Act, which: str, *, request: Request, asker: Asker) -> Response:
        now = clock()
        decision = decision_of(await _body(request), now=now)
        state = await register.decide(asker.teller, _id(which), act=act, decision=decision, now=now)
        return _json({"id": which, "state": state})

    @router.post("/{which}/approve", summary="Approve, with a motive", openapi_extra=_DECISION)
    async def approve(which: str, request: Request, asker: Annotated[Asker, owner]) -> Response:
        return await decide(Act.APPROVE, which, request=request, asker=asker)

    @router.post("/{which}/refuse", summary="Refuse, with a motive", openapi_extra=_DECISION)
    async def refuse(which: str, request: Request, asker: Annotated[Asker, owner]) -> Response:
        return await decide(Act.REFUSE, which, request=request, asker=asker)

    return router


async def _requested(
    asker: Asker, body: bytes, *, check_url: UrlCheck, now: datetime
) -> Subscription:
    """The subscription that is wanted, when nothing about it is wrong."""
    municipality = asker.municipality
    wanted, selection = subscription_of(body, municipality.pack, municipality.listed)
    if mistakes := await check_url(wanted.channel.url, municipality.listed):
        raise Mistaken(mistakes)
    return Subscription(
        id=uuid4(),
        municipality=municipality.pack.code,
        actor=asker.actor or "",
        name=wanted.name,
        selection=selection,
        every=timedelta(seconds=wanted.every_s),
        url=wanted.channel.url,
        state=State.REQUESTED,
        requested_at=now,
    )


def _shown(subscription: Subscription) -> dict[str, Any]:
    """A subscription for people and programs; never its secret."""
    return {
        "id": subscription.id,
        "actor": subscription.actor,
        "name": subscription.name,
        "indicators": subscription.selection.indicators,
        "areas": subscription.selection.areas,
        "level": subscription.selection.level,
        "windows": subscription.selection.windows,
        "every_s": int(subscription.every.total_seconds()),
        "channel": {"type": "webhook", "url": subscription.url},
        "state": subscription.state,
        "requested_at": subscription.requested_at,
        "decided_at": subscription.decided_at,
        "motive": subscription.motive,
        "until_at": subscription.until_at,
        "ended_at": subscription.ended_at,
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise Refused(413, "too_large", _TOO_LARGE)
    return bytes(body)


def _json(content: Any, *, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )


def _schema_of(model: type[SubscriptionWanted | DecisionWanted]) -> dict[str, Any]:
    schema = {"schema": model.model_json_schema()}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


_WANTED = _schema_of(SubscriptionWanted)
_DECISION = _schema_of(DecisionWanted)
_TOO_LARGE = Text(sv="Begäran är för stor.", en="The request is too large.")
