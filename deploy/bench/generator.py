"""The load: as fast as ingest takes it, or so many per second whatever happens."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp

from deploy.bench.bodies import Bodies, Ids, Post
from deploy.demo.latency import Stopwatch
from shared.errors import LagesbildError

CONNECTIONS = 4
TRY_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
TRY_AGAIN_S = 0.05
POST_SECONDS = 30.0


class UnexpectedAnswerError(LagesbildError):
    """Ingest refused what is correct; the text has its status and how many rows it took."""

    def __init__(self, status: int, accepted: int) -> None:
        super().__init__(f"status {status}, {accepted} rows accepted")


@dataclass(frozen=True, slots=True)
class Sent:
    """What ingest has answered 202 to. Unit: `seconds` from the first byte to the last answer."""

    accepted: int
    seconds: float


class Generator:
    """Posts bodies with the keys of their actors; `async with` opens and closes its connections."""

    def __init__(self, ingest: str, *, keys: Mapping[str, str]) -> None:
        self._url = f"{ingest}/v1/reports"
        self._headers = {
            actor: {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
            for actor, key in keys.items()
        }
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=POST_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def post_events(self, bodies: Bodies, *, at_least: int) -> Sent:
        """Post until so many are accepted: whole posts, CONNECTIONS at a time."""
        left = at_least

        def more() -> bool:
            nonlocal left
            wanted = left > 0
            left -= bodies.rows
            return wanted

        return await self._post_while(bodies, more)

    async def post_for(self, bodies: Bodies, *, seconds: float) -> Sent:
        """Post as fast as ingest takes it for so long."""
        until = time.perf_counter() + seconds
        return await self._post_while(bodies, lambda: time.perf_counter() < until)

    async def post_steadily(
        self, bodies: Bodies, *, per_second: float, seconds: float, watch: Stopwatch, ids: Ids
    ) -> Sent:
        """Post so many events per second, never waiting for an answer; the watch times a sample.

        The first second is not timed: connections open then.
        """
        step = bodies.rows / per_second
        began = time.perf_counter()
        sent: list[asyncio.Task[int]] = []
        for number in range(round(seconds / step)):
            await asyncio.sleep(began + number * step - time.perf_counter())
            timed = watch if number * step >= 1 else None
            sent.append(asyncio.create_task(self._timed(bodies.next(), timed, ids)))
        return Sent(sum(await asyncio.gather(*sent)), time.perf_counter() - began)

    async def post_whatever_happens(self, post: Post) -> int:
        """Post until it is accepted whole, also while nobody answers or an answer is lost.

        Raises:
            UnexpectedAnswerError: ingest refuses it, or a row of it.
        """
        while True:
            try:
                return await self._post(post)
            except (aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(TRY_AGAIN_S)

    async def _timed(self, post: Post, watch: Stopwatch | None, ids: Ids) -> int:
        versions = [(ids.of(post), 1)]
        if watch is not None:
            watch.sending(versions)
        accepted = await self._post(post)
        if watch is not None:
            watch.acknowledged(versions, at=time.perf_counter())
        return accepted

    async def _post_while(self, bodies: Bodies, more: Callable[[], bool]) -> Sent:
        began = time.perf_counter()

        async def connection() -> int:
            accepted = 0
            while more():
                accepted += await self._post(bodies.next())
            return accepted

        accepted = await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
        return Sent(sum(accepted), time.perf_counter() - began)

    async def _post(self, post: Post) -> int:
        """Post until it is accepted whole.

        Raises:
            UnexpectedAnswerError: ingest refuses it, or a row of it.
        """
        while True:
            async with self._session.post(
                self._url, data=post.body, headers=self._headers[post.actor]
            ) as answer:
                if answer.status not in TRY_AGAIN:
                    said = await answer.json()
                    accepted = int(said.get("accepted", 0))
                    if answer.status == HTTPStatus.ACCEPTED and accepted == post.rows:
                        return accepted
                    raise UnexpectedAnswerError(answer.status, accepted)
            await asyncio.sleep(TRY_AGAIN_S)
