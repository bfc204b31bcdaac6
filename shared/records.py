"""A record of a Kafka log as every consumer of the house gets it."""

import msgspec


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One record of a log, by the names that aiokafka's own `ConsumerRecord` has.

    A struct, for it is made for every record that is read: aiokafka's dataclass costs four times
    as much (decision 0021). Unit: `timestamp` milliseconds since 1970, when ingest accepted what
    the record tells.
    """

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    topic: str = ""
    headers: tuple[tuple[str, bytes], ...] = ()
