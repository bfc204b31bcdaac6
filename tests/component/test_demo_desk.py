"""The actors' software against an ingest that is down, busy or wrong now and then."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid5

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.demo.desk import Desk
from deploy.demo.draft import Draft, Form, Kind, Request, Telling
from deploy.demo.latency import Stopwatch
from deploy.demo.senders import Sender
from deploy.demo.tally import Tally
from deploy.demo.truth import Coarse, Truth, Width

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMESPACE = UUID(int=0)
REFUSAL = {"field": "id", "code": "missing", "message": "Fältet saknas."}

Reply = Callable[[web.Request], web.Response]


def accepted(number: int, *rejected: int) -> Reply:
    answer = {
        "accepted": number,
        "rejected": [{"row": row, "errors": [REFUSAL]} for row in rejected],
    }
    return lambda _: web.json_response(answer, status=202)


def status(code: int, **headers: str) -> Reply:
    return lambda _: web.Response(status=code, headers=headers)


def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@dataclass
class FlakyIngest:
    """Answers as it is told, one reply after the other, and keeps what it was sent."""

    replies: list[Reply] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def post(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append(dict(request.headers))
        return self.replies.pop(0)(request)


@pytest.fixture
async def ingest() -> AsyncIterator[FlakyIngest]:
    made, app = FlakyIngest(), web.Application()
    app.router.add_post("/v1/reports", made.post)
    async with TestServer(app) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


@dataclass
class Office:
    """A desk with everything that it writes to."""

    desk: Desk
    truth: Truth
    tally: Tally
    stopwatch: Stopwatch


@pytest.fixture
async def office(ingest: FlakyIngest) -> AsyncIterator[Office]:
    truth, tally, stopwatch = Truth({"arson": Coarse(Width.MINUTE, 3)}), Tally(), Stopwatch()
    tally.expect(["police"])

    def again() -> None:
        tally.tries_again += 1

    async with aiohttp.ClientSession() as session:
        sender = Sender(session, ingest.url, key="lb_key", language="sv", on_retry=again)
        yield Office(
            Desk(
                {"police": sender},
                truth=truth,
                tally=tally,
                stopwatch=stopwatch,
                event_id=an_event_id,
            ),
            truth,
            tally,
            stopwatch,
        )


def an_event_id(actor: str, own_id: str) -> UUID:
    return uuid5(NAMESPACE, f"{actor}/{own_id}")


def good(own_id: str, version: int = 1, *, kind: Kind = Kind.FRESH) -> Draft:
    telling = Telling("police", own_id, version, "arson", NOON, "111")
    return Draft(kind, json.dumps({"id": own_id}).encode(), telling)


def bad() -> Draft:
    return Draft(Kind.BAD, b"{}", None)


def a_request(*drafts: Draft, form: Form = Form.NDJSON) -> Request:
    return Request("police", form, drafts)


async def test_accepted_rows_become_the_truth(ingest: FlakyIngest, office: Office) -> None:
    ingest.replies = [accepted(2, 1)]
    await office.desk.send(a_request(good("1"), bad(), good("2")))
    assert set(office.truth.winners) == {("police", "1"), ("police", "2")}
    assert (office.tally.accepted, office.tally.rejected, office.tally.misjudged) == (2, 1, 0)
    assert office.tally.reasons == {"missing": 1}
    assert office.tally.messages == {"missing": "Fältet saknas."}
    assert ingest.headers[0]["Content-Type"] == "application/x-ndjson"
    assert ingest.headers[0]["Authorization"] == "Bearer lb_key"


@pytest.mark.parametrize("trouble", [status(503), status(429), hang_up])
async def test_a_request_is_sent_again_with_the_same_body(
    ingest: FlakyIngest, office: Office, trouble: Reply
) -> None:
    ingest.replies = [trouble, trouble, accepted(1)]
    await office.desk.send(a_request(good("1")))
    assert len(ingest.bodies) == 3
    assert len(set(ingest.bodies)) == 1
    assert (office.tally.accepted, office.tally.tries_again) == (1, 2)


async def test_an_asked_for_wait_is_waited(ingest: FlakyIngest, office: Office) -> None:
    ingest.replies = [status(503, **{"Retry-After": "1"}), accepted(1)]
    clock = asyncio.get_running_loop()  # the one that waits; the clock of the day may be set
    before = clock.time()
    await office.desk.send(a_request(good("1")))
    assert clock.time() - before > 0.99


@pytest.mark.parametrize("code", [400, 401, 413, 500])
async def test_an_answer_that_no_sender_may_get_is_noticed(
    ingest: FlakyIngest, office: Office, code: int
) -> None:
    ingest.replies = [status(code)]
    await office.desk.send(a_request(good("1")))
    assert office.tally.unexpected == {code: 1}
    assert office.truth.winners == {}
    assert office.stopwatch.awaited == set()


async def test_a_wrong_row_that_is_accepted_is_noticed(ingest: FlakyIngest, office: Office) -> None:
    ingest.replies = [accepted(2)]
    await office.desk.send(a_request(good("1"), bad()))
    assert office.tally.misjudged == 1


async def test_a_right_row_that_is_refused_is_noticed_and_not_awaited(
    ingest: FlakyIngest, office: Office
) -> None:
    ingest.replies = [accepted(1, 0)]
    await office.desk.send(a_request(good("1"), good("2")))
    assert office.tally.misjudged == 1
    assert set(office.truth.winners) == {("police", "2")}
    assert office.stopwatch.awaited == {an_event_id("police", "2")}


@pytest.mark.parametrize("answer", [accepted(1), accepted(3), accepted(1, 7)])
async def test_an_answer_that_does_not_add_up_is_noticed(
    ingest: FlakyIngest, office: Office, answer: Reply
) -> None:
    ingest.replies = [answer]
    await office.desk.send(a_request(good("1"), good("2")))
    assert office.tally.misjudged == 1


async def test_only_what_becomes_the_newest_version_is_timed(
    ingest: FlakyIngest, office: Office
) -> None:
    ingest.replies = [accepted(3), accepted(1)]
    drafts = (good("1"), good("2", 2, kind=Kind.CORRECTION), good("3", kind=Kind.STALE))
    await office.desk.send(a_request(*drafts))
    await office.desk.send(a_request(good("4")), timed=False)
    timed = {an_event_id("police", own_id) for own_id in ("1", "2")}
    assert office.stopwatch.awaited == timed
