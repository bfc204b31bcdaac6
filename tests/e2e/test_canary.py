"""G2 and G3: marks in every input field are found nowhere behind ingest, whatever fails."""

import asyncio
import itertools
import json
import os
import signal
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
from aiohttp import web

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import State
from shared.errors import RejectedMessage
from shared.kafka import Outgoing, new_producer, send_all
from shared.root_key import RootKey
from shared.sealing import Opener, SealingKey
from shared.topics import DEAD_REPORTS, EVENTS, REPORTS
from tests.support.canary import (
    Marks,
    files_of,
    marked_location,
    metrics_of,
    records_of,
    tables_of,
    told_its_quality,
    topics_of,
)
from tests.support.keys import sealed_to, utc_now
from tests.support.stack import RunningStack
from tests.support.tripped import (
    texts_in,
    texts_of_metrics,
    texts_of_tables,
    texts_of_topics,
    tripped,
)

LOCATIONS = ("point", "metres", "nyko", "address", "property", "object")
CODE = "fire_outdoors_public"
LOOKED_AT = {
    *("log", "push", "answer", "quality", EVENTS.name),
    *("counting.series.area", "linkage.decision.event", "quality.located.method"),
}


def a_good_report(marks: Marks, kind: str) -> dict[str, Any]:
    return {
        "id": marks.text("id"),
        "indicator": CODE,
        "occurred_at": datetime.now(UTC).isoformat(),
        "location": marked_location(marks, kind),
        "text": marks.text("text"),
        "extra": {marks.text("extra-name"): [marks.text("extra-value"), {"a": marks.digits(12)}]},
    }


def bad_reports(marks: Marks) -> list[object]:
    """One row for each field, with a mark where it must not be."""
    lately = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    good = {"id": "x", "indicator": CODE, "occurred_at": lately, "location": None}
    fields = ("id", "version", "withdrawn", "indicator", "occurred_at", "confirmed", "location")
    rows: list[object] = [{**good, field: {marks.text(field): 1}} for field in fields]
    rows += [{**good, field: marks.text(f"{field}-as-text")} for field in fields[1:]]
    rows += [{**good, marks.text("unknown-field"): marks.text("unknown-value")}]
    rows += [{**good, "location": {marks.text("place"): marks.text("value")}}]
    rows += [{**good, "location": {"lat": marks.text("lat"), "lon": marks.text("lon")}}]
    rows += [{**good, "text": [marks.text("text-as-list")], "extra": marks.text("extra")}]
    rows += [marks.text("row"), [marks.text("list")], marks.text("last")]
    return rows


def post(stack: RunningStack, body: bytes, **headers: str) -> httpx2.Response:
    usual = {
        "Authorization": f"Bearer {stack.key('fire')}",
        "Content-Type": "application/x-ndjson",
    }
    return httpx2.post(
        f"{stack.ready['ingest']}/v1/reports",
        content=body,
        headers={**usual, **headers},
        timeout=20,
    )


