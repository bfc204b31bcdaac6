"""`POST /v1/deliveries` through its HTTP side: real Excel files, the servers in memory."""

import asyncio
import io
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, NoReturn

import httpx2
import pytest

from services.ingest.adapters.form import MOST_FILE_BYTES
from services.ingest.handlers import deliveries
from services.ingest.publisher import KafkaAwayError, OverloadedError
from tests.support.ingest_memory import (
    FIRE_KEY,
    READ_KEY,
    SCHOOL_KEY,
    Ingest,
    a_form,
    an_agreement,
    bearer,
)
from tests.support.workbooks import MULTIPART, a_form_with, a_workbook

PATH = "/v1/deliveries"
HEADER = ["Ärende", "Version", "Återtagen", "Typ", "Tidpunkt", "Bekräftad", "Latitud", "Longitud"]
HEADER += ["E", "N", "NYKO", "Adress", "Anteckning"]
SCHOOL_HEADER = ["Datum", "Klockslag", "Skola", "Vad"]
WHEN = datetime(2026, 11, 20, 14, 5)  # noqa: DTZ001 - a sheet knows no zone


def row(**cells: object) -> list[object]:
    usual: dict[str, object] = {"Ärende": "A-1", "Typ": "Brand i soptunna", "Tidpunkt": WHEN}
    usual |= {"Latitud": 59.33, "Longitud": 18.07} | cells
    return [usual.get(title) for title in HEADER]


async def hand_in(
    ingest: Ingest, body: bytes, key: str = FIRE_KEY, content_type: str = MULTIPART, **more: str
) -> httpx2.Response:
    async with ingest.client() as client:
        headers = bearer(key, content_type=content_type, **more)
        return await client.post(PATH, content=body, headers=headers)


async def hand_in_rows(
    ingest: Ingest, *rows: Sequence[object], key: str = FIRE_KEY
) -> dict[str, Any]:
    header = HEADER if key == FIRE_KEY else SCHOOL_HEADER
    answer = await hand_in(ingest, a_form_with(a_workbook([header, *rows])), key)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


def refused(answer: dict[str, Any]) -> list[tuple[int, list[tuple[str, str]]]]:
    return [
        (one["row"], [(error["field"], error["code"]) for error in one["errors"]])
        for one in answer["rejected"]
    ]


async def test_the_rows_of_a_file_are_accepted_as_reports() -> None:
    ingest = Ingest()
    answer = await hand_in_rows(ingest, row(), row(Ärende="A-2", Bekräftad="nej", Anteckning="x"))
    assert answer == {"accepted": 2, "rejected": []}
    first, second = (one.report for one in ingest.publisher.all)
    assert first.occurred_at == datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
    assert (first.indicator, first.confirmed, second.confirmed) == ("bin_fire", True, False)
    assert first.location is not None
    assert (first.location.lat, first.location.lon) == (59.33, 18.07)
    assert second.text == "x"


async def test_wrong_rows_are_named_by_the_sheets_numbers_and_the_column() -> None:
    ingest = Ingest()
    rows = [row(), row(Typ="Något annat"), [], row(Latitud="norr", Tidpunkt="i går"), row()]
    answer = await hand_in_rows(ingest, *rows)
    assert answer["accepted"] == 2
    assert refused(answer) == [
        (3, [("indicator", "unknown_word")]),
        (5, [("occurred_at", "not_an_instant"), ("location.lat", "wrong_type")]),
    ]
    messages = [one["message"] for one in answer["rejected"][1]["errors"]]
    assert messages[0].startswith("Kolumnen ”Tidpunkt”: ")
    assert messages[1].startswith("Kolumnen ”Latitud”: ")


async def test_no_word_of_a_refused_row_is_repeated() -> None:
    marked = row(Typ="kanarie1", Tidpunkt="kanarie2", NYKO="kanarie3", Anteckning="kanarie4")
    answer = await hand_in_rows(Ingest(), marked, row(Ärende="kanarie5", Version="kanarie6"))
    assert answer["accepted"] == 0
    assert "kanarie" not in json.dumps(answer)


async def test_corrections_and_withdrawals_come_in_files_too() -> None:
    ingest = Ingest()
    answer = await hand_in_rows(ingest, row(Version=2), row(Version=3.0, Återtagen="ja"))
    assert answer["accepted"] == 2
    assert [one.report.version for one in ingest.publisher.all] == [2, 3]
    assert ingest.publisher.all[1].report.withdrawn
    assert len({one.event_id for one in ingest.publisher.all}) == 1


