"""Reports into the demo municipality with personal data wherever an actor can put any."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from deploy.embedded.up import default_pack
from services.tracing.anonymized import Ground, ground_of
from services.tracing.stage import Name, Stage
from services.tracing.walk import Question, Walk, walked
from shared.language import Language
from shared.pack import load_pack

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
PERSONAL: dict[str, Any] = {
    "id": "K1234567-26 Anna Andersson",
    "text": "Anna Andersson 850412-1234, tel 070-123 45 67, Storgatan 12, bil ABC 123, bråk med Bengt",
    "extra": {"målsägande": {"namn": "Anna Andersson", "epost": "anna@example.se", "kön": 2}},
}
SECRETS = (
    "K1234567",
    "Anna",
    "Andersson",
    "850412",
    "070-123",
    "Storgatan",
    "ABC 123",
    "Bengt",
    "målsägande",
    "epost",
    "anna@example.se",
    "59.20417",
    "17.10233",
    "07:42:31",
    "06:42:31",
    "08:42:31",
)


def a_report(**changes: Any) -> dict[str, Any]:
    """A robbery (S2) inside area 111, with personal data in every field that takes any."""
    return {
        **PERSONAL,
        "indicator": "robbery",
        "occurred_at": "2026-11-28T07:42:31+01:00",
        "location": {"lat": 59.20417, "lon": 17.10233},
        **changes,
    }


@cache
def ground() -> Ground:
    """The demo municipality, read once."""
    return ground_of(load_pack(default_pack()))


def question(**changes: Any) -> Question:
    """The walk of a report of the police, at `NOW`."""
    asked = {"ground": ground(), "actor": "police", "now": NOW, "language": Language.EN}
    return Question(**{**asked, **changes})


def walk_of(report: dict[str, Any], **changes: Any) -> Walk:
    """The walk of a report."""
    return walked(report, question(**changes))


def stage(walk: Walk, name: Name) -> Stage:
    """One stage of a walk."""
    return next(one for one in walk.stages if one.name is name)


def event_of(walk: Walk) -> dict[str, Any]:
    """The event on the wire."""
    assert walk.wire is not None
    event: dict[str, Any] = json.loads(walk.wire)
    return event
