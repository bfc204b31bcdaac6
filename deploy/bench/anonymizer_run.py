"""One run of `lagesbild bench anonymizer`: fill the topic, let one anonymizer drain it; twice.

First without linking, which leaves nothing behind, then the same reports, sealed anew, with it.
"""

from dataclasses import dataclass, replace

import aiohttp

from deploy.bench import watch
from deploy.bench.anonymizer_figures import ANONYMIZER, AnonymizerFigures, Drained, step_seconds
from deploy.bench.looking import Looking
from deploy.bench.place import Place, Tell
from deploy.bench.reports import Reports
from deploy.bench.samples import Course
from deploy.bench.sealed_fill import announced, ends, filled, outcome
from deploy.embedded.folder import Folders
from deploy.embedded.keys import secrets_in
from deploy.embedded.ready import Ready
from shared.language import Text
from shared.topics import ANONYMIZER_GROUP, DEFAULT_PARTITIONS, REPORTS

LINKING = "LAGESBILD_LINKING"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymizerRun:
    """Measures one anonymizer on a log of these reports."""

    place: Place
    reports: Reports
    events: int
    tell: Tell

    async def measured(self, *, load_average: tuple[float, ...]) -> AnonymizerFigures:
        """The figures of the run; everything that it started is stopped.

        Raises:
            CannotStart, NotReady, StalledError: it cannot be measured.
        """
        async with self.place.servers() as stack:
            async with self.place.services(stack.ready, ANONYMIZER):
                pass  # it has announced a key when it is ready
            unlinked = await self._drained(stack.ready, linking="off")
            linked = await self._drained(stack.ready, linking="on")
        records = len(self.reports.made)
        return AnonymizerFigures(
            linked=linked,
            unlinked=unlinked,
            linkable=self.reports.linkable,
            load={
                "events": self.events,
                "records": records,
                "kinds": {
                    kind: round(count / records, 3) for kind, count in self.reports.kinds.items()
                },
                "places": {
                    way: round(count / self.events, 3) for way, count in self.reports.ways.items()
                },
            },
            load_average=load_average,
        )

    async def _drained(self, servers: Ready, *, linking: str) -> Drained:
        before = await ends(servers.kafka)
        await self._fill(servers)
        course, steps = await self._timed(servers, linking)
        rate = f"{course.per_second:,.0f}/s"
        self.tell(Text(f"länkning {linking}: {rate}", en=f"linking {linking}: {rate}"))
        found = await outcome(servers.kafka, before)
        return Drained(course=course, step_s=steps, outcome=found)

    async def _fill(self, servers: Ready) -> None:
        folder = Folders(self.place.folder / "services").secrets
        secrets = secrets_in(folder, actors=self.place.pack.actors)
        key = await announced(servers.kafka, secrets.root.announcing().verify_key)
        await filled(servers.kafka, key, self.reports.made)
        records = f"{len(self.reports.made):,}"
        self.tell(Text(f"{records} rapporter förseglade", en=f"{records} reports sealed"))

    async def _timed(self, servers: Ready, linking: str) -> tuple[Course, dict[str, float]]:
        """Start the anonymizer before its filled topic, and look until it is through."""
        known = {name: pid for name, pid in servers.pids.items() if pid}
        goal = len(self.reports.made)
        place = replace(self.place, environment={**self.place.environment, LINKING: linking})
        async with (
            watch.committed(
                servers.kafka, ANONYMIZER_GROUP, REPORTS.name, partitions=DEFAULT_PARTITIONS
            ) as passed,
            Looking(ANONYMIZER, passed, known, goal, self.tell).until_through() as looking,
            place.services(servers, ANONYMIZER) as stack,
        ):
            samples = await looking
            steps = step_seconds(await _text(stack.ready.metrics[ANONYMIZER]))
        return Course(samples, records=goal, events=self.events), steps


async def _text(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.text()
