"""Pushes on real PostgreSQL to real receivers: once per due time, whatever either side does."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from deploy.schema.register import register
from shared.api_keys import ApiKeys
from shared.pack import load_pack
from tests.support.delivery import (
    DEMO,
    Receiver,
    Town,
    a_delivery,
    a_town,
    count,
    owner_executes,
    owner_reads,
    receiving,
    self_signed,
)
from tests.support.servers import Database

ROOT = Path(__file__).parents[2]
QUICK = {
    "retry_delays_s": (0.1, 0.2),
    "send_timeout_s": 1.0,
    "connect_timeout_s": 0.5,
    "poll_s": 0.05,
}

AMPLE = {**QUICK, "send_timeout_s": 15.0, "connect_timeout_s": 15.0}
"""For who is tested for what comes twice: a busy receiver that is given up is sent to again."""

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with a_town(database, **QUICK) as running:
        yield running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving(Receiver()) as open_for_pushes:
        yield open_for_pushes


def status(code: int, **headers: str) -> Answering:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers=headers)

    return answer


async def hang(_request: web.Request) -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def break_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def talk_without_end(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=200, body=b"x" * 1_000_000)


async def settled(database: Database, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the database says, once it says something."""
    async with asyncio.timeout(60):
        while not (rows := await owner_reads(database, statement, *values)):
            await asyncio.sleep(0.05)
    return rows


async def attempts(database: Database, seq: int = 1) -> list[tuple[Any, ...]]:
    return await owner_reads(
        database,
        "select outcome, status from delivery.attempt where seq = $1 order by attempt",
        seq,
    )


async def closed(database: Database, seq: int = 1) -> str:
    """The state of a delivery that is no longer open."""
    rows = await settled(
        database, "select state from delivery.delivery where seq = $1 and state <> 'open'", seq
    )
    state: str = rows[0][0]
    return state


async def test_an_approved_subscription_is_pushed_with_what_the_actor_may_see(
    database: Database, town: Town, receiver: Receiver
) -> None:
    now = datetime.now(UTC)
    await count(
        database, ("111", "arson", now, 3), ("211", "arson", now, 2), ("111", "robbery", now, 9)
    )
    made = await town.approved(receiver.url)
    await receiver.until(1)
    push = receiver.verified(made["secret"])[0]
    assert push["type"] == "lagesbild.view.updated"
    view = push["data"]
    assert (view["subscription"], view["seq"]) == (made["id"], 1)
    assert view["withheld"] == ["robbery"]
    assert view["not_offered"] == []
    _, asked = await town.client("fire").ask(
        "GET", "/v1/counts?indicator=arson&level=1&window=1h&window=24h"
    )
    assert view["cells"] == asked["cells"]
    assert await closed(database) == "delivered"
    stored = await owner_reads(database, "select body, webhook_id from delivery.delivery")
    assert stored[0] == (receiver.requests[0][1], receiver.ids()[0])


async def test_due_times_are_on_a_grid_and_the_views_in_order(
    town: Town, receiver: Receiver
) -> None:
    made = await town.approved(receiver.url)
    await receiver.until(3)
    views = [push["data"] for push in receiver.verified(made["secret"])]
    assert [view["seq"] for view in views] == [1, 2, 3]
    due = [datetime.fromisoformat(view["due_at"]) for view in views]
    assert [later - due[0] for later in due] == [timedelta(seconds=5 * n) for n in range(3)]
    late = [datetime.fromisoformat(view["as_of"]) - at for view, at in zip(views, due, strict=True)]
    assert all(timedelta(0) <= one < timedelta(seconds=5) for one in late)


async def test_nothing_is_sent_that_the_data_owner_has_not_approved(
    town: Town, receiver: Receiver
) -> None:
    async with receiving(Receiver()) as unwanted:
        await town.requested(unwanted.url)
        refused = await town.requested(unwanted.url)
        path = f"/v1/subscriptions/{refused['id']}/refuse"
        assert (await town.owner.ask("POST", path, {"motive": "Nej"}))[0] == 200
        await town.approved(receiver.url)
        await receiver.until(1)
        assert unwanted.requests == []


