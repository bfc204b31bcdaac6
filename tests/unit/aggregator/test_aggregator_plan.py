"""What one transaction writes: our records only, in order, the winning version of each event."""

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aggregator.domain.plan import (
    NOWHERE,
    Advance,
    Claim,
    Claimed,
    Live,
    Restart,
    Version,
    Withdrawal,
    plan,
    read,
    refused,
    rest_on,
    still_to_count,
)
from shared.errors import DeadReason, RejectedMessage
from shared.messages.codec import encode
from shared.messages.event import Event, Placement
from shared.records import LogRecord

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_event(number: int, *, version: int = 1, area: str = "101") -> Event:
    return Event(UUID(int=number), version, "9998", True, "arson", area, NOON, True, Placement.NYKO)


def a_record(event: Event, *, partition: int = 0, offset: int = 0) -> LogRecord:
    return LogRecord(partition, offset, 0, event.event_id.bytes, encode(event))


def what_is_read(message: dict[str, object]) -> Version | DeadReason:
    try:
        return read(UUID(int=1).bytes, json.dumps(message).encode())
    except RejectedMessage as rejected:
        return rejected.reason


def logged(*events: Event, partition: int = 0, first: int = 0) -> list[LogRecord]:
    return [
        a_record(event, partition=partition, offset=first + at) for at, event in enumerate(events)
    ]


def test_only_owned_partitions_are_counted_from_the_next_offset_on() -> None:
    records = {
        0: logged(*map(an_event, range(5)), first=10),
        1: logged(an_event(9), partition=1),
    }
    mine = still_to_count(records, {0: Claim(1, 12)}, most=100)
    assert [(one.partition, one.offset) for one in mine.records] == [(0, 12), (0, 13), (0, 14)]
    assert not mine.gaps


def test_a_missing_record_is_a_gap_and_never_skipped() -> None:
    holed = [a_record(an_event(1), offset=4), a_record(an_event(2), offset=6)]
    late = logged(an_event(3), partition=1, first=9)
    whole = logged(an_event(4), partition=2, first=1)
    claims = {0: Claim(1, 4), 1: Claim(1, 5), 2: Claim(1, 1)}
    mine = still_to_count({0: holed, 1: late, 2: whole}, claims, most=100)
    assert [(one.partition, one.offset) for one in mine.records] == [(0, 4), (2, 1)]
    assert mine.gaps == {0, 1}


@pytest.mark.parametrize(
    ("stored", "same_log", "next_offset", "reason"),
    [
        (None, True, 0, None),
        (7, True, 7, None),
        (7, False, 7, None),
        (7, True, 0, Restart.LOG_CUT_SHORT),
        (7, False, 0, Restart.ANOTHER_LOG),
        (7, True, 9, Restart.LOG_BEGINS_LATER),
    ],
)
def test_a_claim_says_why_the_log_is_read_again(
    stored: int | None, same_log: bool, next_offset: int, reason: Restart | None
) -> None:
    assert Claimed(Claim(1, next_offset), stored, same_log).restart is reason


def test_no_more_than_asked_for() -> None:
    records = {0: logged(*map(an_event, range(5))), 1: logged(an_event(9), partition=1)}
    claims = {0: Claim(1, 0), 1: Claim(1, 0)}
    assert len(still_to_count(records, claims, most=3).records) == 3


def test_every_partition_advances_under_its_own_claim() -> None:
    records = [*logged(an_event(1), an_event(2)), *logged(an_event(3), partition=1, first=7)]
    planned = plan(records, {0: Claim(4, 0), 1: Claim(9, 7)})
    assert planned.advances == (Advance(0, 4, 0, 2), Advance(1, 9, 7, 8))
    assert planned.records == 3


def test_of_equal_versions_the_first_in_the_log_wins() -> None:
    planned = plan(logged(an_event(1, area="101"), an_event(1, area="102")), {0: Claim(1, 0)})
    assert list(planned.winners.places) == [("9998", "arson", "101")]


def test_of_equal_versions_one_that_is_linked_wins_and_stays() -> None:
    alone = an_event(1)
    linked = msgspec.structs.replace(alone, incident_id=UUID(int=7))
    other = msgspec.structs.replace(alone, incident_id=UUID(int=8))
    for told in ([alone, linked, other], [linked, alone, other]):
        assert plan(logged(*told), {0: Claim(1, 0)}).winners.incidents == [UUID(int=7).bytes]


