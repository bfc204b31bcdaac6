"""A subscriber's own software: a web server that takes pushes and believes none unverified.

The signature is checked by the `standardwebhooks` library, not by our own code. A repeated id is
answered as success and not counted again, as receivers are advised to do.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

HOST = "127.0.0.1"
LARGEST_BODY = 50 << 20  # bytes
TYPE = "lagesbild.view.updated"
RECENT = 12


class Fault(StrEnum):
    """Why a push is not verified."""

    SIGNATURE = "signature"
    OTHER_BODY = "other_body"  # the id was seen with other content
    ORDER = "order"  # its number does not follow the last one's
    CONTENT = "content"  # not the whole view that was agreed, or more than that


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the subscription says. Shape: `withheld` are the codes that it may not see."""

    subscriber: str
    subscription: str
    secret: str
    indicators: frozenset[str]
    windows: frozenset[str]
    withheld: frozenset[str]

    @property
    def shown(self) -> frozenset[str]:
        """The codes whose numbers it sees."""
        return self.indicators - self.withheld


@dataclass(frozen=True, slots=True)
class PushedCell:
    """The numbers of one area, indicator and window of a view."""

    area: str
    indicator: str
    window: str
    reports: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Push:
    """One push. Shape: without a fault it is verified; one without a signature has no content."""

    subscriber: str
    received_at: datetime
    fault: Fault | None = None
    seq: int = 0
    due_at: datetime | None = None
    as_of: datetime | None = None
    cells: tuple[PushedCell, ...] = ()

    @property
    def lateness_s(self) -> float | None:
        """Seconds from when it was due until it was here."""
        return (self.received_at - self.due_at).total_seconds() if self.due_at else None

    def is_newer_than(self, instant: datetime) -> bool:
        """Whether its numbers were taken then or later."""
        return self.as_of is not None and self.as_of >= instant


class Inbox:
    """The pushes of one subscription, each once.

    Shape: `recent` are the last few in the order received, `total` and `verified` count all,
    `faults` are what was wrong with the others.
    """

    def __init__(self, agreed: Agreed) -> None:
        self.agreed = agreed
        self.recent: deque[Push] = deque(maxlen=RECENT)
        self.total = 0
        self.verified = 0
        self.faults: set[Fault] = set()
        self._webhook = Webhook(agreed.secret)
        self._sums: dict[str, bytes] = {}
        self._last_seq = 0

    def take(
        self, headers: Mapping[str, str], body: bytes, *, received_at: datetime
    ) -> Push | None:
        """Judge what came in; none if it is a repetition of what is here already."""
        subscriber = self.agreed.subscriber
        try:
            content = self._webhook.verify(body, dict(headers))
        except WebhookVerificationError:
            return self._kept(Push(subscriber, received_at, Fault.SIGNATURE))
        digest, known = hashlib.sha256(body).digest(), self._sums.get(headers["webhook-id"])
        if known is None:
            self._sums[headers["webhook-id"]] = digest
            return self._kept(self._read(content, received_at))
        if known == digest:
            return None
        return self._kept(Push(subscriber, received_at, Fault.OTHER_BODY))

    @property
    def last(self) -> Push | None:
        """The newest verified view."""
        return next((push for push in reversed(self.recent) if push.fault is None), None)

    def _kept(self, push: Push) -> Push:
        self.recent.append(push)
        self.total += 1
        if push.fault is None:
            self.verified += 1
        else:
            self.faults.add(push.fault)
        self._last_seq = max(self._last_seq, push.seq)
        return push

    def _read(self, content: Any, received_at: datetime) -> Push:
        try:
            view = content["data"]
            cells = tuple(PushedCell(**cell) for cell in view["cells"])
            push = Push(
                subscriber=self.agreed.subscriber,
                received_at=received_at,
                fault=self._fault(content, cells),
                seq=view["seq"],
                due_at=datetime.fromisoformat(view["due_at"]),
                as_of=datetime.fromisoformat(view["as_of"]),
                cells=cells,
            )
        except (KeyError, TypeError, ValueError):
            return Push(self.agreed.subscriber, received_at, Fault.CONTENT)
        return push

    def _fault(self, content: Any, cells: tuple[PushedCell, ...]) -> Fault | None:
        agreed, view = self.agreed, content["data"]
        whole = (
            content["type"] == TYPE
            and view["subscription"] == agreed.subscription
            and set(view["withheld"]) == agreed.withheld
            and all(one.indicator in agreed.shown and one.window in agreed.windows for one in cells)
            and len({(one.area, one.indicator, one.window) for one in cells}) == len(cells)
        )
        if not whole:
            return Fault.CONTENT
        return None if view["seq"] > self._last_seq else Fault.ORDER


class Receiver:
    """The server of one subscriber on a free port; `on_push` is called for each new push."""

    def __init__(self, *, now: Callable[[], datetime], on_push: Callable[[Push], None]) -> None:
        self._now = now
        self._on_push = on_push
        self._inbox: Inbox | None = None
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post("/", self._post)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> str:
        """Begin to listen; the URL for the subscription."""
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        return f"http://{HOST}:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Stop to listen."""
        await self._runner.cleanup()

    def expect(self, agreed: Agreed) -> Inbox:
        """Accept pushes of this subscription from now on."""
        self._inbox = Inbox(agreed)
        return self._inbox

    async def _post(self, request: web.Request) -> web.Response:
        received_at = self._now()
        body = await request.read()
        if self._inbox is None:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        headers = {name.lower(): value for name, value in request.headers.items()}
        push = self._inbox.take(headers, body, received_at=received_at)
        if push is not None:
            self._on_push(push)
        is_bad = push is not None and push.fault is Fault.SIGNATURE
        return web.Response(status=HTTPStatus.UNAUTHORIZED if is_bad else HTTPStatus.NO_CONTENT)
