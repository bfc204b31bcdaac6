"""A changed area division: every event is located in the areas of its own Stockholm day."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.locating import divisions
from services.anonymizer.domain.locating.locate import Locator
from services.anonymizer.domain.municipality import municipality
from shared.messages.codec import encode
from shared.messages.event import Event
from shared.messages.report import Location, Report
from shared.pack import check, load_pack
from shared.pack.geometry import load_divisions
from tests.support.towns import Land, write_town

CHANGE = "2025-06-01"
MIDNIGHT = datetime(2025, 5, 31, 22, tzinfo=UTC)  # when that day begins in Stockholm
BEFORE = MIDNIGHT - timedelta(microseconds=1)
OLD = (Land("111", 0, 1), Land("112", 1, 2), Land("211", 2, 3))
NEW = (  # 112 is cut into 113 and 114; 111 takes over a piece of it; 211 stays as it is
    Land("111", 0, 1, valid_to=CHANGE),
    Land("112", 1, 2, valid_to=CHANGE),
    Land("111", 0, 1.2, valid_from=CHANGE),
    Land("113", 1.2, 1.6, valid_from=CHANGE),
    Land("114", 1.6, 2, valid_from=CHANGE),
    Land("211", 2, 3),
)
REST = ("999", "rest_unknown_nyko")


@pytest.fixture(scope="module")
def before_the_change(tmp_path_factory: pytest.TempPathFactory) -> Anonymizer:
    return reading(write_town(tmp_path_factory.mktemp("old") / "pack", OLD))


@pytest.fixture(scope="module")
def after_the_change(tmp_path_factory: pytest.TempPathFactory) -> Anonymizer:
    folder = write_town(tmp_path_factory.mktemp("new") / "pack", NEW)
    assert check(folder) == []
    return reading(folder)


def reading(folder: Path) -> Anonymizer:
    pack = load_pack(folder)
    return Anonymizer([municipality(pack, *load_divisions(pack))])


def a_point(steps_east: float) -> Location:
    """A point so many areas' widths from the western border."""
    return Location(lat=59.05, lon=17.0 + steps_east / 10)


def a_report(at: datetime, location: Location | None) -> Report:
    return Report(
        municipality="0012",
        actor="fire",
        version=1,
        received_at=datetime(2026, 11, 23, tzinfo=UTC),
        indicator="bin_fire",
        occurred_at=at,
        location=location,
    )


def events(anonymizer: Anonymizer, *reports: Report) -> list[Event]:
    made = anonymizer.anonymize(
        [Opened(UUID(int=number), encode(one)) for number, one in enumerate(reports)]
    )
    assert all(isinstance(one, Anonymized) for one in made)
    return [one.event for one in made if isinstance(one, Anonymized)]


def place(anonymizer: Anonymizer, at: datetime, location: Location) -> tuple[str, str]:
    (event,) = events(anonymizer, a_report(at, location))
    assert isinstance(event.area, str)
    assert isinstance(event.placement, str)
    return event.area, event.placement


@pytest.mark.parametrize(
    ("steps", "then", "now"),
    [(0.5, "111", "111"), (1.1, "112", "111"), (1.5, "112", "113"), (1.7, "112", "114")],
)
def test_a_point_is_in_the_area_of_its_day(
    after_the_change: Anonymizer, steps: float, then: str, now: str
) -> None:
    for at in (datetime(2021, 1, 1, tzinfo=UTC), BEFORE):
        assert place(after_the_change, at, a_point(steps)) == (then, "coordinates")
    for at in (MIDNIGHT, MIDNIGHT + timedelta(days=300)):
        assert place(after_the_change, at, a_point(steps)) == (now, "coordinates")


def test_the_day_changes_at_midnight_in_stockholm_and_not_in_utc(
    after_the_change: Anonymizer,
) -> None:
    assert place(after_the_change, BEFORE, a_point(1.5))[0] == "112"
    assert place(after_the_change, MIDNIGHT, a_point(1.5))[0] == "113"
    in_utc = datetime(2025, 6, 1, tzinfo=UTC)
    assert place(after_the_change, in_utc - timedelta(hours=1), a_point(1.5))[0] == "113"
    elsewhere = datetime.fromisoformat("2025-05-31T17:59:59-04:00")
    assert place(after_the_change, elsewhere, a_point(1.5))[0] == "112"


@pytest.mark.parametrize(
    ("code", "then", "now"),
    [
        ("112", ("112", "nyko"), REST),
        ("1127", ("112", "nyko"), REST),
        ("113", REST, ("113", "nyko")),
        ("111", ("111", "nyko"), ("111", "nyko")),
        ("11", ("999", "rest_nyko_too_coarse"), ("999", "rest_nyko_too_coarse")),
    ],
)
def test_a_code_is_known_while_it_is_valid(
    after_the_change: Anonymizer, code: str, then: tuple[str, str], now: tuple[str, str]
) -> None:
    assert place(after_the_change, BEFORE, Location(nyko=code)) == then
    assert place(after_the_change, MIDNIGHT, Location(nyko=code)) == now


def test_the_first_division_stands_for_all_time_before_it(after_the_change: Anonymizer) -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert place(after_the_change, long_ago, a_point(1.5)) == ("112", "coordinates")
    assert place(after_the_change, long_ago, Location(nyko="112")) == ("112", "nyko")


def test_a_report_of_then_has_the_same_code_before_and_after_the_pack_has_changed(
    before_the_change: Anonymizer, after_the_change: Anonymizer
) -> None:
    chance = Random(5)
    reports = [
        a_report(
            MIDNIGHT - timedelta(seconds=chance.randrange(1, 10**8)),
            chance.choice(
                [
                    a_point(chance.uniform(-0.5, 3.5)),
                    Location(nyko=chance.choice(["111", "112", "113", "1125", "21"])),
                    None,
                ]
            ),
        )
        for _ in range(500)
    ]
    first = events(before_the_change, *reports)
    assert events(after_the_change, *reports) == first
    assert len({one.area for one in first}) == 4


def test_events_of_several_days_in_one_batch_come_out_in_order(
    after_the_change: Anonymizer,
) -> None:
    instants = [MIDNIGHT, BEFORE, MIDNIGHT, BEFORE, BEFORE]
    withdrawal = Report(
        municipality="0012", actor="fire", version=2, received_at=MIDNIGHT, withdrawn=True
    )
    made = events(after_the_change, *(a_report(at, a_point(1.5)) for at in instants), withdrawal)
    assert [one.area for one in made[:-1]] == ["113", "112", "113", "112", "112"]
    assert not made[-1].live


def test_one_division_costs_one_locator_and_earlier_ones_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    class Noted(Locator):
        def __init__(self, *given: object) -> None:
            made.append(",".join(given[1].codes))  # type: ignore[attr-defined]
            super().__init__(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(divisions, "Locator", Noted)
    one, two = write_town(tmp_path / "one", OLD), write_town(tmp_path / "two", NEW)
    place(reading(one), BEFORE, a_point(1.5))
    assert made == ["111,112,211"]
    made.clear()
    anonymizer = reading(two)
    place(anonymizer, MIDNIGHT, a_point(1.5))
    assert made == ["111,113,114,211"]
    for _ in range(2):
        place(anonymizer, BEFORE, a_point(1.5))
    assert made == ["111,113,114,211", "111,112,211"]


def test_the_events_hold_nothing_of_the_division(after_the_change: Anonymizer) -> None:
    (event,) = events(after_the_change, a_report(BEFORE, a_point(1.5)))
    assert "2025-06" not in json.dumps(json.loads(encode(event)))
