"""The stages in their order: one row in, everything that is told of it out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.anonymizer.domain.anonymize import Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.ingest.domain.parse import Row
from services.ingest.domain.validate import Accepted
from services.tracing.anonymized import (
    Ground,
    anonymized,
    coarsened_stage,
    located_stage,
    read_stage,
    tripwire_stage,
)
from services.tracing.counted import counted_stage
from services.tracing.fates import fates_of
from services.tracing.given import Field, fields_of, given_stage
from services.tracing.leaks import Expected, Leak, leaks_in
from services.tracing.leaving import leaving_stage
from services.tracing.linking import linking_stage
from services.tracing.sealing import sealed_and_opened, sealed_stage
from services.tracing.stage import Name, Stage
from services.tracing.taken import accepted_stage, refused_stage, taken
from shared.language import Language
from shared.messages.codec import encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How a report is to be walked through. Unit: `now` aware UTC."""

    ground: Ground
    actor: str
    now: datetime
    language: Language
    show_values: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What was seen. Shape: `wire` is `None` when nothing leaves."""

    accepted: bool
    stages: tuple[Stage, ...]
    wire: bytes | None = None
    leaks: tuple[Leak, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the report was accepted and became an event without a leak."""
        return self.wire is not None and not self.leaks

    def as_json(self) -> dict[str, Any]:
        """The walk for `--json`: the same keys and ten stages whatever happens."""
        return {
            "accepted": self.accepted,
            "stages": [stage.as_json() for stage in self.stages],
            "event": None if self.wire is None else json.loads(self.wire),
            "leaks": [leak.as_json() for leak in self.leaks],
        }


def walked(row: Row, question: Question) -> Walk:
    """Take the row through every stage that it comes to."""
    fields = fields_of(row) if isinstance(row, dict) else ()
    tops = list(dict.fromkeys(one.name.partition(".")[0] for one in fields))
    first = given_stage(fields, actor=question.actor, show_values=question.show_values)
    found = taken(row, question.ground.pack, question.actor, question.now)
    if not isinstance(found, Accepted):
        refused = refused_stage(found, tops, question.language)
        return Walk(accepted=False, stages=_filled([first, refused]))
    accepted = accepted_stage(found.report, tops)
    return _behind([first, accepted], found, fields, question)


def _behind(
    stages: list[Stage], taken_in: Accepted, fields: tuple[Field, ...], question: Question
) -> Walk:
    """From the seal on: what becomes of an accepted report."""
    event_id, report = taken_in
    sealed = sealed_and_opened(event_id, report, question.now)
    outcome = anonymized(question.ground, Opened(event_id, sealed.plain))
    stages += [sealed_stage(sealed, fields, stages[-1].kept), read_stage(report, outcome)]
    leaks = [Leak("sealed", name) for name in sealed.holds(fields)]
    if not isinstance(outcome, Anonymized):
        return Walk(accepted=True, stages=_filled(stages), leaks=tuple(leaks))
    pack, event = question.ground.pack, outcome.event
    wire = encode(event)
    leaks += leaks_in(wire, Expected(pack, event_id, report.version, fields))
    kept = list(json.loads(wire))
    stages += [
        located_stage(question.ground, report, event),
        coarsened_stage(question.ground, report, event),
        tripwire_stage(event),
        linking_stage(pack, outcome),
        leaving_stage(wire, kept, fates_of(fields, report, event), leaks),
        counted_stage(pack, event, question.now),
    ]
    return Walk(accepted=True, stages=_filled(stages), wire=wire, leaks=tuple(leaks))


def _filled(stages: list[Stage]) -> tuple[Stage, ...]:
    """All ten: those that the report did not come to, say so."""
    by_name = {stage.name: stage for stage in stages}
    return tuple(_each(by_name))


def _each(by_name: dict[Name, Stage]) -> Iterator[Stage]:
    for name in Name:
        yield by_name.get(name) or Stage(name=name, reached=False)
