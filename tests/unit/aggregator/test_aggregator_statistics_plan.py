"""What one transaction writes of statistics: every version once, and each record's offset."""

from datetime import UTC, datetime

import pytest

from services.aggregator.domain.plan import Advance, Claim, steps
from services.aggregator.domain.statistics import plan_statistics, refused_statistic
from shared.errors import DeadReason
from shared.messages.codec import encode
from shared.messages.statistic import Statistic
from shared.records import LogRecord

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLAIMS = {0: Claim(4, 0), 1: Claim(9, 7)}


def a_statistic(version: int = 1, *, area: str = "101", numerator: int = 3) -> Statistic:
    return Statistic(
        "9998", "education", "truancy", area, "2025", version, NOON, numerator=numerator
    )


ADVANCES = [Advance(0, 4, 0, 2)]


def a_record(statistic: Statistic, *, partition: int = 0, offset: int = 0) -> LogRecord:
    return LogRecord(partition, offset, 0, statistic.key, encode(statistic))


def test_every_version_is_kept_in_order_of_key_and_version() -> None:
    log = [a_statistic(2), a_statistic(1, area="11"), a_statistic(1)]
    planned = plan_statistics([a_record(one, offset=at) for at, one in enumerate(log)], ADVANCES)
    written = [(one.statistic.area, one.statistic.version) for one in planned.statistics]
    assert written == [("101", 1), ("101", 2), ("11", 1)]


def test_of_equal_versions_the_first_in_the_log_is_kept() -> None:
    log = [a_statistic(numerator=3), a_statistic(numerator=4)]
    planned = plan_statistics([a_record(one, offset=at) for at, one in enumerate(log)], ADVANCES)
    assert [one.statistic.numerator for one in planned.statistics] == [3]
    assert planned.records == 2


def test_every_partition_advances_under_its_own_claim() -> None:
    records = [a_record(a_statistic()), a_record(a_statistic(area="102"), partition=1, offset=7)]
    planned = plan_statistics(records, steps(records, CLAIMS))
    assert planned.advances == (Advance(0, 4, 0, 1), Advance(1, 9, 7, 8))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, encode(a_statistic())),
        (a_statistic().key, None),
        (a_statistic().key, b"not json"),
        (a_statistic().key, b"\xff"),
        (a_statistic().key, b"{}"),
        (a_statistic().key, encode(a_statistic()).replace(b"2025", b"20250")),
        (a_statistic(area="102").key, encode(a_statistic())),
    ],
)
def test_what_is_no_statistic_is_buried_and_its_offset_moves_on(
    key: bytes | None, value: bytes | None
) -> None:
    planned = plan_statistics([LogRecord(0, 0, 0, key, value)], [Advance(0, 4, 0, 1)])
    assert [letter.reason for letter in planned.dead] == [DeadReason.NOT_A_STATISTIC]
    assert planned.statistics == ()
    assert planned.advances == (Advance(0, 4, 0, 1),)


def test_a_refused_record_moves_on_alone() -> None:
    planned = refused_statistic(a_record(a_statistic(), offset=3), {0: Claim(4, 3)})
    assert planned.advances == (Advance(0, 4, 3, 4),)
    assert [letter.reason for letter in planned.dead] == [DeadReason.REFUSED_BY_DATABASE]
    assert planned.statistics == ()