async def test_a_failing_receiver_gets_the_same_bytes_three_times_and_then_a_new_view(
    database: Database, town: Town, receiver: Receiver
) -> None:
    folded = REGISTRY.get_sample_value("lagesbild_deliveries_coalesced_total") or 0
    receiver.answers = [status(500), hang, break_off]
    made = await town.approved(receiver.url)
    await receiver.until(4)
    views = receiver.verified(made["secret"])
    assert [view["data"]["seq"] for view in views] == [1, 1, 1, 2]
    assert len(set(receiver.ids()[:3])) == 1
    assert len({body for _, body in receiver.requests[:3]}) == 1
    assert receiver.ids()[3] != receiver.ids()[0]
    assert await closed(database) == "folded"
    found = await attempts(database)
    assert [outcome for outcome, _ in found] == ["failed", "timed_out", "broken_off"]
    assert REGISTRY.get_sample_value("lagesbild_deliveries_coalesced_total") == folded + 1


async def test_each_attempt_is_signed_with_its_own_time(town: Town, receiver: Receiver) -> None:
    receiver.answers = [hang, hang]
    made = await town.approved(receiver.url)
    await receiver.until(3)
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in receiver.requests]
    assert stamps[0] < stamps[1] < stamps[2]
    assert len(receiver.verified(made["secret"])) == 3


async def test_a_repeated_success_is_one_delivery(
    database: Database, town: Town, receiver: Receiver
) -> None:
    receiver.answers = [status(503, **{"retry-after": "0"})]
    await town.approved(receiver.url)
    await receiver.until(2)
    assert await closed(database) == "delivered"
    assert await attempts(database) == [("throttled", 503), ("delivered", 204)]


async def test_a_header_that_no_parser_bears_ends_neither_the_delivery_nor_the_service(
    database: Database, town: Town, receiver: Receiver
) -> None:
    hostile = f"Mon, 1 Jan 2024 00:00:00 +{'9' * 20}"
    receiver.answers = [status(503, **{"retry-after": hostile})]
    await town.approved(receiver.url)
    assert await closed(database) == "delivered"
    assert await attempts(database) == [("throttled", 503), ("delivered", 204)]


async def test_a_redirect_is_not_followed(
    database: Database, town: Town, receiver: Receiver
) -> None:
    async with receiving(Receiver()) as elsewhere:
        receiver.answers = [status(307, location=elsewhere.url)] * 3
        await town.approved(receiver.url)
        assert await closed(database) == "folded"
        assert [outcome for outcome, _ in await attempts(database)] == ["redirected"] * 3
        assert elsewhere.requests == []


async def test_an_endpoint_that_is_gone_is_disabled(
    database: Database, town: Town, receiver: Receiver
) -> None:
    receiver.answers = [status(410)]
    made = await town.approved(receiver.url)
    assert await closed(database) == "gone"
    _, shown = await town.owner.ask("GET", f"/v1/subscriptions/{made['id']}")
    assert shown["state"] == "disabled"
    kinds = await owner_reads(database, "select kind from audit.entry order by seq desc limit 1")
    assert kinds == [("subscription_disabled",)]
    assert await owner_reads(database, "select next_try_at from delivery.schedule") == [(None,)]


async def test_of_a_long_answer_no_more_than_a_little_is_read(
    database: Database, town: Town, receiver: Receiver
) -> None:
    receiver.answers = [talk_without_end]
    await town.approved(receiver.url)
    assert await closed(database) == "delivered"
    rows = await owner_reads(database, "select answer_bytes from delivery.attempt")
    assert 50_000 <= rows[0][0] < 60_000


async def test_a_url_that_has_become_forbidden_is_not_called(
    database: Database, town: Town, receiver: Receiver
) -> None:
    made = await town.requested(receiver.url)
    await owner_executes(database, "update delivery.subscription set url = 'http://10.0.0.1/'")
    path = f"/v1/subscriptions/{made['id']}/approve"
    await town.owner.ask("POST", path, {"motive": "Avtal"})
    assert await closed(database) == "folded"
    assert await attempts(database) == [("not_allowed", None)] * 3


