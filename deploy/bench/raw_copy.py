"""The peer: the same bytes from one topic to another, with the same client and no work done.

And what warms the broker: a fresh one costs five times as much per record until the virtual
machine has compiled what it runs, which takes about 150,000 records.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.bench.figures import rate
from shared.kafka import MAX_REQUEST_BYTES, POLL_MS, Outgoing, new_producer, send_all

COPY = "bench.copy"
MOST_RECORDS = 2000  # of a batch, as the anonymizer takes them
CLIENT = "lagesbild-bench"

WARM_BATCH = 64  # of one partition: as small as those of ingest
WARM_BYTES = 330


async def warm(bootstrap: str, *, partitions: int, records: int) -> None:
    """Have the broker take in so many records of noise, and give them out again."""
    await _make_topic(bootstrap, partitions)
    producer = new_producer(bootstrap, client_id=CLIENT)
    noise = [Outgoing(os.urandom(16), os.urandom(WARM_BYTES), 0) for _ in range(WARM_BATCH)]
    try:
        await producer.start()
        for _ in range(records // (WARM_BATCH * partitions) + 1):
            sent = await send_all(producer, COPY, dict.fromkeys(range(partitions), noise))
            await asyncio.gather(*sent)
    finally:
        await producer.stop()
    await copied(bootstrap, COPY, partitions=partitions, records=records)


async def copied(bootstrap: str, topic: str, *, partitions: int, records: int) -> float:
    """Records per second, from the first that is read to the last that is acknowledged."""
    await _make_topic(bootstrap, partitions)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=CLIENT,
        max_partition_fetch_bytes=MAX_REQUEST_BYTES,
        enable_auto_commit=False,
    )
    producer = new_producer(bootstrap, client_id=CLIENT)
    everywhere = [TopicPartition(topic, number) for number in range(partitions)]
    try:
        await consumer.start()
        await producer.start()
        consumer.assign(everywhere)
        await consumer.seek_to_beginning(*everywhere)
        began = time.perf_counter()
        left = records
        while left > 0:
            found = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            sent = await send_all(producer, COPY, _as_they_are(found))
            await asyncio.gather(*sent)
            left -= sum(map(len, found.values()))
        return rate(records - left, time.perf_counter() - began)
    finally:
        await consumer.stop()
        await producer.stop()


def _as_they_are(
    found: Mapping[TopicPartition, Sequence[ConsumerRecord]],
) -> dict[int, list[Outgoing]]:
    return {
        at.partition: [Outgoing(one.key, one.value, one.timestamp, one.headers) for one in some]
        for at, some in found.items()
    }


async def _make_topic(bootstrap: str, partitions: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        if COPY not in await admin.list_topics():
            await admin.create_topics(
                [NewTopic(COPY, num_partitions=partitions, replication_factor=1)]
            )
    finally:
        await admin.close()