def ndjson(rows: list[object]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


async def test_no_mark_passes_also_when_every_stage_fails(stack: RunningStack) -> None:
    marks = Marks()
    seen: list[tuple[str, bytes]] = []
    async with a_receiver(failing_first=2) as (url, pushes, bodies):
        subscription, before = subscribe(stack, url), counted(stack)
        good: list[object] = [a_good_report(marks, kind) for kind in LOCATIONS]
        answer = post(stack, ndjson(good))
        assert answer.json() == {"accepted": len(LOCATIONS), "rejected": []}
        await until(lambda: counted(stack) >= before + len(LOCATIONS))
        seen += [await told_its_quality(stack, "fire"), *ingest_refuses(stack, marks)]
        await anonymizer_buries(stack, marks)
        seen += await parts_are_killed(stack, marks)
        await until(lambda: len(pushes) >= 4)
        end(stack, subscription)
    places = itertools.chain(
        seen,
        (("push", push) for push in pushes),
        await topics_of(stack.ready["kafka"]),
        [("tables", tables_of(stack.ready["postgres"]))],
        metrics_of(stack.ready["metrics"]),
        [("log", "".join(stack.log).encode())],
        files_of(stack.data),
    )
    assert [(where, found) for where, content in places if (found := marks.found_in(content))] == []
    texts = [text for where, content in seen for text in texts_in(where, content)]
    texts += [text for push in bodies for text in texts_in("push", push)]
    texts += texts_in("log", "".join(stack.log).encode())
    texts += texts_of_metrics(stack.ready["metrics"])
    texts += await texts_of_topics(stack.ready["kafka"])
    texts += await texts_of_tables(stack.ready["postgres"])
    assert {where for where, _ in texts} >= LOOKED_AT
    assert tripped(texts) == []


async def test_the_search_would_find_a_mark(stack: RunningStack) -> None:
    """The canary can sing: opened with the private key, the same records are full of marks.

    So can the tripwire: every mark holds an identifier.
    """
    marks = Marks()
    row = a_good_report(marks, "address")
    opener = Opener(keys_of(stack).private_of, topic=REPORTS.name)
    with stands_still(stack, "anonymizer"):  # each minute it deletes what it has processed
        assert post(stack, ndjson([row])).json()["accepted"] == 1
        records = await records_of(stack.ready["kafka"], REPORTS)
    opened: list[bytes] = []
    for record in records:
        with suppress(RejectedMessage):  # the poison of the other test
            opened.append(opener.open(record.value, tuple(record.headers), record.key))
    own_id = marks.all[0]  # it became the event id and is not in the report itself
    assert set(marks.found_in(b"".join(opened))) == set(marks.all) - {own_id}
    hits = tripped(text for report in opened for text in texts_in("report", report))
    assert {kind for _, kind, _ in hits} >= {"personal_number"}


async def test_no_private_key_is_at_rest_in_the_clear_and_the_root_key_in_its_own_file_only(
    stack: RunningStack,
) -> None:
    keys = keys_of(stack)
    secrets = [keys.private_of(bytes.fromhex(one.id)) for one in keys.entries]
    secrets.append(b64decode(root_of(stack).as_text()))
    assert len([one for one in secrets if one]) >= 2
    at_rest = list(files_of(stack.data))
    assert any(where.startswith("keys/") and where.endswith(".key") for where, _ in at_rest)
    for secret in filter(None, secrets):
        for form in (secret, b64encode(secret), secret.hex().encode()):
            assert [where for where, content in at_rest if form in content] == []


@contextmanager
def stands_still(stack: RunningStack, name: str) -> Iterator[None]:
    """A part does nothing meanwhile, and goes on after it."""
    pid: int = stack.state()["pids"][name]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def root_of(stack: RunningStack) -> RootKey:
    return RootKey.in_file(stack.data / "secrets" / "root.key")


def keys_of(stack: RunningStack) -> KeyFolder:
    return KeyFolder(stack.data / "keys", root_of(stack), now=utc_now)


def ingest_refuses(stack: RunningStack, marks: Marks) -> list[tuple[str, bytes]]:
    """Every kind of bad input; what ingest answers."""
    rows = bad_reports(marks)
    refused = post(stack, ndjson(rows))
    assert refused.status_code == 202
    assert (refused.json()["accepted"], len(refused.json()["rejected"])) == (0, len(rows))
    broken = f'{{"id": "{marks.text("broken")}", "text": '.encode()
    answers = [
        refused,
        post(stack, broken),
        post(stack, broken, **{"Content-Type": "application/json"}),
        post(stack, marks.text("plain").encode(), **{"Content-Type": "text/plain"}),
        post(stack, b"{}", Authorization=f"Bearer lb_{marks.digits(36)}"),
    ]
    return [("answer", answer.content + repr(answer.headers).encode()) for answer in answers]


async def anonymizer_buries(stack: RunningStack, marks: Marks) -> None:
    """Reports that are sealed rightly, but are none; they go to the dead letters."""
    key = next(
        SealingKey.of(one.public)
        for one in keys_of(stack).entries
        if (one.purpose, one.state) == (Purpose.REPORT, State.USABLE)
    )
    poison = [
        marks.text("no-json").encode(),
        json.dumps({"municipality": marks.text("municipality"), "version": 1}).encode(),
        json.dumps({"municipality": "9998", "version": marks.text("version")}).encode(),
        json.dumps(
            {
                "municipality": "9998",
                "actor": "fire",
                "version": 1,
                "received_at": "2026-11-20T12:00:00Z",
                "indicator": marks.text("indicator"),
                "occurred_at": "2026-11-20T12:00:00Z",
            }
        ).encode(),
    ]
    producer = new_producer(stack.ready["kafka"], client_id="canary")
    await producer.start()
    try:
        now = datetime.now(UTC)
        records = []
        for plain in poison:
            event = uuid4()
            sealed = sealed_to(key, plain, event)
            stamp = int(now.timestamp() * 1000)
            records.append(Outgoing(event.bytes, sealed.value, stamp, sealed.headers))
        for future in await send_all(producer, REPORTS.name, {0: records}):
            await future
    finally:
        await producer.stop()
    deadline = time.monotonic() + 60
    while len(await records_of(stack.ready["kafka"], DEAD_REPORTS)) < len(poison):
        assert time.monotonic() < deadline, "the poison was not buried"
        await asyncio.sleep(0.1)


async def parts_are_killed(stack: RunningStack, marks: Marks) -> list[tuple[str, bytes]]:
    """Each part in turn, with reports on their way; what ingest still answered."""
    answers = []
    for victim in ("kafka", "postgres", "ingest", "anonymizer", "aggregator", "delivery"):
        old = stack.kill(victim)
        kinds = itertools.cycle(LOCATIONS)
        while stack.state()["pids"][victim] in (None, old):
            try:
                report = ndjson([a_good_report(marks, next(kinds))])
                answer = await asyncio.to_thread(post, stack, report)  # the receiver answers too
                answers.append((f"answer without {victim}", answer.content))
            except httpx2.TransportError:
                await asyncio.sleep(0.1)
    await until_ready(stack)
    return answers


@asynccontextmanager
async def a_receiver(*, failing_first: int) -> AsyncIterator[tuple[str, list[bytes], list[bytes]]]:
    """A webhook receiver that fails a few times; its address, pushes with headers, and bodies."""
    pushes: list[bytes] = []
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        pushes.append(bodies[-1] + repr(request.headers).encode())
        return web.Response(status=500 if len(pushes) <= failing_first else 204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/", pushes, bodies
    finally:
        await runner.cleanup()


def subscribe(stack: RunningStack, url: str) -> str:
    delivery, key = stack.ready["delivery"], stack.key("fire", "read")
    wanted = {
        "name": "canary",
        "indicators": [CODE],
        "level": 3,
        "windows": ["1h"],
        "every_s": 5,
        "channel": {"type": "webhook", "url": url},
    }
    made = httpx2.post(
        f"{delivery}/v1/subscriptions", json=wanted, headers={"Authorization": f"Bearer {key}"}
    )
    assert made.status_code == 201
    subscription: str = made.json()["id"]
    approved = httpx2.post(
        f"{delivery}/v1/subscriptions/{subscription}/approve",
        json={"motive": "test"},
        headers={"Authorization": f"Bearer {stack.ready['keys']['owner']}"},
    )
    assert approved.status_code == 200
    return subscription


def end(stack: RunningStack, subscription: str) -> None:
    ended = httpx2.delete(
        f"{stack.ready['delivery']}/v1/subscriptions/{subscription}",
        headers={"Authorization": f"Bearer {stack.key('fire', 'read')}"},
    )
    assert ended.status_code == 200


def counted(stack: RunningStack) -> int:
    """How many of the last hour the fire service sees now."""
    answer = httpx2.get(
        f"{stack.ready['delivery']}/v1/counts",
        params={"indicator": CODE, "window": "1h", "level": 1},
        headers={"Authorization": f"Bearer {stack.key('fire', 'read')}"},
    )
    return sum(cell["reports"] for cell in answer.json()["cells"])


async def until_ready(stack: RunningStack) -> None:
    def ready() -> bool:
        urls = [url.replace("/metrics", "/ready") for url in stack.ready["metrics"].values()]
        try:
            return all(httpx2.get(url).status_code == 200 for url in urls)
        except httpx2.TransportError:
            return False

    await until(ready)


async def until(happened: Callable[[], bool], *, within_seconds: float = 120) -> None:
    deadline = time.monotonic() + within_seconds
    while not await asyncio.to_thread(happened):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
