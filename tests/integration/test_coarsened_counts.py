"""A class that the pack counts coarsely, from the report to the answer, on real PostgreSQL."""

from collections import Counter as Tally
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession

from deploy.schema.register import register
from services.aggregator.audit import recount
from services.aggregator.store import SESSION
from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.municipality import municipality
from shared.api_keys import ApiKeys, new_key
from shared.messages.codec import encode
from shared.messages.event import Event
from shared.messages.report import Location, Report
from shared.pack import Pack, load_pack
from shared.pack.geometry import load_divisions
from shared.postgres import new_pool
from tests.support.counting import Counter
from tests.support.delivery import DEMO, Town, a_delivery, owner_reads
from tests.support.servers import Database

AT = datetime.now(UTC) - timedelta(days=2)
LEAVES = ("111", "112", "112", "121", "211", None)
FINEST = {"arson": 3, "obstructing_justice": 2, "robbery": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo pack; the police may see all, persons in public are counted at level 1."""
    folder = copytree(DEMO, tmp_path_factory.mktemp("coarse") / "pack")
    policy = folder / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    text = text.replace("police: [S0, S1]", "police: [S0, S1, S2, S3@2]")
    text = text.replace("  S3: {time", "  S2: {level: 1}\n  S3: {time")
    policy.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
async def town(database: Database, folder: Path) -> AsyncIterator[Town]:
    pack = load_pack(folder)
    keys = ApiKeys(
        actors={actor: {"report": new_key(), "read": new_key()} for actor in pack.actors},
        owner=new_key(),
    )
    await register(database.owner_dsn, pack, keys=keys)
    async with a_delivery(database, packs=(folder,)) as url, ClientSession() as session:
        yield Town(url, keys, session)


def events(pack: Pack) -> list[Event]:
    anonymizer = Anonymizer([municipality(pack, *load_divisions(pack))])
    reports = [
        Report(
            pack.code,
            "police",
            1,
            AT,
            False,
            code,
            AT,
            location=Location(nyko=leaf) if leaf else None,
        )
        for code in FINEST
        for leaf in LEAVES
    ]
    opened = [Opened(UUID(int=n), encode(report)) for n, report in enumerate(reports, start=1)]
    made = anonymizer.anonymize(opened)
    return [one.event for one in made if isinstance(one, Anonymized)]


async def counts(town: Town, level: int) -> Any:
    status, answer = await town.client("police").ask(
        "GET",
        "/v1/counts?window=7d&zeros=true&"
        f"level={level}&" + "&".join(f"indicator={code}" for code in FINEST),
    )
    assert status == 200
    return answer


async def series(town: Town, code: str, area: str) -> tuple[int, int | None]:
    begins, ends = (AT - timedelta(days=14)).date(), (AT + timedelta(days=2)).date()
    query = f"indicator={code}&area={area}&from={begins}&to={ends}&step=week"
    status, answer = await town.client("police").ask("GET", f"/v1/series?{query}")
    return status, sum(one["reports"] or 0 for one in answer["points"]) if status == 200 else None


async def test_a_coarse_class_is_counted_at_its_level_and_nowhere_below(
    database: Database, town: Town, folder: Path
) -> None:
    pack = load_pack(folder)
    dsn = database.dsn("lagesbild_aggregator")
    async with await new_pool(dsn, application="test", session=SESSION) as pool:
        await Counter(pool).count(*events(pack))
    for level in (1, 2, 3):
        answer = await counts(town, level)
        offered = [code for code, finest in FINEST.items() if level <= finest]
        expected = Tally(((leaf or "999")[:level], code) for code in offered for leaf in LEAVES)
        shown = {
            (cell["area"], cell["indicator"]): cell["reports"]
            for cell in answer["cells"]
            if cell["reports"]
        }
        assert shown == expected
        assert {cell["indicator"] for cell in answer["cells"]} == set(offered)
        told = {one["indicator"]: one.get("finest_level") for one in answer["not_offered"]}
        assert told == {code: FINEST[code] for code in FINEST if code not in offered}
        assert answer["withheld"] == []


async def test_the_tables_have_no_finer_area_and_the_audit_agrees(
    database: Database, town: Town, folder: Path
) -> None:
    pack = load_pack(folder)
    dsn = database.dsn("lagesbild_aggregator")
    async with await new_pool(dsn, application="test", session=SESSION) as pool:
        await Counter(pool).count(*events(pack))
    rows = await owner_reads(database, "select indicator, area from counting.series order by 1, 2")
    assert rows == [
        ("arson", "111"),
        ("arson", "112"),
        ("arson", "121"),
        ("arson", "211"),
        ("arson", "999"),
        ("obstructing_justice", "11"),
        ("obstructing_justice", "12"),
        ("obstructing_justice", "21"),
        ("obstructing_justice", "999"),
        ("robbery", "1"),
        ("robbery", "2"),
        ("robbery", "999"),
    ]
    audit = await recount(database.owner_dsn)
    assert audit.ok
    assert audit.live_events == len(FINEST) * len(LEAVES)


async def test_a_series_is_of_its_level_and_above_and_refused_below(
    database: Database, town: Town, folder: Path
) -> None:
    pack = load_pack(folder)
    dsn = database.dsn("lagesbild_aggregator")
    async with await new_pool(dsn, application="test", session=SESSION) as pool:
        await Counter(pool).count(*events(pack))
    assert await series(town, "robbery", "9") == (200, 1)
    assert await series(town, "obstructing_justice", "99") == (200, 1)
    assert await series(town, "obstructing_justice", "11") == (200, 3)
    assert await series(town, "obstructing_justice", "1") == (200, 4)
    assert await series(town, "robbery", "1") == (200, 4)
    assert await series(town, "arson", "112") == (200, 2)
    for code, area in (("robbery", "11"), ("obstructing_justice", "111"), ("robbery", "999")):
        assert await series(town, code, area) == (400, None)
