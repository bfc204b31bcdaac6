"""The oracle, against a recount that is too slow and too simple to be wrong."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.decisions import Decided, Decisions
from deploy.demo.draft import Telling
from deploy.demo.truth import WINDOWS, Cell, Coarse, Truth, Width, floor

ACTORS = ("fire", "police", "guards")
COARSE = {
    "s0": Coarse(Width.MINUTE, 3, "999"),
    "s1": Coarse(Width.MINUTE, 3, "999"),
    "s2": Coarse(Width.HOUR, 3, "999"),
    "s3": Coarse(Width.DAY, 2, "999"),
}
STOCKHOLM = ZoneInfo("Europe/Stockholm")
CHANGES = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))

INSTANTS = st.one_of(
    st.builds(lambda hours: CHANGES[0] + timedelta(hours=hours), st.floats(-2_000, 6_000)),
    st.builds(
        lambda change, seconds: change + timedelta(seconds=seconds),
        st.sampled_from(CHANGES),
        st.integers(-90_000, 90_000),
    ),
)


@st.composite
def tellings(draw: st.DrawFn) -> Telling:
    key = draw(st.sampled_from(("fire", "police"))), draw(st.sampled_from("abc"))
    version = draw(st.integers(1, 4))
    if draw(st.integers(0, 4)) == 0:
        return Telling(*key, version)
    return Telling(
        *key,
        version,
        draw(st.sampled_from(tuple(COARSE))),
        draw(INSTANTS),
        draw(st.sampled_from(("111", "999"))),
    )


SENT = st.lists(tellings(), max_size=25)


def accepted(sent: Sequence[Telling]) -> Truth:
    truth = Truth(COARSE)
    for telling in sent:
        truth.accept(telling)
    return truth


def holding(sent: Sequence[Telling]) -> list[Telling]:
    """The telling that holds for each event, found by sorting everything."""
    chosen = []
    for key in {(one.actor, one.own_id) for one in sent}:
        told = [(at, one) for at, one in enumerate(sent) if (one.actor, one.own_id) == key]
        told.sort(key=lambda pair: (-pair[1].version, pair[0]))
        chosen.append(told[0][1])
    return [one for one in chosen if one.is_live]


def bucket_of(instant: datetime, width: str) -> datetime:
    """The start of the bucket, found by going back on a clock on a wall."""
    local = instant.astimezone(STOCKHOLM)
    match width:
        case "minute":
            return (instant - timedelta(seconds=local.second)).replace(microsecond=0)
        case "hour":
            back = timedelta(minutes=local.minute, seconds=local.second)
            return (instant - back).replace(microsecond=0)
        case _:
            quarter = timedelta(minutes=15)
            midnight = instant - (instant - CHANGES[0]) % quarter
            while (midnight - quarter).astimezone(STOCKHOLM).date() == local.date():
                midnight -= quarter
            return midnight


def area_of(telling: Telling) -> str:
    assert telling.area is not None
    return "11" if (telling.indicator, telling.area) == ("s3", "111") else telling.area


def grain_of(telling: Telling) -> str:
    grains = {"s0": "minute", "s1": "minute", "s2": "hour", "s3": "day"}
    assert telling.indicator is not None
    return grains[telling.indicator]


@given(SENT)
def test_cells_are_those_of_a_recount(sent: list[Telling]) -> None:
    expected: Counter[Cell] = Counter()
    for one in holding(sent):
        assert one.indicator is not None
        assert one.occurred_at is not None
        at = bucket_of(one.occurred_at, grain_of(one))
        for tier in ("minute", "hour", "day"):
            expected[Cell(tier, one.indicator, bucket_of(at, tier), area_of(one))] += 1
    assert accepted(sent).cells() == expected


@given(SENT)
def test_a_second_sending_of_everything_changes_nothing(sent: list[Telling]) -> None:
    assert accepted([*sent, *sent]).cells() == accepted(sent).cells()


@given(SENT)
def test_accepting_says_whether_the_telling_is_the_newest(sent: list[Telling]) -> None:
    truth = Truth(COARSE)
    for telling in sent:
        is_newest = truth.accept(telling)
        assert (truth.winners[telling.actor, telling.own_id] is telling) is is_newest


@given(SENT, INSTANTS, st.sampled_from(("15m", "1h", "24h")))
def test_windows_are_those_of_a_recount(sent: list[Telling], as_of: datetime, window: str) -> None:
    minute = timedelta(minutes=1)
    end = bucket_of(as_of, "minute")
    end += minute if end < as_of else timedelta(0)
    start = bucket_of(as_of - WINDOWS[window][0], "minute")
    expected: Counter[tuple[str, str]] = Counter()
    for one in holding(sent):
        assert one.occurred_at is not None
        at = bucket_of(one.occurred_at, "minute")
        if one.indicator in {"s0", "s1"} and start <= at < end:
            expected[str(one.area), one.indicator] += 1
    assert accepted(sent).window(window, as_of, indicators={"s0", "s1"}) == {
        cell: (count, count) for cell, count in expected.items()
    }


@given(INSTANTS, st.sampled_from(Width))
def test_floors_are_those_of_a_clock_on_the_wall(instant: datetime, width: Width) -> None:
    assert floor(instant, width) == bucket_of(instant, width.value)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_day_is_as_long_as_it_is_in_stockholm(day: str, hours: int) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=STOCKHOLM)
    length = floor(noon + timedelta(days=1), Width.DAY) - floor(noon, Width.DAY)
    assert length == timedelta(hours=hours)


def test_a_window_is_rounded_up_at_its_end_and_down_at_its_start() -> None:
    truth = Truth(COARSE)
    instants = ("11:45:59", "11:46:00", "12:00:59", "12:01:30", "12:02:00")
    for at, instant in enumerate(instants):
        when = datetime.fromisoformat(f"2026-06-01T{instant}+00:00")
        truth.accept(Telling("fire", str(at), 1, "s0", when, "111"))
    as_of = datetime(2026, 6, 1, 12, 1, 1, tzinfo=UTC)
    assert truth.window("15m", as_of, indicators={"s0"}) == {("111", "s0"): (3, 3)}
    assert truth.window("15m", as_of.replace(second=0), indicators={"s0"}) == {
        ("111", "s0"): (2, 2)
    }


def test_long_windows_begin_at_the_hour_and_at_the_grain() -> None:
    truth = Truth(COARSE)
    for code in ("s0", "s3"):
        when = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
        truth.accept(Telling("police", code, 1, code, when, "111"))
    as_of = datetime(2026, 6, 8, 0, 59, tzinfo=UTC)
    assert truth.window("7d", as_of, indicators=COARSE) == {
        ("111", "s0"): (1, 1),
        ("11", "s3"): (1, 1),
    }
    later = datetime(2026, 6, 8, 1, 0, tzinfo=UTC)
    assert truth.window("7d", later, indicators=COARSE) == {("11", "s3"): (1, 1)}


def test_what_is_not_asked_for_is_not_in_a_window() -> None:
    when = datetime(2026, 6, 1, 12, tzinfo=UTC)
    truth = accepted([Telling("fire", "1", 1, "s0", when, "111")])
    assert truth.window("1h", when, indicators=()) == {}


def test_an_incident_of_several_events_counts_with_its_earliest() -> None:
    early, late = (datetime(2026, 6, 1, 12, minute, tzinfo=UTC) for minute in (0, 20))
    truth = accepted(
        [
            Telling("fire", "1", 1, "s0", late, "111"),
            Telling("police", "1", 1, "s1", early, "112"),
            Telling("guards", "1", 2, "s0", late, "111"),
        ]
    )
    events = {actor: UUID(int=number | 8 << 76 | 8 << 60) for number, actor in enumerate(ACTORS)}
    decisions, incident = Decisions(), UUID(int=7)
    decisions.add(
        [
            Decided(events["fire"], 1, incident),
            Decided(events["police"], 1, incident),
            Decided(events["guards"], 1, incident),  # of a version that does not hold
        ]
    )
    truth.learn(decisions, lambda actor, _own_id: events[actor])
    as_of = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
    codes = {"s0", "s1"}
    hour = truth.window("1h", as_of, indicators=codes)
    assert hour == {("111", "s0"): (2, 1), ("112", "s1"): (1, 1)}
    assert truth.window("15m", as_of, indicators=codes) == {("111", "s0"): (2, 1)}
