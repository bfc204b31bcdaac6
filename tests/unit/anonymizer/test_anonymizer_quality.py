"""What is counted of how reports were located."""

from datetime import UTC, date, datetime
from uuid import UUID

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.quality import Result, tallied
from shared.errors import DeadReason
from shared.messages.event import Event, Placement
from shared.quality import CONFIDENCE_TEXTS, METHOD_TEXTS, Confidence
from shared.records import LogRecord

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_record(offset: int, *, partition: int = 0, at: datetime = AT) -> LogRecord:
    return LogRecord(partition, offset, int(at.timestamp() * 1000), b"", b"")


def located(actor: str = "fire", *, how: Placement = Placement.NYKO) -> Anonymized:
    event = Event(UUID(int=1), 1, "9998", True, "arson", "111", AT, True, how)
    return Anonymized(event, actor, AT, confidence=Confidence.EXACT)


WITHDRAWN = Anonymized(Event(UUID(int=1), 2, "9998", live=False), "fire")
DAY = date(2026, 11, 23)
NYKO = Result("9998", "fire", DAY, "nyko", "exact")


def test_results_are_counted_by_actor_day_method_and_confidence() -> None:
    outcomes = [located(), located(), located("police"), located(how=Placement.ADDRESS)]
    records = [a_record(offset) for offset in range(4)]
    assert tallied(zip(records, outcomes, strict=True), {0: 0}) == {
        NYKO: 2,
        NYKO._replace(actor="police"): 1,
        NYKO._replace(method="address"): 1,
    }


def test_withdrawals_and_dead_letters_are_not_located() -> None:
    outcomes: list[Anonymized | DeadReason] = [WITHDRAWN, DeadReason.NOT_A_REPORT]
    assert not tallied(zip([a_record(0), a_record(1)], outcomes, strict=True), {0: 0})


def test_what_was_counted_before_is_left_out_partition_by_partition() -> None:
    records = [a_record(4), a_record(5), a_record(4, partition=1), a_record(5, partition=1)]
    pairs = [(record, located()) for record in records]
    assert tallied(pairs, {0: 5, 1: 6}) == {NYKO: 1}


def test_the_day_is_stockholms_when_ingest_accepted_the_report() -> None:
    instants = [
        datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 22, 23, 0, tzinfo=UTC),
        datetime(2026, 6, 30, 22, 0, tzinfo=UTC),
    ]
    pairs = [(a_record(at, at=one), located()) for at, one in enumerate(instants)]
    days = [result.day for result in tallied(pairs, {0: 0})]
    assert days == [date(2026, 11, 22), DAY, date(2026, 7, 1)]


def test_every_method_and_class_has_words() -> None:
    assert set(METHOD_TEXTS) == set(Placement)
    assert set(CONFIDENCE_TEXTS) == set(Confidence)
