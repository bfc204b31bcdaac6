"""A replay against an ingest that is down, busy, or does not know the key."""

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.ingest.sender.batches import Batches
from services.ingest.sender.progress import progress
from shared.errors import ConfigurationError
from shared.language import Language

Reply = Callable[[web.Request], web.Response]
LINES = [b'{"id":"1"}', b'{"id":"2"}']


def accepted(_: web.Request) -> web.Response:
    errors = [{"field": "id", "code": "missing", "message": "…"}]
    return web.json_response(
        {"accepted": 1, "rejected": [{"row": 1, "errors": errors}]}, status=202
    )


def status(code: int) -> Reply:
    return lambda _: web.json_response(
        {"error": "x", "message": "Nyckeln gäller inte."}, status=code
    )


def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@dataclass
class FlakyIngest:
    replies: list[Reply] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    waits: int = 0

    async def post(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.keys.add(request.headers["Authorization"])
        return self.replies.pop(0)(request)

    def on_wait(self) -> None:
        self.waits += 1


@pytest.fixture
async def ingest() -> FlakyIngest:
    return FlakyIngest()


@pytest.fixture
async def batches(ingest: FlakyIngest) -> AsyncIterator[Batches]:
    app = web.Application()
    app.router.add_post("/v1/reports", ingest.post)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("/"))
        yield Batches(session, url, key="lb_key", on_wait=ingest.on_wait)


async def test_a_batch_is_sent_again_until_it_is_accepted(
    ingest: FlakyIngest, batches: Batches
) -> None:
    ingest.replies = [status(503), hang_up, status(429), accepted]
    became = await batches.send(LINES)
    assert (became.rows, became.refused) == (1, {"missing": 1})
    assert ingest.bodies == [b"\n".join(LINES)] * 4
    assert (ingest.waits, ingest.keys) == (3, {"Bearer lb_key"})


@pytest.mark.parametrize("code", [400, 401, 403, 413, 500])
async def test_an_answer_that_patience_does_not_change_ends_the_replay_in_ingests_words(
    ingest: FlakyIngest, batches: Batches, code: int
) -> None:
    ingest.replies = [status(code)]
    with pytest.raises(ConfigurationError, match=f"{code} Nyckeln gäller inte"):
        await batches.send(LINES)


@pytest.mark.parametrize("url", ["ftp://ingest", "http://", "ingest", "http://ingest:port"])
async def test_an_address_that_is_none_ends_the_replay(ingest: FlakyIngest, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        batches = Batches(session, url, key="lb_key", on_wait=ingest.on_wait)
        with pytest.raises(ConfigurationError, match="not an HTTP address"):
            await batches.send(LINES)
    assert not ingest.waits


def test_progress_in_a_log_is_plain_lines_and_not_too_many() -> None:
    log = io.StringIO()
    with progress(log, Language.EN) as shown:
        for sent in range(100):
            shown(sent, 1.0)
    assert log.getvalue() == ""
