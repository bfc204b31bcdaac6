"""The actors' own software: sends a request until it is accepted, as the contract asks of it.

The same body goes out on every try, so rows that Kafka already has change nothing. One request of
an actor is in flight at a time: what the actor said first arrives first.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any, NamedTuple

import aiohttp

from deploy.demo.draft import Request
from shared.errors import LagesbildError
from shared.retry import Backoff

TRY_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
AWAY = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError)
TRY_SECONDS = 30.0
LONGEST_WAIT_S = 30.0
BACKOFF = Backoff(first=0.1, most=2.0)


class Refusal(NamedTuple):
    """The first error of a refused row, in ingest's code and words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What ingest said. Shape: `rejected` by row, from 0 whatever the request's form."""

    accepted: int
    rejected: Mapping[int, Refusal]


class UnexpectedAnswerError(LagesbildError):
    """An answer that a correct request never gets."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Sender:
    """One actor's connection to ingest; `on_retry` is called before each further try."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        key: str,
        language: str,
        on_retry: Callable[[], None],
    ) -> None:
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
        self._on_retry = on_retry

    async def send(self, request: Request) -> Answer:
        """Send a request until it is accepted.

        Raises:
            UnexpectedAnswerError: the answer is neither 202 nor one that asks for patience.
        """
        headers = {**self._headers, "Content-Type": request.content_type}
        body = request.body
        for delay in BACKOFF.delays():
            wait = delay
            try:
                async with self._session.post(
                    f"{self._url}{request.path}",
                    data=BytesIO(body),
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=TRY_SECONDS),
                ) as response:
                    if response.status == HTTPStatus.ACCEPTED:
                        return _read(await response.json(), first_row=request.first_row)
                    if response.status not in TRY_AGAIN:
                        raise UnexpectedAnswerError(response.status)
                    wait = max(delay, _asked_wait(response.headers.get("Retry-After")))
            except AWAY:
                pass  # ingest is down, or went down before its answer was whole
            self._on_retry()
            await asyncio.sleep(wait)
        raise AssertionError("the delays never end")


def _asked_wait(header: str | None) -> float:
    """The seconds of a Retry-After header, within reason; a date is not understood."""
    return min(float(header), LONGEST_WAIT_S) if header and header.isdigit() else 0.0


def _read(answer: Any, *, first_row: int) -> Answer:
    return Answer(
        accepted=answer["accepted"],
        rejected={
            one["row"] - first_row: Refusal(one["errors"][0]["code"], one["errors"][0]["message"])
            for one in answer["rejected"]
        },
    )