async def test_formulas_count_as_their_results_and_merged_or_failed_cells_as_blank() -> None:
    ingest = Ingest()
    rows = [row(Typ=('="Brand i " & "soptunna"', "Brand i soptunna")), row(Typ=("=NA()", "#N/A"))]
    answer = await hand_in_rows(ingest, *rows)
    assert answer["accepted"] == 1
    assert refused(answer) == [(3, [("indicator", "missing")])]


async def test_the_agreed_sheet_is_read_and_missed_by_its_name() -> None:
    ingest = Ingest()
    agreements = ingest.app.state.reception.packs["9998"].agreements
    agreements["fire"] = an_agreement(a_form(name="November"))
    file = a_workbook([["Om filen"]], [HEADER, row()], names=["Läs mig", "november "])
    assert (await hand_in(ingest, a_form_with(file))).json()["accepted"] == 1
    answer = await hand_in(ingest, a_form_with(a_workbook([HEADER, row()])))
    assert (answer.status_code, answer.json()["error"]) == (400, "missing_sheet")
    assert answer.json()["message"].endswith(": November.")


SCHOOL_ROW = [datetime(2026, 11, 19), 930.0, "Björkskolan", "fönster"]  # noqa: DTZ001


async def test_the_same_file_twice_gives_the_same_ids_but_equal_rows_are_two_events() -> None:
    ingest = Ingest()
    for _ in range(2):
        answer = await hand_in_rows(
            ingest, SCHOOL_ROW, SCHOOL_ROW, [*SCHOOL_ROW[:3], "dörr"], key=SCHOOL_KEY
        )
        assert answer == {"accepted": 3, "rejected": []}
    ids = [one.event_id for one in ingest.publisher.all]
    assert ids[:3] == ids[3:]
    assert len(set(ids)) == 3
    assert ingest.publisher.all[0].report.indicator == "broken_window"
    assert ingest.publisher.all[0].report.occurred_at == datetime(2026, 11, 19, 8, 30, tzinfo=UTC)


async def test_a_row_put_before_the_others_changes_no_id() -> None:
    ingest = Ingest()
    await hand_in_rows(ingest, SCHOOL_ROW, key=SCHOOL_KEY)
    await hand_in_rows(ingest, [*SCHOOL_ROW[:3], "dörr"], SCHOOL_ROW, key=SCHOOL_KEY)
    first, _, again = ingest.publisher.all
    assert first.event_id == again.event_id


async def test_a_large_file_never_touches_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a temporary file")

    ingest = Ingest()
    rng = Random(1)
    rows = [row(Ärende=f"A-{at}", Anteckning=rng.randbytes(2_000).hex()) for at in range(600)]
    file = a_workbook([HEADER, *rows])
    assert len(file) > 1 << 20
    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    answer = await hand_in(ingest, a_form_with(file))
    assert answer.json()["accepted"] == 600


@pytest.mark.parametrize(
    ("body", "content_type", "status", "error"),
    [
        (b"{}", "application/json", 415, "not_a_file_form"),
        (b"", "multipart/form-data", 415, "not_a_file_form"),
        (a_form_with(b"a;b\n1;2\n"), MULTIPART, 415, "not_a_workbook"),
        (a_form_with(bytes.fromhex("d0cf11e0a1b11ae1")), MULTIPART, 415, "not_a_workbook"),
        (a_form_with(b"PK\x03\x04 but no zip"), MULTIPART, 400, "unreadable_workbook"),
        (a_form_with(a_workbook([HEADER])[:-40]), MULTIPART, 400, "unreadable_workbook"),
        (a_form_with(), MULTIPART, 400, "not_one_file"),
        (a_form_with(fields={"comment": "hej"}), MULTIPART, 400, "not_one_file"),
        (a_form_with(b"PK\x03\x04", b"PK\x03\x04"), MULTIPART, 400, "not_one_file"),
        (a_form_with(a_workbook([HEADER]))[:-30], MULTIPART, 400, "not_one_file"),
        (b"", f"multipart/form-data; boundary={'b' * 300}", 400, "not_one_file"),
        (b"no form at all", MULTIPART, 400, "not_one_file"),
        (a_form_with(a_workbook([["Ärende"]])), MULTIPART, 400, "missing_columns"),
        (a_form_with(a_workbook([])), MULTIPART, 400, "missing_columns"),
        (a_form_with(a_workbook([[*HEADER, "typ "]])), MULTIPART, 400, "repeated_columns"),
        (a_form_with(bytes(MOST_FILE_BYTES + 100_000)), MULTIPART, 413, "file_too_large"),
    ],
)
async def test_what_is_no_file_of_the_agreement_is_refused(
    body: bytes, content_type: str, status: int, error: str
) -> None:
    ingest = Ingest()
    answer = await hand_in(ingest, body, content_type=content_type)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert not ingest.publisher.all


