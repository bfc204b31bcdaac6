"""The summary of a run, and every reason why it is not well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.demo.audit import Findings
from deploy.demo.play import Play
from deploy.demo.receiver import Agreed, Inbox, Push
from deploy.demo.tally import Tally
from deploy.demo.truth import Truth
from shared.language import Language, Text
from shared.postgres import DATABASE_AWAY
from shared.retry import until_done


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the demo proves.

    Shape: all is well without `problems`. Unit: `first_push_s` seconds from the start of the
    command, None without a push; latencies in milliseconds, None without a sample.
    """

    reports_accepted: int
    reports_rejected: int
    findings: Findings
    pushes: int
    pushes_verified: int
    first_push_s: float | None
    p50_ms: float | None
    p99_ms: float | None
    problems: Sequence[Text]

    @property
    def ok(self) -> bool:
        """Whether everything is counted exactly once and every push is right."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The keys of `lagesbild demo --json`; a contract (README)."""
        return {
            "ok": self.ok,
            "reports_accepted": self.reports_accepted,
            "reports_rejected": self.reports_rejected,
            "events_counted": self.findings.events_counted,
            "cells_checked": self.findings.cells_checked,
            "cells_wrong": self.findings.cells_wrong,
            "pushes": self.pushes,
            "pushes_verified": self.pushes_verified,
            "first_push_s": self.first_push_s,
            "latency_ms": {"p50": self.p50_ms, "p99": self.p99_ms},
        }

    def as_text(self, language: Language) -> str:
        """The same for people; what is not well is told by `problems`."""
        rows = (
            (Text("rapporter mottagna", "reports accepted"), self.reports_accepted),
            (
                Text("rader avvisade, alla med rätta", "rows refused, all rightly"),
                self.reports_rejected,
            )
            if self.ok
            else (Text("rader avvisade", "rows refused"), self.reports_rejected),
            (Text("händelser räknade", "events counted"), self.findings.events_counted),
            (
                Text("antal jämförda med facit", "counts compared with the truth"),
                self.findings.cells_checked,
            ),
            (Text("antal som var fel", "counts that were wrong"), self.findings.cells_wrong),
            (Text("bilder skickade", "pictures sent"), self.pushes),
            (
                Text("bilder med äkta underskrift", "pictures with a genuine signature"),
                self.pushes_verified,
            ),
            (Text("första bilden efter (s)", "first picture after (s)"), self.first_push_s),
            (
                Text("från 202 till räknad, hälften (ms)", "from 202 to counted, half (ms)"),
                self.p50_ms,
            ),
            (
                Text("från 202 till räknad, 99 % (ms)", "from 202 to counted, 99 % (ms)"),
                self.p99_ms,
            ),
        )
        verdict = (
            Text(
                "✔ Allt är räknat precis en gång, och varje bild stämmer.",
                "✔ Everything is counted exactly once, and every picture is right.",
            )
            if self.ok
            else Text("✘ Något är inte som det ska.", "✘ Something is not as it should be.")
        )
        lines = [
            f"{text.in_(language):<36}{'–' if value is None else value:>10}" for text, value in rows
        ]
        return "\n".join((verdict.in_(language), *lines))


async def judged(play: Play, *, drained: bool, counted_at: datetime, started: float) -> Summary:
    """Compare everything that happened with the truth.

    Unit: `counted_at` is when everything was counted, `started` is of the monotonic clock.
    """
    tally, clock = play.tally, play.stopwatch
    await play.learn_incidents()
    findings = await until_done(
        lambda: play.auditor.findings(play.truth), on=DATABASE_AWAY, action="audit"
    )
    found = list(report_problems(tally, findings, drained=drained))
    for inbox in play.inboxes:
        found += push_problems(inbox, play.truth, composed_after=counted_at)
    first = tally.first_push_at
    return Summary(
        reports_accepted=tally.accepted,
        reports_rejected=tally.rejected,
        findings=findings,
        pushes=sum(inbox.total for inbox in play.inboxes),
        pushes_verified=sum(inbox.verified for inbox in play.inboxes),
        first_push_s=None if first is None else round(first - started, 1),
        p50_ms=clock.percentile_ms(0.50),
        p99_ms=clock.percentile_ms(0.99),
        problems=found,
    )


def wrong_numbers(push: Push, agreed: Agreed, truth: Truth) -> int:
    """How many cells of a view differ from the truth at the view's instant."""
    if push.as_of is None:
        return 0
    pushed = {
        (one.area, one.indicator, one.window): (one.reports, one.incidents) for one in push.cells
    }
    expected = {
        (area, indicator, window): both
        for window in agreed.windows
        for (area, indicator), both in truth.window(
            window, push.as_of, indicators=agreed.shown
        ).items()
    }
    return sum(pushed.get(cell) != expected.get(cell) for cell in {*pushed, *expected})


def report_problems(tally: Tally, findings: Findings, *, drained: bool) -> Iterator[Text]:
    """Everything that must not happen between a report and its count, and did."""
    if not tally.accepted:
        yield Text("Ingen rapport togs emot.", "No report was accepted.")
    if tally.misjudged:
        yield Text(
            f"{tally.misjudged} rader bedömdes fel: rätta avvisades eller felaktiga togs emot.",
            f"{tally.misjudged} rows were misjudged: right ones refused or wrong ones accepted.",
        )
    for status, times in sorted(tally.unexpected.items()):
        yield Text(
            f"Mottagningen svarade {status} på {times} riktiga anrop.",
            f"Ingest answered {status} to {times} right requests.",
        )
    if not drained:
        yield Text(
            f"{tally.waiting_for} händelser räknades aldrig i sin senaste version.",
            f"{tally.waiting_for} events were never counted in their newest version.",
        )
    yield from _miscounts(findings)


def push_problems(inbox: Inbox, truth: Truth, *, composed_after: datetime) -> Iterator[Text]:
    """Everything that must not happen to a subscriber, and did.

    Unit: `composed_after` is when everything was counted; a view of that time must be here.
    """
    name = inbox.agreed.subscriber
    if not inbox.verified:
        yield Text(f"Ingen bild nådde {name}.", f"No view reached {name}.")
    if inbox.verified < inbox.total:
        faults = ", ".join(sorted(fault.value for fault in inbox.faults))
        yield Text(
            f"{inbox.total - inbox.verified} bilder till {name} gick inte att lita på: {faults}.",
            f"{inbox.total - inbox.verified} views to {name} could not be trusted: {faults}.",
        )
    last = inbox.last
    if last is None or not last.is_newer_than(composed_after):
        yield Text(
            f"Den slutliga bilden nådde aldrig {name}.", f"The final view never reached {name}."
        )
    elif wrong := wrong_numbers(last, inbox.agreed, truth):
        yield Text(
            f"{wrong} tal i den slutliga bilden till {name} är fel.",
            f"{wrong} numbers of the final view to {name} are wrong.",
        )


def _miscounts(findings: Findings) -> Iterator[Text]:
    if findings.cells_wrong:
        yield Text(
            f"{findings.cells_wrong} av {findings.cells_checked} antal är fel.",
            f"{findings.cells_wrong} of {findings.cells_checked} counts are wrong.",
        )
    if findings.events_wrong:
        yield Text(
            f"{findings.events_wrong} händelser är räknade på fel sätt.",
            f"{findings.events_wrong} events are counted in a wrong way.",
        )
    if findings.events_counted != findings.events_true:
        yield Text(
            f"{findings.events_counted} händelser är räknade; det ska vara {findings.events_true}.",
            f"{findings.events_counted} events are counted; there should be {findings.events_true}.",
        )
