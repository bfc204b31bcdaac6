"""Each key from one state to the next, so that no clock and no kill loses a report (decision 0022).

A report's key: made and announced → usable → *retired*, announced → after a grace in which every
ingest has heard of it or has stopped sealing → the ends of all partitions are noted → when the
group has processed up to there, destroyed → its announcement is withdrawn. Every step can be
taken again by anybody: what stands in the folder says which one is next.

What must have gone by before a key may go is in `waits`. Age is the wall clock's business, which may be wrong: by age
a key goes when we have known it for some minutes in which what waits could be processed, and when
nobody can seal to it any more, because it was retired, or because it has been here for its whole life.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from services.anonymizer.domain.lifetimes import (
    ClockWatch,
    Purpose,
    has_had_its_time,
    period_of,
)
from services.anonymizer.keys.announcer import Announcer
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import Announced, KeyEntry, State
from services.anonymizer.keys.making import Making
from services.anonymizer.keys.reports_log import Log
from services.anonymizer.keys.rounds import Rounds
from services.anonymizer.keys.waits import Paces, Waits
from services.anonymizer.keys.words import Words
from services.anonymizer.metrics import Metrics
from shared import background
from shared.kafka import KAFKA_AWAY

WELL_SECONDS = 120.0

log = structlog.get_logger()


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The two clocks: what people call now, and seconds that never go back."""

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic


REAL = Clock()


class KeyLife:
    """Looks after the keys of one installation; each of its anonymizers has one."""

    def __init__(
        self,
        folder: KeyFolder,
        reports: Log,
        announcer: Announcer,
        *,
        clock: Clock,
        paces: Paces,
        metrics: Metrics,
    ) -> None:
        self._folder = folder
        self._reports = reports
        self._clock = clock
        self._paces = paces
        self._metrics = metrics
        self._watch = ClockWatch()
        self._words = Words(folder, announcer, now=clock.now)
        self._making = Making(
            folder, monotonic=clock.monotonic, on_again=metrics.keys_made_again.inc
        )
        self._waits = Waits(folder, paces=paces, monotonic=clock.monotonic)
        self._deleted_at = float("-inf")
        self._rounds = Rounds(folder.path, monotonic=clock.monotonic)
        metrics.watch_key_rounds(self._rounds.seconds_since_done)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; there is a key to announce when this returns."""
        self.look_at_ages()
        self._tasks = [
            background.start(self._ages(), action="key_ages"),
            background.start(self._looking_at_log(), action="key_rounds"),
        ]

    async def stop(self) -> None:
        """End; whatever was begun is gone on with by the next one."""
        for task in self._tasks:
            await background.stop(task)

    def is_well(self) -> bool:
        """Whether there is a key to seal to, and rounds with Kafka come to their end, ours or others'."""
        usable = any(
            one.purpose is Purpose.REPORT
            and (one.state, one.announced) == (State.USABLE, Announced.USABLE)
            for one in self._folder.entries
        )
        return usable and self._rounds.seconds_since_done() < WELL_SECONDS

    def look_at_ages(self) -> None:
        """What needs no Kafka: make what is missing, destroy what is too old."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        if self._watch.has_jumped(now.timestamp(), monotonic):
            self._waits.doubt(self._live())
            log.info("clock_doubted", wait_seconds=self._paces.drain)
        self._folder.sweep()
        self._making.make_missing(now)
        self._waits.begin(self._live())
        for entry in self._live():
            if now < entry.goes_at:
                self._waits.is_in_time(entry)
            elif self._waits.may_go_by_age(entry, taken_at=self._words.taken_at):
                self._destroy(entry, reason="age")
            elif self._waits.lacks_word(entry, taken_at=self._words.taken_at):
                self._words.repeat()
        self._show()

    async def look_at_log(self) -> None:
        """One round with Kafka, unless another instance is having one.

        Raises:
            shared.kafka.KAFKA_AWAY: Kafka does not answer.
        """
        with self._rounds.one() as ours:
            self._folder.refresh()
            if ours:
                await self._words.say()
                self._retire()
                await self._words.say()
                await self._note_ends()
                await self._destroy_processed()
                await self._delete_now_and_then()
        self._waits.begin(self._live())
        self._show()

    async def _ages(self) -> None:
        while True:
            await asyncio.sleep(self._paces.rounds)
            self.look_at_ages()
            if self._rounds.is_long():
                self._rounds.judge(answers=await self._kafka_answers())

    async def _kafka_answers(self) -> bool:
        try:
            await background.to_its_end(self._reports.ends())
        except KAFKA_AWAY:
            return False
        return True

    async def _looking_at_log(self) -> None:
        while True:
            try:
                await background.to_its_end(self.look_at_log())
            except KAFKA_AWAY as error:
                log.warning("key_round_missed", error_type=type(error).__name__)
            await asyncio.sleep(self._paces.rounds)

    def _live(self) -> list[KeyEntry]:
        return [one for one in self._folder.entries if one.state is not State.DESTROYED]

    def _reports_keys(self, *states: State) -> list[KeyEntry]:
        return [
            one
            for one in self._folder.entries
            if one.purpose is Purpose.REPORT and one.state in states
        ]

    def _retire(self) -> None:
        """Retire what has had its time, as soon as there is another one to seal to."""
        now = self._clock.now()
        hour = period_of(Purpose.REPORT, now)
        usable = self._reports_keys(State.USABLE)
        if not any((one.start, one.announced) == (hour, Announced.USABLE) for one in usable):
            return
        for entry in usable:
            if has_had_its_time(entry.start, now):
                self._folder.change(entry, state=State.RETIRED, retired_at=now)

    async def _note_ends(self) -> None:
        """After the grace nothing new is sealed to a key, so all that ever was lies before the ends."""
        waiting = [
            one
            for one in self._reports_keys(State.RETIRED)
            if one.ends is None and self._waits.has_had_grace(one)
        ]
        if waiting:
            ends = tuple(await self._reports.ends())
            for entry in waiting:
                self._folder.change(entry, ends=ends)

    async def _destroy_processed(self) -> None:
        waiting = [one for one in self._reports_keys(State.RETIRED) if one.ends is not None]
        if not waiting:
            return
        processed = await self._reports.processed()
        done = [
            one
            for one in waiting
            if all(at >= end for at, end in zip(processed, one.ends or (), strict=True))
        ]
        for entry in done:
            self._destroy(entry, reason="processed")
        if done:
            await self._delete()

    async def _delete_now_and_then(self) -> None:
        if self._clock.monotonic() - self._deleted_at >= self._paces.delete:
            await self._delete()

    async def _delete(self) -> None:
        await self._reports.delete_processed()
        self._deleted_at = self._clock.monotonic()

    def _destroy(self, entry: KeyEntry, *, reason: str) -> None:
        self._folder.destroy(entry)
        self._metrics.keys_destroyed.labels(entry.purpose, reason).inc()
        log.info("key_destroyed", kind=entry.purpose, reason=reason)

    def _show(self) -> None:
        self._metrics.show_keys((one.purpose, one.state) for one in self._live())
        today = period_of(Purpose.LINKING, self._clock.now())
        todays = [
            one.state
            for one in self._folder.entries
            if (one.purpose, one.start) == (Purpose.LINKING, today)
        ]
        self._metrics.linking_key_is_missing.set(todays[-1:] == [State.DESTROYED])
