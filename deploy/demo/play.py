"""One performance on a running stack: actors report, subscribers receive, then all is checked.

The order of the end matters: sending stops; one last report per partition is sent, so that once
these are counted everything before them has been handled, old versions and all; then one more
view must reach each subscriber, composed after that.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

import aiohttp

from deploy.demo import cast
from deploy.demo.audit import Auditor
from deploy.demo.decisions import decisions_in
from deploy.demo.desk import Desk
from deploy.demo.draft import Form, Request
from deploy.demo.latency import Stopwatch, follow
from deploy.demo.receiver import Inbox, Push, Receiver
from deploy.demo.senders import Sender
from deploy.demo.simulator import Reporter
from deploy.demo.subscribe import approve, subscribe
from deploy.demo.tally import Phase, Tally
from deploy.demo.truth import Truth
from deploy.embedded.ready import Ready
from shared.identity import event_id, partition_of
from shared.language import Language
from shared.pack.model import Pack
from shared.postgres import DATABASE_AWAY
from shared.topics import DEFAULT_PARTITIONS

HISTORY_ROWS = 2_000  # before the run, so that the picture is not empty when it is first seen
MOST_BEHIND_S = 5.0  # an actor that could not send catches up with this much and lets the rest go
LOOK_EVERY_S = 1.0
DRAIN_LOOK_S = 0.2
PATIENCE_S = 60.0  # without any progress; a lease of a dead sender is over in half of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the performance is given.

    Shape: `ready` tells the current process ids on every call; `tag` is new with every run.
    Unit: `rate` in reports per second of all actors together, `now` aware UTC.
    """

    pack: Pack
    ready: Callable[[], Ready]
    secret: bytes
    rate: float
    seed: int
    tag: str
    topic_prefix: str
    language: Language
    now: Callable[[], datetime]