async def test_a_status_counts_although_the_rest_of_the_answer_never_comes(
    database: Database, town: Town, receiver: Receiver
) -> None:
    async def break_off_after_the_status(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-length": "100"})
        await answer.prepare(request)
        await answer.write(b"x")
        return await break_off(request)

    receiver.answers = [break_off_after_the_status]
    await town.approved(receiver.url)
    assert await closed(database) == "delivered"
    assert await attempts(database) == [("delivered", 200)]


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    database: Database, town: Town, tmp_path: Path
) -> None:
    async with receiving(Receiver(), tls=self_signed(tmp_path)) as unknown:
        await town.approved(unknown.url)
        assert await closed(database) == "folded"
        assert await attempts(database) == [("not_trusted", None)] * 3
        assert unknown.requests == []


async def test_with_one_slot_everything_is_sent_one_after_the_other(
    database: Database, receiver: Receiver
) -> None:
    async with a_town(database, sender_slots=1, **QUICK) as town:
        for _ in range(4):
            await town.approved(receiver.url)
        await receiver.until(4)
    assert len(set(receiver.ids())) == 4


async def test_nobody_listens(database: Database, town: Town) -> None:
    await town.approved("http://127.0.0.1:9/")
    assert await closed(database) == "folded"
    assert await attempts(database) == [("not_connected", None)] * 3


async def test_receivers_that_hang_delay_no_other(database: Database, receiver: Receiver) -> None:
    async with (
        a_town(database, poll_s=0.05, send_timeout_s=100, lease_s=120) as town,
        receiving(Receiver(answers=[hang] * 20)) as stuck,
    ):
        for _ in range(20):
            await town.approved(stuck.url)
        await stuck.until(20)
        await town.approved(receiver.url)
        await receiver.until(1)
        assert (
            await owner_reads(
                database, "select * from delivery.attempt where outcome <> 'delivered'"
            )
            == []
        )


async def test_an_ended_subscription_is_not_repeated(
    database: Database, town: Town, receiver: Receiver
) -> None:
    reached = asyncio.Event()
    go_on = asyncio.Event()

    async def fail_when_ended(_request: web.Request) -> web.StreamResponse:
        reached.set()
        await go_on.wait()
        return web.Response(status=500)

    receiver.answers = [fail_when_ended]
    made = await town.approved(receiver.url)
    await reached.wait()
    await town.client("fire").ask("DELETE", f"/v1/subscriptions/{made['id']}")
    go_on.set()
    rows = await settled(database, "select outcome from delivery.attempt")
    assert rows == [("failed",)]
    assert await closed(database) == "folded"
    async with receiving(Receiver()) as other:
        await town.approved(other.url)
        await other.until(1)
    assert len(receiver.requests) == 1


async def test_an_actor_without_a_key_gets_nothing_until_it_has_one_again(
    database: Database, town: Town, receiver: Receiver
) -> None:
    pack = load_pack(DEMO)
    without = {actor: keys for actor, keys in town.keys.actors.items() if actor != "fire"}
    made = await town.requested(receiver.url)
    await register(database.owner_dsn, pack, keys=ApiKeys(actors=without, owner=town.keys.owner))
    path = f"/v1/subscriptions/{made['id']}/approve"
    assert (await town.owner.ask("POST", path, {"motive": "Avtal"}))[0] == 200
    async with receiving(Receiver()) as other:
        await town.approved(other.url, actor="police")
        await other.until(1)
    assert receiver.requests == []
    await register(database.owner_dsn, pack, keys=town.keys)
    await receiver.until(1)