def test_exact_cells_count_also_what_is_surplus() -> None:
    """The contribution bound is for what is released; exact numbers have every event (0027)."""
    alone = an_event(1)
    surplus = msgspec.structs.replace(an_event(2), surplus=True)
    winners = plan(logged(alone, surplus), {0: Claim(1, 0)}).winners
    assert list(winners.places) == [("9998", "arson", "101")] * 2


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), max_size=30), st.randoms())
def test_each_event_is_written_once_in_its_highest_version(
    changes: list[tuple[int, int]], chance: random.Random
) -> None:
    chance.shuffle(changes)
    records = logged(*(an_event(number, version=version) for number, version in changes))
    planned = plan(records, {0: Claim(1, 0)})
    highest: dict[int, int] = {}
    for number, version in changes:
        highest[number] = max(version, highest.get(number, 0))
    won = planned.winners
    written = [
        (int.from_bytes(one), version) for one, version in zip(won.rows, won.versions, strict=True)
    ]
    assert sorted(written) == sorted(highest.items())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, encode(an_event(1))),
        (UUID(int=1).bytes, None),
        (UUID(int=1).bytes, b"not json"),
        (UUID(int=1).bytes, b"\xff"),
        (UUID(int=1).bytes, b'{"event_id": "x"}'),
        (UUID(int=2).bytes, encode(an_event(1))),
    ],
)
def test_what_is_no_event_is_buried_and_its_offset_moves_on(
    key: bytes | None, value: bytes | None
) -> None:
    claims: Mapping[int, Claim] = {0: Claim(1, 0)}
    planned = plan([LogRecord(0, 0, 0, key, value)], claims)
    assert [letter.reason for letter in planned.dead] == [DeadReason.NOT_AN_EVENT]
    assert not planned.winners.rows
    assert planned.advances == (Advance(0, 1, 0, 1),)


def test_a_refused_record_moves_on_alone() -> None:
    planned = refused(a_record(an_event(1), offset=3), {0: Claim(1, 3)})
    assert planned.advances == (Advance(0, 1, 3, 4),)
    assert [letter.reason for letter in planned.dead] == [DeadReason.REFUSED_BY_DATABASE]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"version": 2**63}, DeadReason.REFUSED_BY_DATABASE),
        ({"version": 0}, DeadReason.NOT_AN_EVENT),
        ({"occurred_at": "9999-12-31T23:59:00Z"}, DeadReason.REFUSED_BY_DATABASE),
        ({"occurred_at": "1969-12-31T23:59:00Z"}, DeadReason.REFUSED_BY_DATABASE),
        ({"occurred_at": "1970-01-01T00:00:30Z"}, DeadReason.REFUSED_BY_DATABASE),
        ({"occurred_at": "2026-11-23T12:00:00"}, DeadReason.NOT_AN_EVENT),
        ({"occurred_at": "noon"}, DeadReason.NOT_AN_EVENT),
        ({"occurred_at": None}, DeadReason.NOT_AN_EVENT),
        ({"area": None}, DeadReason.NOT_AN_EVENT),
        ({"placement": None}, DeadReason.NOT_AN_EVENT),
        ({"live": False}, DeadReason.NOT_AN_EVENT),
    ],
)
def test_half_an_event_and_numbers_beyond_the_columns_are_told_apart(
    fields: dict[str, object], reason: DeadReason
) -> None:
    whole = json.loads(encode(an_event(1)))
    assert what_is_read({**whole, **fields}) is reason


def test_what_counting_reads_is_in_the_event_under_the_same_names_and_defaults() -> None:
    message = {field.name: field for field in msgspec.structs.fields(Event)}
    for shape in (Live, Withdrawal):
        for field in msgspec.structs.fields(shape):
            told = message[field.name]
            assert field.default in (told.default, msgspec.NODEFAULT)
            assert field.encode_name == told.encode_name


@pytest.mark.parametrize(
    ("fields", "is_event"),
    [({}, True), ({"live": True}, False), ({"area": "101"}, False), ({"version": 0}, False)],
)
def test_a_withdrawal_has_neither_place_nor_instant(
    fields: dict[str, object], is_event: bool
) -> None:
    whole = json.loads(encode(Event(UUID(int=1), 2, "9998", live=False)))
    found = what_is_read({**whole, **fields})
    assert found == ((2, NOWHERE, 0, None) if is_event else DeadReason.NOT_AN_EVENT)


def test_ids_that_are_none_are_no_event() -> None:
    whole = json.loads(encode(an_event(1)))
    for name, text in (("event_id", "01"), ("incident_id", "xy"), ("incident_id", "")):
        assert what_is_read({**whole, name: text}) is DeadReason.NOT_AN_EVENT


def test_a_plan_rests_on_the_claims_it_was_made_for() -> None:
    planned = plan(logged(an_event(1), first=4), {0: Claim(2, 4)})
    assert rest_on(planned.advances, {0: Claim(2, 4), 1: Claim(9, 9)})
    assert not rest_on(planned.advances, {0: Claim(3, 4)})
    assert not rest_on(planned.advances, {0: Claim(2, 5)})
    assert not rest_on(planned.advances, {})
