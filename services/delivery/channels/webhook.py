"""Standard Webhooks 1.0.0: one signed POST, and what the receiver made of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import structlog
from standardwebhooks import Webhook

from services.delivery.channels.resolver import AddressNotAllowed, GuardedResolver, Lookup
from services.delivery.domain import endpoint
from services.delivery.domain.endpoint import Network
from services.delivery.domain.mistake import Mistake
from services.delivery.domain.push import Push
from services.delivery.domain.schedule import Answer, Outcome, outcome_of, parse_retry_after

MOST_ANSWER_BYTES = 50_000
CHUNK_BYTES = 8_192
KEPT_OPEN_S = 1.5  # for bursts; many servers close after 2 or 5 s, just when the next push is due
RESOLVED_AGAIN_S = 10
LOOKUP_S = 5.0  # for a request for a subscription
HEADERS = {
    "content-type": "application/json",
    "user-agent": "Lagesbild-Webhook/1",
    "accept-encoding": "identity",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a receiver is waited for. Unit: seconds."""

    connect_s: float
    total_s: float


class Webhooks:
    """Sends pushes. One HTTP session per scheme and allow-list, for each has its own resolver."""

    def __init__(self, lookup: Lookup, *, patience: Patience) -> None:
        self._lookup = lookup
        self._timeout = aiohttp.ClientTimeout(
            total=patience.total_s, connect=patience.connect_s, sock_connect=patience.connect_s
        )
        self._sessions: dict[tuple[str, tuple[Network, ...]], aiohttp.ClientSession] = {}

    async def mistakes_of(self, text: str, listed: Sequence[Network]) -> list[Mistake]:
        """What is wrong with a URL that passed `endpoint.url_mistakes`: where its name leads."""
        url = endpoint.parsed(text)
        if url is None or endpoint.literal(url) is not None:
            return endpoint.url_mistakes(text, listed)
        try:
            async with asyncio.timeout(LOOKUP_S):
                addresses = await self._lookup(url.raw_host or "", url.port or 0)
        except (OSError, UnicodeError):  # the system's resolver has rules of its own for names
            addresses = ()
        return endpoint.address_mistakes(addresses, scheme=url.scheme, listed=listed)

    async def send(
        self, push: Push, *, url: str, secret: bytes, listed: tuple[Network, ...], now: datetime
    ) -> Answer:
        """One attempt: the same bytes and id each time, signed with the second of this attempt.

        Whatever the receiver or the network does is an answer, never an exception.
        Unit: `now` is UTC; the signing library reads any other zone wrongly.
        """
        try:
            return await self._sent(push, url=url, secret=secret, listed=listed, now=now)
        except (aiohttp.ClientError, OSError) as error:
            return Answer(_outcome_of_error(error))
        except Exception as error:  # noqa: BLE001 - what one receiver does must not end the rest
            structlog.get_logger().error(
                "answer_misread",
                subscription=str(push.subscription),
                error_type=type(error).__name__,  # its text may hold what the receiver sent
            )
            return Answer(Outcome.FAILED)

    async def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            await session.close()

    async def _sent(
        self, push: Push, *, url: str, secret: bytes, listed: tuple[Network, ...], now: datetime
    ) -> Answer:
        target = endpoint.parsed(url)
        if target is None or endpoint.url_mistakes(url, listed):
            return Answer(Outcome.NOT_ALLOWED)
        signature = Webhook(secret).sign(push.webhook_id, now, push.body.decode())
        headers = {
            "webhook-id": push.webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        session = self._session(target.scheme, listed)
        async with session.post(
            target, data=push.body, headers=headers, allow_redirects=False
        ) as response:
            return await _answer(response, now)

    def _session(self, scheme: str, listed: tuple[Network, ...]) -> aiohttp.ClientSession:
        key = (scheme, listed)
        if key not in self._sessions:
            connector = aiohttp.TCPConnector(
                resolver=GuardedResolver(self._lookup, scheme=scheme, listed=listed),
                limit=0,  # the sender's slots are the limit
                keepalive_timeout=KEPT_OPEN_S,
                ttl_dns_cache=RESOLVED_AGAIN_S,
            )
            self._sessions[key] = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                headers=HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._sessions[key]


async def _answer(response: aiohttp.ClientResponse, now: datetime) -> Answer:
    """The status decides; of the body only the length is learnt, and no more than is drained."""
    length = 0
    try:
        while length < MOST_ANSWER_BYTES and (chunk := await response.content.read(CHUNK_BYTES)):
            length += len(chunk)
    except (aiohttp.ClientError, OSError):
        response.close()
    if length >= MOST_ANSWER_BYTES:
        response.close()
    return Answer(
        outcome_of(response.status),
        response.status,
        length,
        parse_retry_after(response.headers.get("retry-after"), now),
    )


def _outcome_of_error(error: Exception) -> Outcome:
    """Why there was no answer. aiohttp wraps a resolver's error, so its cause is looked at."""
    match error:
        case TimeoutError():
            return Outcome.TIMED_OUT
        case aiohttp.ClientConnectorDNSError():
            refused = isinstance(error.os_error, AddressNotAllowed)
            return Outcome.NOT_ALLOWED if refused else Outcome.NOT_RESOLVED
        case aiohttp.ClientSSLError():
            return Outcome.NOT_TRUSTED
        case aiohttp.ClientConnectorError():
            return Outcome.NOT_CONNECTED
        case _:
            return Outcome.BROKEN_OFF
