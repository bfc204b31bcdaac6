"""Between anonymizing and publishing: which events are of one incident, decided once and for all.

A batch is one transaction: hold its municipalities, learn what others decided, decide, write,
commit. Only then is anything published. Whoever dies in between finds the decisions when the
records come again, and publishes the same bytes (decision 0026).
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources import files
from typing import Final, Protocol
from uuid import UUID

import msgspec
import structlog

from services.anonymizer import linkage_store as store
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.linking.decisions import Decision, Founder, Known, Sighting
from services.anonymizer.domain.linking.linker import Linker
from services.anonymizer.domain.linking.posterior import Posteriors
from services.anonymizer.domain.steps import Step, Timed, untimed
from services.anonymizer.metrics import Metrics
from services.anonymizer.remembering import DecisionsLostError, Linkers
from shared.kafka import Outgoing
from shared.messages.codec import decoder, encode
from shared.messages.event import Event
from shared.postgres import DATABASE_AWAY, Connection, Pool
from shared.records import LogRecord
from shared.retry import until_done

Arrival = tuple[LogRecord, Anonymized]
ByPartition = dict[int, list[Outgoing]]
Version = tuple[bytes, int]

_EVENT: Final = decoder(Event)

log = structlog.get_logger()


class EventStep(Protocol):
    """From what was anonymized to what is published."""

    async def events(self, arrivals: Sequence[Arrival]) -> ByPartition:
        """The records of a batch's events, by the partition of their report, in its order."""
        ...


class NoLinking:
    """Every event as it is; for measuring what linking costs, and nothing else."""

    def __init__(self, timed: Timed = untimed) -> None:
        self._timed = timed

    async def events(self, arrivals: Sequence[Arrival]) -> ByPartition:
        """Each event under its own key."""
        outgoing: ByPartition = {}
        with self._timed(Step.ENCODE):
            for record, one in arrivals:
                key = record.key or one.event.event_id.bytes
                event = Outgoing(key, encode(one.event), record.timestamp)
                outgoing.setdefault(record.partition, []).append(event)
        return outgoing


class Linking:
    """Links the events of all municipalities; one batch at a time."""

    def __init__(self, pool: Pool, linkers: Linkers, metrics: Metrics) -> None:
        self._pool = pool
        self._linkers = linkers
        self._metrics = metrics

    async def events(self, arrivals: Sequence[Arrival]) -> ByPartition:
        """What is to be published for the events of a batch, now that it is decided and stored.

        While the database is away it waits: nothing can be published before.
        """
        if not arrivals:
            return {}
        with self._metrics.linking_seconds.time():
            decided = partial(self._decided, arrivals)
            return await until_done(
                decided, on=(*DATABASE_AWAY, DecisionsLostError), action="incidents_decided"
            )

    async def _decided(self, arrivals: Sequence[Arrival]) -> ByPartition:
        by_town: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            by_town.setdefault(arrival[1].event.municipality, []).append(arrival)
        batch = _Batch(arrivals, self._metrics.timed)
        async with self._pool.acquire() as connection:
            for code in by_town:
                await self._linkers.remember(connection, code)
            try:
                async with connection.transaction():
                    await batch.decide(connection, self._linkers, by_town)
            except BaseException:
                self._linkers.forget_undone()
                raise
            self._linkers.done()
        self._measure(batch.decisions)
        if batch.founders_missing:
            self._metrics.founders_missing.inc(batch.founders_missing)
            log.error("founders_missing", count=batch.founders_missing)
        return batch.outgoing()

    def _measure(self, decisions: Sequence[Decision]) -> None:
        metrics = self._metrics
        metrics.events_linked.inc(sum(one.event.incident_id is not None for one in decisions))
        metrics.events_possible.inc(sum(one.possible for one in decisions))
        metrics.events_surplus.inc(sum(one.event.surplus for one in decisions))


class _Published(msgspec.Struct, frozen=True, gc=False):
    """What is published for a version: its own event, and its founder's once more."""

    part: int
    event: bytes
    founder: Founder | None
    incident: bytes | None