class Play:
    """The performance, on an installation where nothing is counted yet.

    `async with` puts up and takes down its own servers and connections.

    `truth`, `stopwatch`, `inboxes` and `auditor` are for whoever judges it.
    """

    def __init__(self, setting: Setting, tally: Tally) -> None:
        self._setting = setting
        self._exit = AsyncExitStack()
        self._pushed = asyncio.Event()
        self._session = aiohttp.ClientSession()
        ready, pack = setting.ready(), setting.pack
        ground = cast.ground(pack)
        self._reporters = [
            Reporter(part, ground, seed=setting.seed, tag=setting.tag)
            for part in cast.parts(pack, rate=setting.rate)
        ]
        self.tally = tally
        self.truth = Truth(cast.coarse(pack))
        self.stopwatch = Stopwatch()
        self.inboxes: list[Inbox] = []
        self._seen = 0
        self.auditor = Auditor(ready.postgres, pack.code, event_id=self._event_id)
        self._desk = Desk(
            {reporter.actor: self._sender(reporter.actor) for reporter in self._reporters},
            truth=self.truth,
            tally=tally,
            stopwatch=self.stopwatch,
            event_id=self._event_id,
        )

    async def __aenter__(self) -> Self:
        try:
            await self._set_up()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def tell_history(self) -> None:
        """Let every actor report the last days, then let the data owner approve subscriptions.

        So the first picture that anyone is sent shows something.
        """
        self.tally.phase = Phase.HISTORY
        async with asyncio.TaskGroup() as actors:
            for reporter in self._reporters:
                actors.create_task(self._report_history(reporter))
        ready = self._setting.ready()
        wanted = [inbox.agreed.subscription for inbox in self.inboxes]
        await approve(self._session, ready.delivery, wanted, owner_key=ready.keys.owner)

    async def act(self, stopped: asyncio.Event) -> None:
        """Let every actor report until the event is set, then send the last words."""
        self.tally.phase = Phase.PLAYING
        self._seen = self.tally.accepted
        async with asyncio.TaskGroup() as actors:
            for reporter in self._reporters:
                actors.create_task(self._report(reporter, stopped))
        await self._close()

    async def drained(self) -> bool:
        """Wait until the counts rest on everything accepted; False when they never will."""
        self.tally.phase = Phase.DRAINING
        missing = list(self.truth.winners.values())
        patient_until = time.monotonic() + PATIENCE_S
        while True:
            self.tally.waiting_for = len(missing)
            if not missing or time.monotonic() > patient_until:
                return not missing
            try:
                left = await self.auditor.missing(missing)
            except DATABASE_AWAY:
                left = missing
            if len(left) < len(missing):
                patient_until = time.monotonic() + PATIENCE_S
            missing = left
            await asyncio.sleep(DRAIN_LOOK_S if missing else 0)

    async def learn_incidents(self) -> None:
        """Tell the truth which reports were found to be of one incident."""
        ready = self._setting.ready()
        decisions = await decisions_in(
            ready.kafka, prefix=self._setting.topic_prefix, partitions=DEFAULT_PARTITIONS
        )
        self.truth.learn(decisions, self._event_id)

    async def last_views(self, composed_after: datetime) -> bool:
        """Wait for a verified view of each subscriber that is newer; False when none comes."""
        self.tally.phase = Phase.CHECKING
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not all(
                    inbox.last and inbox.last.is_newer_than(composed_after)
                    for inbox in self.inboxes
                ):
                    self._pushed.clear()
                    await self._pushed.wait()
        except TimeoutError:
            return False
        return True

    async def _set_up(self) -> None:
        self._exit.push_async_callback(self._session.close)
        self.tally.expect(reporter.actor for reporter in self._reporters)
        await self._subscribe()
        for work in (follow(self._setting.ready().postgres, self.stopwatch), self._look()):
            self._exit.push_async_callback(_cancelled, asyncio.create_task(work))

    async def _report_history(self, reporter: Reporter) -> None:
        for request in reporter.history(self._setting.now(), HISTORY_ROWS):
            await self._desk.send(request, timed=False)

    async def _report(self, reporter: Reporter, stopped: asyncio.Event) -> None:
        setting, clock = self._setting, asyncio.get_running_loop()
        due = clock.time()
        while not stopped.is_set():
            impulse = reporter.impulse(setting.now(), rate=setting.rate)
            for request in impulse.requests:
                await self._desk.send(request)
            due = max(due + impulse.pause_s, clock.time() - MOST_BEHIND_S)
            await _set_within(stopped, due - clock.time())

    async def _close(self) -> None:
        """Send one report to every partition, after everything else."""
        reporter = self._reporters[0]
        by_partition: dict[int, str] = {}
        while len(by_partition) < DEFAULT_PARTITIONS:
            own_id = reporter.fresh_id()
            partition = partition_of(self._event_id(reporter.actor, own_id), DEFAULT_PARTITIONS)
            by_partition.setdefault(partition, own_id)
        now = self._setting.now()
        drafts = [reporter.closing(now, own_id) for own_id in by_partition.values()]
        await self._desk.send(Request(reporter.actor, Form.NDJSON, drafts))

    async def _subscribe(self) -> None:
        ready, session = self._setting.ready(), self._session
        for wish in cast.wishes(self._setting.pack):
            receiver = Receiver(now=self._setting.now, on_push=self._on_push)
            address = await receiver.start()
            self._exit.push_async_callback(receiver.stop)
            key = ready.keys.actors[wish.actor]["read"]
            agreed = await subscribe(session, ready.delivery, wish, receiver=address, key=key)
            self.inboxes.append(receiver.expect(agreed))

    def _sender(self, actor: str) -> Sender:
        ready = self._setting.ready()
        return Sender(
            self._session,
            ready.ingest,
            key=ready.keys.actors[actor]["report"],
            language=self._setting.language.value,
            on_retry=self._on_retry,
        )

    def _on_retry(self) -> None:
        self.tally.tries_again += 1

    def _on_push(self, push: Push) -> None:
        if push.fault is None and self.tally.first_push_at is None:
            self.tally.first_push_at = time.monotonic()
        self._pushed.set()

    async def _look(self) -> None:
        """See once a second what the screen cannot know otherwise."""
        tally = self.tally
        while True:
            if tally.phase is Phase.PLAYING:
                tally.accepted_each_second.append(tally.accepted - self._seen)
                self._seen = tally.accepted
            tally.see(self._setting.ready().pids)
            with suppress(*DATABASE_AWAY):  # it is being started again; the last number stands
                tally.events_counted = await self.auditor.live_events()
            await asyncio.sleep(LOOK_EVERY_S)

    def _event_id(self, actor: str, own_id: str) -> UUID:
        return event_id(
            self._setting.secret,
            municipality=self._setting.pack.code,
            actor=actor,
            own_id=own_id,
        )


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])
