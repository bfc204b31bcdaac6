"""The peer: Quix Streams counts plain events per area, indicator and hour into PostgreSQL.

Run as `python -m deploy.bench.peer_quix` by `deploy.bench.peer`, with an interpreter that has the
extra `peer`; imports nothing of ours, for that interpreter need not have the product. Reads one
object of JSON on standard input, writes one on standard output.

What makes Quix fastest at this was tried and chosen, also where it is less than we do:

- State by cell (`apply(..., stateful=True)`), for its tumbling windows take twice as long.
- The key is changed where the record is. Its documented way for several partitions, `group_by`,
  sends every event through another topic and is four times slower. So a cell has one row for each
  partition, and who reads adds them up.
- It commits every five seconds, its default: its sink writes a cell once per commit.
- At least once with its changelog topics, its default; they are what its state survives by.
- A correction or a resend counts as one more event: it cannot know. Withdrawals are left out.
"""

import json
import sys
import time
from typing import Any

from quixstreams import Application, message_context
from quixstreams.sinks.community.postgresql import PostgreSQLSink

SCHEMA = "peer_quix"
TABLE = "peer_cell"  # not `cell`: the sink mixes up keys of equal name in other schemas
COMMIT_S = 5.0
IDLE_S = 30.0  # that nothing comes, until it gives up
HOUR = len("2026-11-24T04")


class WatchedSink(PostgreSQLSink):
    """Its own sink; notes when each flush was over and how many events went before it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.events = 0
        self.flushes: list[tuple[float, int]] = []

    def add(self, *given: Any, **named: Any) -> None:
        """One more event has been counted."""
        self.events += 1
        super().add(*given, **named)

    def flush(self) -> None:
        """Write what is new."""
        super().flush()
        self.flushes.append((time.perf_counter(), self.events))


def main() -> None:
    """Count so many events and say how long it took."""
    told = json.load(sys.stdin)
    sink = WatchedSink(
        **told["postgres"],
        schema_name=SCHEMA,
        table_name=TABLE,
        primary_key_columns=["municipality", "area", "indicator", "hour", "part"],
        upsert_on_primary_key=True,
        include_metadata=False,
    )
    app = Application(
        broker_address=told["kafka"],
        consumer_group="lagesbild-bench-peer",
        auto_offset_reset="earliest",
        commit_interval=COMMIT_S,
        state_dir=told["folder"],
        loglevel="WARNING",
    )
    events = app.dataframe(app.topic(told["topic"], key_deserializer="bytes"))
    live = events.filter(lambda event: event.get("live", True))
    stream = live.stream.add_transform(
        lambda event, _key, at, headers: (event, _cell(event), at, headers), expand=False
    )
    by_cell = live.__dataframe_clone__(stream=stream)
    by_cell.apply(_counted, stateful=True).sink(sink)
    cpu = time.process_time()
    app.run(count=told["events"], timeout=IDLE_S, collect=False)
    said = {"flushes": sink.flushes, "events": sink.events, "cpu_s": time.process_time() - cpu}
    sys.stdout.write(json.dumps(said) + "\n")


def _cell(event: dict[str, Any]) -> str:
    return "|".join(
        (event["municipality"], event["area"], event["indicator"], event["occurred_at"][:HOUR])
    )


def _counted(event: dict[str, Any], state: Any) -> dict[str, Any]:
    reports = state.get("reports", 0) + 1
    state.set("reports", reports)
    return {
        "municipality": event["municipality"],
        "area": event["area"],
        "indicator": event["indicator"],
        "hour": event["occurred_at"][:HOUR],
        "part": message_context().partition,
        "reports": reports,
    }


if __name__ == "__main__":
    main()