async def test_an_approval_ends_by_itself(
    database: Database, town: Town, receiver: Receiver
) -> None:
    made = await town.requested(receiver.url)
    today = datetime.now(UTC).date() + timedelta(days=1)
    path = f"/v1/subscriptions/{made['id']}/approve"
    body = {"motive": "Avtal", "until": today.isoformat()}
    assert (await town.owner.ask("POST", path, body))[0] == 200
    await receiver.until(1)
    assert await closed(database) == "delivered"
    await owner_executes(database, "update delivery.subscription set until_at = now()")
    await owner_executes(database, "update delivery.schedule set next_try_at = now()")
    async with receiving(Receiver()) as other:
        await town.approved(other.url)
        await other.until(1)
    assert len(receiver.requests) == 1


async def test_two_senders_send_each_due_time_once(database: Database, receiver: Receiver) -> None:
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(a_town(database, **AMPLE))
        for _ in range(2):
            await stack.enter_async_context(a_delivery(database, **AMPLE))
        for _ in range(30):
            await town.approved(receiver.url)
        await receiver.until(90)
        bodies = [json.loads(body)["data"] for _, body in receiver.requests]
    assert set(Counter(receiver.ids()).values()) == {1}
    for subscription in {body["subscription"] for body in bodies}:
        numbers = [body["seq"] for body in bodies if body["subscription"] == subscription]
        assert numbers == list(range(1, len(numbers) + 1))
    owners = await owner_reads(database, "select bool_or(fence > last_seq) from delivery.schedule")
    assert owners == [(False,)]


async def test_every_session_is_cut_and_nothing_is_lost_or_sent_twice(
    database: Database, town: Town, receiver: Receiver
) -> None:
    for _ in range(10):
        await town.approved(receiver.url)
    for more in range(1, 3):
        await receiver.until(10 * more)
        await owner_executes(
            database,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where usename = 'lagesbild_delivery' and datname = current_database()",
        )
    await receiver.until(30, seconds=120)
    bodies = [json.loads(body)["data"] for _, body in receiver.requests]
    by_id = {(one["subscription"], one["seq"]) for one in bodies}
    assert len(by_id) == len(set(receiver.ids()))
    for subscription in {one["subscription"] for one in bodies}:
        numbers = sorted({seq for which, seq in by_id if which == subscription})
        assert numbers == list(range(1, len(numbers) + 1))


@asynccontextmanager
async def a_process(database: Database) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service in a process of its own, to be killed."""
    environment = {
        **os.environ,
        "LAGESBILD_KAFKA": "127.0.0.1:1",
        "LAGESBILD_PACKS": str(DEMO),
        "LAGESBILD_PORT": "1",
        "LAGESBILD_POSTGRES": database.dsn("lagesbild_delivery"),
    }
    code = (
        "import asyncio\n"
        "from services.delivery.app import build\n"
        "from services.delivery.config import DeliverySettings\n"
        "async def main():\n"
        "    app = build(DeliverySettings())\n"
        "    async with app.router.lifespan_context(app):\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_sender_is_killed_and_another_sends_the_very_same_bytes(
    database: Database, receiver: Receiver
) -> None:
    receiver.answers = [status(204), hang]
    async with a_town(database, **QUICK) as town:
        made = await town.approved(receiver.url)
        assert await closed(database) == "delivered"
    async with a_process(database) as process:
        await receiver.until(2)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await owner_executes(database, "update delivery.schedule set lease_until = now()")
    async with a_delivery(database, **QUICK):
        await receiver.until(3)
        assert await closed(database, seq=2) == "delivered"
    assert receiver.ids()[1] == receiver.ids()[2]
    assert receiver.requests[1][1] == receiver.requests[2][1]
    views = receiver.verified(made["secret"])
    assert [view["data"]["seq"] for view in views[:3]] == [1, 2, 2]
    assert await attempts(database, seq=2) == [("delivered", 204)]


async def test_a_sender_that_stops_leaves_its_work_to_the_others_at_once(
    database: Database, receiver: Receiver
) -> None:
    receiver.answers = [hang]
    async with a_town(database) as town:
        await town.approved(receiver.url)
        await receiver.until(1)
    assert await owner_reads(database, "select lease_owner from delivery.schedule") == [(None,)]
    async with a_delivery(database, **QUICK):
        await receiver.until(2)
    assert receiver.ids()[0] == receiver.ids()[1]