class _Batch:
    """The transaction of one batch, and what is published after it."""

    def __init__(self, arrivals: Sequence[Arrival], timed: Timed) -> None:
        self._timed = timed
        self.decisions: list[Decision] = []
        self.founders_missing = 0
        self._arrivals = arrivals
        self._versions = [_version(arrival) for arrival in arrivals]
        self._published: dict[Version, _Published] = {}
        self._founders: Mapping[Founder, tuple[int, bytes]] = {}
        self._rows: list[tuple[object, ...]] = []
        self._tokens: list[tuple[object, ...]] = []
        self._freed: list[Founder] = []

    async def decide(
        self, connection: Connection, linkers: Linkers, by_town: Mapping[str, Sequence[Arrival]]
    ) -> None:
        """Decide what was not decided before, and write it down."""
        with self._timed(Step.LINK_KNOWN):
            last_seqs = dict(await store.hold(connection, sorted(by_town)))
            events = {one.event.event_id for _, one in self._arrivals}
            highest = self._found(await store.known(connection, events))
        for code in sorted(by_town):
            with self._timed(Step.LINK_KNOWN):
                linker = await linkers.current(connection, code, last_seqs[code])
            fresh = self._fresh(by_town[code])
            linkers.deciding(code)
            self._decide(code, linker, linkers, fresh, highest, seq=last_seqs[code])
            last_seqs[code] += len(fresh)
            if fresh:
                linkers.decided(code, last_seqs[code], _version(fresh[-1]))
        with self._timed(Step.LINK_STORE):
            self._founders = await self._found_founders(connection)
            if self._rows:
                await store.write(
                    connection,
                    decisions=self._rows,
                    tokens=self._tokens,
                    freed=self._freed,
                    last_seq=last_seqs,
                )

    def outgoing(self) -> ByPartition:
        """The events in the order of their reports, and behind them each founder once more."""
        outgoing: ByPartition = {}
        founded: dict[Founder, tuple[_Published, int]] = {}
        for (record, _), version in zip(self._arrivals, self._versions, strict=True):
            published = self._published[version]
            outgoing.setdefault(record.partition, []).append(
                Outgoing(version[0], published.event, record.timestamp)
            )
            if published.founder is not None:
                founded.setdefault(published.founder, (published, record.timestamp))
        for founder, (published, timestamp) in founded.items():
            if founder not in self._founders:
                continue  # somebody deleted what was decided of it: there is nothing to publish again
            part, event = self._founders[founder]
            again = _linked(event, published.incident)
            outgoing.setdefault(part, []).append(Outgoing(founder[0], again, timestamp))
        return outgoing

    def _found(self, known: Mapping[bytes, Sequence[store.Stored]]) -> Mapping[bytes, Known]:
        """Take note of what was decided before; the highest version of each event comes back."""
        for versions in known.values():
            for one in versions:
                self._published[one.event_id, one.version] = _Published(
                    one.part, one.event, one.founder, one.incident
                )
        return {
            event_id: Known(_EVENT.decode(one.event), one.incident, one.placed, one.opened_ms)
            for event_id, versions in known.items()
            for one in versions[-1:]
        }

    def _fresh(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """What is to be decided, each version once, in the order of receipt and id."""
        fresh: dict[Version, Arrival] = {}
        for arrival in arrivals:
            version = _version(arrival)
            if version not in self._published:
                fresh.setdefault(version, arrival)
        order = sorted([(one[0].timestamp, version) for version, one in fresh.items()])
        return [fresh[version] for _, version in order]

    def _decide(
        self,
        code: str,
        linker: Linker,
        linkers: Linkers,
        fresh: Sequence[Arrival],
        known: Mapping[bytes, Known],
        *,
        seq: int,
    ) -> None:
        with self._timed(Step.LINK_DECIDE):
            batch = [Sighting(_version(one)[0], one[0].timestamp, one[1]) for one in fresh]
            markable = linkers.markable([one.received_ms for one in batch])
            decided = linker.decide(batch, known, now_ms=linkers.now_ms(), markable=markable)
        places: dict[bytes, tuple[UUID, int]] = {}
        with self._timed(Step.ENCODE):
            for (record, _), one, decision in zip(fresh, batch, decided.decisions, strict=True):
                seq += 1
                places[one.event_id] = decision.event.event_id, seq
                self._write_down(code, seq, record, one.event_id, decision)
        with self._timed(Step.LINK_TOKENS):
            tokens = linkers.tokens(decided.marks, decided.cells)
            self._tokens += [
                (event_id, mark.version, at, code, day, store.expiry(mark.received_ms), token)
                for mark, (day, token) in zip(decided.marks, tokens, strict=True)
                for event_id, at in (places[mark.event_id],)
            ]
        self._freed += decided.freed
        self.decisions += decided.decisions

    def _write_down(
        self, code: str, seq: int, record: LogRecord, event_id: bytes, decision: Decision
    ) -> None:
        event, founder, written = decision.event, decision.founder, encode(decision.event)
        incident = event.incident_id
        self._published[event_id, event.version] = _Published(
            record.partition, written, founder, incident.bytes if incident else None
        )
        self._rows.append(
            (
                event.event_id,
                event.version,
                seq,
                record.timestamp,
                record.partition,
                code,
                written,
                incident,
                UUID(bytes=founder[0]) if founder else None,
                founder[1] if founder else None,
                event.surplus,
                decision.possible,
                decision.placed,
                decision.opened_ms,
            )
        )

    async def _found_founders(self, connection: Connection) -> Mapping[Founder, tuple[int, bytes]]:
        """Partition and bytes, as first published, of every founder to be published once more.

        One whose decision is gone is left out: the joiner is published all the same.
        """
        founders = {self._published[version].founder for version in self._versions}
        wanted = {founder for founder in founders if founder is not None}
        here = wanted & self._published.keys()
        published = {one: (self._published[one].part, self._published[one].event) for one in here}
        found = {**published, **await store.events_of(connection, sorted(wanted - here))}
        self.founders_missing = len(wanted - found.keys())
        return found


def learned_posteriors() -> Posteriors:
    """The table that comes with the program; decision 0026 says how it was made."""
    text = files("services.anonymizer").joinpath("posteriors.json").read_text(encoding="utf-8")
    return Posteriors.of(json.loads(text))


def _version(arrival: Arrival) -> Version:
    """Id and version; the id is the record's key, which the report was opened with."""
    record, one = arrival
    return record.key or one.event.event_id.bytes, one.event.version


def _linked(event: bytes, incident: bytes | None) -> bytes:
    """A founder's event with the incident that it has become the first of."""
    if incident is None:
        raise AssertionError("who names a founder has an incident")
    linked = msgspec.structs.replace(_EVENT.decode(event), incident_id=UUID(bytes=incident))
    return encode(linked)
