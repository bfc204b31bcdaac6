"""Our record says what aiokafka's own would: the method that is replaced is still the one."""

from dataclasses import dataclass, field

import msgspec
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from shared import kafka
from shared.records import LogRecord

WHERE = TopicPartition("topic", 3)


@dataclass
class Told:
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)


def unpacked(*told: Told) -> list[LogRecord]:
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1 << 20)
    for offset, one in enumerate(told):
        builder.append(offset, 1000 + offset, one.key, one.value, one.headers)
    records = MemoryRecords(bytes(builder.build()))
    return list(PartitionRecords(WHERE, records, [], 0, None, None, True, 0))


def test_every_field_is_aiokafkas_own() -> None:
    found = unpacked(Told(b"key", b"value", [("reason", b"x")]), Told(None, None))
    assert found == [
        LogRecord(3, 0, 1000, b"key", b"value", "topic", (("reason", b"x"),)),
        LogRecord(3, 1, 1001, None, None, "topic", ()),
    ]
    assert set(LogRecord.__struct_fields__) <= set(ConsumerRecord.__dataclass_fields__)


def test_a_record_cannot_be_changed() -> None:
    (record,) = unpacked(Told(b"key", b"value"))
    with pytest.raises(AttributeError):
        record.offset = 7  # type: ignore[misc]
    assert msgspec.structs.replace(record, offset=7).offset == 7


def test_the_replaced_method_is_the_one_that_makes_records() -> None:
    assert PartitionRecords._consumer_record is kafka._log_record
