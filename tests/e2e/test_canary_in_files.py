"""G2 and G3 for files: marks in every column of an Excel file are found nowhere behind ingest."""

import asyncio
import time
from datetime import datetime, timedelta
from itertools import chain

import httpx2

from tests.support.canary import (
    Marks,
    files_of,
    metrics_of,
    tables_of,
    told_its_quality,
    topics_of,
)
from tests.support.stack import RunningStack
from tests.support.tripped import (
    texts_in,
    texts_of_metrics,
    texts_of_tables,
    texts_of_topics,
    tripped,
)
from tests.support.workbooks import MULTIPART, a_form_with, a_workbook

HEADER = ["Ärende", "Version", "Återtagen", "Typ", "Tidpunkt", "Bekräftad", "Latitud", "Longitud"]
HEADER += ["E", "N", "NYKO", "Fastighet", "Adress", "Plats", "Anteckning", "Anmälare"]
PATIENCE_S = 60.0


def hand_in(stack: RunningStack, body: bytes) -> httpx2.Response:
    return httpx2.post(
        f"{stack.ready['ingest']}/v1/deliveries",
        content=body,
        headers={"Authorization": f"Bearer {stack.key('housing')}", "Content-Type": MULTIPART},
        timeout=20,
    )


def a_row(marks: Marks, **cells: object) -> list[object]:
    local = datetime.now() - timedelta(days=1)  # noqa: DTZ005 - a sheet knows no zone
    usual: dict[str, object] = {
        "Ärende": marks.text("id"),
        "Typ": "Störning",
        "Tidpunkt": local.replace(hour=12, minute=0, second=0, microsecond=0),
        "Adress": marks.text("address"),
        "Anteckning": marks.text("note"),
        "Anmälare": marks.text("not-agreed"),
    }
    return [(usual | cells).get(title) for title in HEADER]


async def test_no_mark_of_a_file_passes_good_or_bad(stack: RunningStack) -> None:
    marks, before = Marks(), counted(stack)
    good = [a_row(marks, Fastighet=marks.text("property")) for _ in range(20)]
    bad = [a_row(marks, **{title: marks.text("bad")}) for title in HEADER[1:11]]
    answer = hand_in(stack, a_form_with(a_workbook([HEADER, *good, *bad])))
    assert answer.status_code == 202
    assert answer.json()["accepted"] == len(good)
    assert [one["row"] for one in answer.json()["rejected"]] == list(range(22, 32))
    refused = [
        hand_in(stack, a_form_with(marks.text("no-workbook").encode())),
        hand_in(stack, a_form_with(b"PK\x03\x04" + marks.text("no-zip").encode())),
        hand_in(stack, a_form_with(a_workbook([[marks.text("header")], [marks.text("cell")]]))),
        hand_in(stack, marks.text("no-form").encode()),
    ]
    assert [one.status_code for one in refused] == [415, 400, 400, 400]
    await asyncio.to_thread(until_counted, stack, before + len(good))
    quality = await told_its_quality(stack, "housing")
    places = chain(
        [quality],
        (("answer", one.content + repr(one.headers).encode()) for one in (answer, *refused)),
        [("tables", tables_of(stack.ready["postgres"]))],
        metrics_of(stack.ready["metrics"]),
        [("log", "".join(stack.log).encode())],
        files_of(stack.data),
    )
    assert [(where, found) for where, content in places if (found := marks.found_in(content))] == []
    texts = [text for one in (answer, *refused) for text in texts_in("answer", one.content)]
    texts += texts_in(*quality)
    texts += texts_in("log", "".join(stack.log).encode())
    texts += texts_of_metrics(stack.ready["metrics"])
    texts += await texts_of_topics(stack.ready["kafka"])
    texts += await texts_of_tables(stack.ready["postgres"])
    assert tripped(texts) == []


async def test_no_mark_of_a_file_is_in_a_topic(stack: RunningStack) -> None:
    marks = Marks()
    answer = hand_in(stack, a_form_with(a_workbook([HEADER, a_row(marks)])))
    assert answer.json()["accepted"] == 1
    records = await topics_of(stack.ready["kafka"])
    assert records
    assert [(where, found) for where, held in records if (found := marks.found_in(held))] == []


def counted(stack: RunningStack) -> int:
    """How many reports the police, who may see the housing company's, see now."""
    answer = httpx2.get(
        f"{stack.ready['delivery']}/v1/counts?window=7d&level=1",
        headers={"Authorization": f"Bearer {stack.key('police', 'read')}"},
    )
    return sum(one["reports"] for one in answer.json()["cells"])


def until_counted(stack: RunningStack, reports: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while counted(stack) < reports:
        assert time.monotonic() < deadline, "the file was not counted"
        time.sleep(0.1)
