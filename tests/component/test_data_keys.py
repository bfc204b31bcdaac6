"""Data keys go with their ten minutes, or with their hour key, also where nobody does anything."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.opening import Opening
from services.ingest.data_keys import LOOK_SECONDS, forgetting
from shared.records import LogRecord
from shared.sealing import DATA_KEY_LIFE, Sealer, SealingKey
from shared.topics import REPORTS
from tests.support.key_world import NOON, World
from tests.support.keys import FIRE, a_stranger, sealed_to
from tests.support.leaping import run_leaping

EVENT = UUID("00000000-0000-8000-8000-000000000001")


@pytest.mark.parametrize(("seconds", "is_there"), [(-1.0, True), (LOOK_SECONDS, False)])
def test_ingest_forgets_a_data_key_after_ten_minutes_though_nobody_reports(
    seconds: float, is_there: bool
) -> None:
    sealer = Sealer(topic=REPORTS.name)

    async def quiet_night() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        sealer.sealing(a_stranger(), FIRE, NOON)
        async with forgetting(sealer, lambda: NOON + timedelta(seconds=loop.time() - began)):
            await asyncio.sleep(DATA_KEY_LIFE.total_seconds() + seconds)

    run_leaping(quiet_night())
    assert (sealer._data_key is not None, bool(sealer._by_origin)) == (is_there, is_there)


def test_an_idle_anonymizer_forgets_the_data_keys_of_an_hour_whose_key_another_has_destroyed(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    idle, other = world.instance(), world.instance()
    entry = other.folder.make(Purpose.REPORT, NOON)
    opening = Opening(idle.folder, topic=REPORTS.name)
    sealed = sealed_to(SealingKey.of(entry.public), b"{}", EVENT)
    record = LogRecord(0, 0, 0, EVENT.bytes, sealed.value, REPORTS.name, sealed.headers)
    assert opening.open([record]).lost == ()
    assert opening._opener._known
    other.folder.destroy(entry)
    idle.life.look_at_ages()
    assert not opening._opener._known