async def test_lacking_columns_are_named_by_the_agreements_titles() -> None:
    header = [title for title in HEADER if title not in ("Tidpunkt", "NYKO")]
    answer = await hand_in(Ingest(), a_form_with(a_workbook([[*header, "Namn på anmälare"]])))
    assert answer.json()["message"].endswith(": Tidpunkt, NYKO.")


def changed(part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with one part rewritten."""
    source, target = io.BytesIO(a_workbook([HEADER, row()])), io.BytesIO()
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as to:
        for name in given.namelist():
            content = given.read(name)
            to.writestr(name, content.replace(old, new) if name == part else content)
    return target.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        lambda: changed("xl/worksheets/sheet1.xml", b'r="A2"', b'r="XFD1048576"'),
        lambda: changed("xl/workbook.xml", b"<workbook", b" " * 120_000_000 + b"<workbook"),
        lambda: a_workbook([HEADER, *([["x"]] * 50_100)]),
        lambda: a_workbook([[*HEADER, *(["y"] * 300)]]),
        lambda: a_workbook([HEADER, *([row(Anteckning="y" * 20_000)] * 2_510)]),
    ],
    ids=["a claim of all cells", "a bomb", "too many rows", "too many columns", "one text often"],
)
async def test_a_file_that_would_fill_the_memory_is_refused_and_harms_nobody(
    file: Callable[[], bytes],  # made only by who runs it: each is seconds of work
) -> None:
    ingest = Ingest()
    answer = await hand_in(ingest, a_form_with(file()))
    assert (answer.status_code, answer.json()["error"]) == (413, "file_too_large")
    assert (await hand_in_rows(ingest, row()))["accepted"] == 1


async def test_a_file_that_does_not_arrive_lets_go_of_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield a_form_with(a_workbook([HEADER]))[:100]
        await asyncio.Event().wait()

    monkeypatch.setattr(deliveries, "MOST_BODY_SECONDS", 0.01)
    ingest = Ingest()
    async with asyncio.timeout(10), ingest.client() as client:
        headers = bearer(content_type=MULTIPART)
        answer = await client.post(PATH, content=stalled(), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "not_one_file")
    assert "60 sekunder" in answer.json()["message"]
    assert not ingest.app.state.reception.files.locked()


async def test_an_actor_without_an_agreement_on_files_is_told_so() -> None:
    ingest = Ingest()
    ingest.app.state.reception.packs["9998"].agreements.pop("fire")
    answer = await hand_in(ingest, a_form_with(a_workbook([HEADER])))
    assert (answer.status_code, answer.json()["error"]) == (409, "no_file_agreement")


async def test_a_key_that_only_reads_hands_in_nothing() -> None:
    assert (await hand_in(Ingest(), b"", READ_KEY)).status_code == 403


@pytest.mark.parametrize(("error", "status"), [(KafkaAwayError, 503), (OverloadedError, 429)])
async def test_a_bad_world_asks_for_patience(error: type[Exception], status: int) -> None:
    ingest = Ingest()
    ingest.publisher.publish_error = error()
    assert (await hand_in(ingest, a_form_with(a_workbook([HEADER, row()])))).status_code == status


async def test_the_document_says_how_files_are_handed_in() -> None:
    async with Ingest().client() as client:
        document = (await client.get("/openapi.json")).json()
    said = document["paths"][PATH]["post"]
    assert "multipart/form-data" in said["requestBody"]["content"]
    assert set(said["responses"]) >= {"202", "400", "401", "403", "409", "413", "415", "429", "503"}
