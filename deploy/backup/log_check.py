"""Does the log still hold every record that is counted after a restore?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.backup.manifest import Counted
from shared.kafka import cluster_of, new_reader, offsets_of, partition_count

NOTHING = range(0)


@dataclass(frozen=True, slots=True)
class Lack:
    """Records of a partition that the log should have and has not.

    Shape: `reason` is `deleted` (the log begins after where counting would go on) or `beyond_end`
    (the log ends before what was counted: it is another one, or has lost its end).
    """

    topic: str
    partition: int
    records: int
    reason: str

    @property
    def said(self) -> str:
        """One line for people."""
        why = {
            "deleted": "are not in the log any more",
            "beyond_end": "were counted and are not in the log: it ends before",
        }
        return (
            f"{self.topic}, partition {self.partition}: {self.records} records {why[self.reason]}"
        )


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What the log says to a backup. Shape: `to_count` is how many records come after it."""

    same_log: bool
    to_count: int
    lacking: Sequence[Lack]

    @property
    def ok(self) -> bool:
        """Whether nothing is lost by restoring."""
        return self.same_log and not self.lacking

    def mistakes(self) -> list[str]:
        """What is lost, one line each."""
        other = [] if self.same_log else ["what was counted comes from another Kafka cluster"]
        return [*other, *(one.said for one in self.lacking)]

    def as_json(self) -> dict[str, Any]:
        """The check for machines."""
        return {
            "same_log": self.same_log,
            "to_count": self.to_count,
            "lacking": [
                {
                    "topic": one.topic,
                    "partition": one.partition,
                    "records": one.records,
                    "reason": one.reason,
                }
                for one in self.lacking
            ],
        }


async def checked(kafka: str, streams: Sequence[Counted]) -> LogCheck:
    """Ask the log.

    Raises:
        KafkaError, OSError: it does not answer.
    """
    topics = {one.topic for one in streams}
    log_id = await cluster_of(kafka)
    reader = new_reader(kafka, client_id="lagesbild-backup")
    try:
        await reader.start()
        extents = {
            topic: await offsets_of(reader, topic, await partition_count(kafka, topic))
            for topic in sorted(topics)
        }
    finally:
        await reader.stop()
    return compared(streams, extents, log_id=log_id)


def compared(
    streams: Iterable[Counted], extents: Mapping[str, Mapping[int, range]], *, log_id: str
) -> LogCheck:
    """The offsets of a backup and those of the log. A partition nobody had counted begins at 0."""
    given = list(streams)
    counted = {(one.topic, one.partition): one.next_offset for one in given}
    there = {
        (topic, part): span for topic, parts in extents.items() for part, span in parts.items()
    }
    lacking: list[Lack] = []
    to_count = 0
    for topic, partition in sorted({*counted, *there}):
        offset = counted.get((topic, partition), 0)
        span = there.get((topic, partition), NOTHING)
        to_count += max(0, span.stop - max(offset, span.start))
        if offset < span.start:
            lacking.append(Lack(topic, partition, span.start - offset, "deleted"))
        if offset > span.stop:
            lacking.append(Lack(topic, partition, offset - span.stop, "beyond_end"))
    return LogCheck(all(one.log_id == log_id for one in given), to_count, lacking)
