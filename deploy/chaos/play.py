"""One run from its first report to its verdict."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from uuid import UUID

from deploy.chaos.beside import beside
from deploy.chaos.content import Content, Scenery, own_id
from deploy.chaos.figures import Outcome
from deploy.chaos.incidents import Incidents
from deploy.chaos.load import Load
from deploy.chaos.oracle import Oracle
from deploy.chaos.place import Place
from deploy.chaos.plan import Fault, first_instances
from deploy.chaos.sending import send_linked, send_reports
from deploy.chaos.storm import Storm, StuckError, Tell
from deploy.chaos.views import Views
from deploy.chaos.watch import Watch
from deploy.chaos.witness import Witness
from deploy.demo.decisions import decisions_in
from shared.identity import event_id
from shared.language import Text
from shared.topics import DEFAULT_PARTITIONS

LOOK_EVERY_S = 0.1
READ_EVERY_S = 1.0
WARM_REPORTS = 1000  # accepted before anything is done to anybody
PATIENCE_S = 90.0
SHOWN_S = 15.0  # what is counted is answered after so long at the most, or is taken for wrong
TELL_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a run does; it begins with `failovers`, one after the other and in quiet, to be timed.

    Shape: keys by actor, `levels` the digits that each level of areas keeps. Unit: `seconds` the
    faults go on, `reports` at least, `rate` per second.
    """

    scenery: Scenery
    municipality: str
    faults: Sequence[Fault]
    failovers: int
    seconds: float
    reports: int
    rate: float
    levels: Sequence[int]
    report_keys: Mapping[str, str] = field(repr=False)
    read_keys: Mapping[str, str] = field(repr=False)


class Play:
    """Plays a script at a place whose servers run already.

    It may have been played at before, with another seed: what was counted then is not compared.
    """

    def __init__(self, place: Place, script: Script, *, tell: Tell) -> None:
        content = Content(script.scenery)
        servers = place.servers
        self._place = place
        self._script = script
        self._tell = tell
        self._load = Load(script.scenery, content)
        self._oracle = Oracle(content, script.scenery.coarse)
        self._watch = Watch(servers.kafka, servers.postgres, reader=place.reader)
        self._witness = Witness(servers.postgres, script.municipality)
        self._storm = Storm(place, self._watch, tell=tell)
        self._views = Views(
            delivery=place.delivery,
            keys=script.read_keys,
            levels=script.levels,
            codes=script.scenery.coarse.keys(),
        )
        self._stopped = asyncio.Event()

    async def outcome(self) -> Outcome:
        """Play it all.

        Raises:
            NotReady: a program did not come back.
            StuckError: nothing moves any more.
            UnexpectedAnswerError: ingest refused what is right.
        """
        began = time.monotonic()
        await self._witness.install()
        await self._place.start_services()
        failovers_s, drained = await beside(
            self._performed(),
            self._watch.look(),
            self._tell_progress(),
            self._views.read_on(every_s=READ_EVERY_S),
        )
        self._say("jämför varje cell", "comparing every cell")
        decisions = await decisions_in(
            self._place.servers.kafka, prefix="", partitions=DEFAULT_PARTITIONS
        )
        self._oracle.learn(decisions, self._event_of)
        comparison = await self._witness.comparison(self._oracle)
        overlapping, writes = await self._witness.overlaps()
        patience_s = 0.0 if comparison.wrong else SHOWN_S
        views = await self._views.sighting(self._oracle, patience_s=patience_s)
        recoveries = self._watch.recoveries
        return Outcome(
            reports=self._oracle.reports,
            linked=self._oracle.linked,
            incidents_found=len(decisions.members),
            incidents_halved=decisions.halved,
            decided_again=len(decisions.again),
            moves={move.value: count for move, count in self._load.sent.items()},
            faults=dict(self._storm.struck),
            fencings=self._place.fencings,
            overlapping=overlapping,
            writes=writes,
            drained=drained,
            comparison=comparison,
            recovery_s=recoveries.longest(),
            recovery_alone_s=recoveries.longest_alone(),
            failovers_s=failovers_s,
            views=views,
            read=dict(self._views.read),
            seconds=time.monotonic() - began,
        )

    def _event_of(self, number: int) -> UUID:
        script = self._script
        actors = script.scenery.actors
        return event_id(
            self._place.installation_secret,
            municipality=script.municipality,
            actor=actors[number % len(actors)],
            own_id=own_id(script.scenery.seed, number),
        )

    async def _performed(self) -> tuple[list[float], bool]:
        """Load and faults, then only what is still on its way."""
        try:
            async with asyncio.TaskGroup() as both:
                sent = both.create_task(self._sent())
                struck = both.create_task(self._struck(sent))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return struck.result(), await self._drained()

    async def _sent(self) -> None:
        """Both streams until they are told to stop."""
        script = self._script
        await asyncio.gather(
            send_reports(
                self._load,
                self._oracle,
                ingest=self._place.ingest,
                keys=script.report_keys,
                rate=script.rate,
                stopped=self._stopped,
            ),
            send_linked(
                Incidents(script.scenery),
                self._oracle,
                kafka=self._place.servers.kafka,
                municipality=script.municipality,
                stopped=self._stopped,
            ),
        )

    async def _struck(self, sent: "asyncio.Task[None]") -> list[float]:
        """The faults under load: first those that have all the quiet they need to be timed."""
        script = self._script
        await self._until(lambda: self._oracle.reports >= WARM_REPORTS, "the first reports")
        await self._storm.shared()
        aggregators = cycle(first_instances()["aggregator"])
        failovers_s = [
            await self._storm.fail_over(name) for name in islice(aggregators, script.failovers)
        ]
        began = time.monotonic()
        await self._storm.rage(script.faults)
        await asyncio.sleep(max(0.0, began + script.seconds - time.monotonic()))
        while self._oracle.reports < script.reports:  # noqa: ASYNC110 - it is far away
            await asyncio.sleep(LOOK_EVERY_S)
        await self._storm.recovered()
        self._stopped.set()
        await self._until(sent.done, "the last answers")
        return failovers_s

    async def _drained(self) -> bool:
        """Whether everything that was accepted has been counted in time; progress gives time."""
        await self._watch.looked_anew()
        moved_at, before = time.monotonic(), self._watch.sight
        while not self._watch.sight.is_drained:
            if self._watch.sight != before:
                moved_at, before = time.monotonic(), self._watch.sight
            if time.monotonic() - moved_at > PATIENCE_S:
                return False
            await asyncio.sleep(LOOK_EVERY_S)
        return True

    async def _until(self, is_so: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():  # noqa: ASYNC110 - it is polled anyway
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise StuckError(what) from None

    async def _tell_progress(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            faults, accepted = self._storm.struck.total(), self._oracle.reports
            self._say(
                f"{accepted:,} rapporter kvitterade, {faults} fel",
                f"{accepted:,} reports acknowledged, {faults} faults",
            )

    def _say(self, sv: str, en: str) -> None:
        self._tell(Text(sv=sv, en=en))
