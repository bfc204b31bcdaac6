"""The rows as actors write them: every optional field present, absent, or full of persons."""

from datetime import datetime
from random import Random

from deploy.demo.draft import Telling
from deploy.demo.faults import Body
from deploy.demo.people import Person, invented

HAS_TEXT = 0.6
HAS_EXTRA = 0.3
IS_CONFIRMED = 0.9


def row_of(telling: Telling, rng: Random) -> Body:
    """The row that tells it; a withdrawal says little more than its id and version."""
    person = invented(rng)
    row: Body = {"id": telling.own_id}
    if telling.version > 1 or rng.random() < 0.5:
        row["version"] = telling.version
    if telling.occurred_at is None:
        row["withdrawn"] = True
    else:
        row["indicator"] = telling.indicator
        row["occurred_at"] = _iso(telling.occurred_at, rng)
        row["location"] = telling.location
        if rng.random() > IS_CONFIRMED:
            row["confirmed"] = False
    if rng.random() < HAS_TEXT:
        row["text"] = _text(person, rng)
    if rng.random() < HAS_EXTRA:
        row["extra"] = _extra(person)
    return row


def _iso(instant: datetime, rng: Random) -> str:
    """ISO 8601 with an offset; many systems write UTC by its letter."""
    text = instant.isoformat()
    return text.replace("+00:00", "Z") if rng.random() < 0.5 else text


def _text(person: Person, rng: Random) -> str:
    return rng.choice(
        (
            f"{person.name} ({person.personal_number}) ringde, nås på {person.phone}.",
            f"Vittne: {person.name}, {person.address}. E-post {person.email}",
            f"Gäller {person.personal_number}.\nÅterkoppla till {person.name}.",
        )
    )


def _extra(person: Person) -> Body:
    return {
        "anmälare": {"namn": person.name, "personnummer": person.personal_number},
        "telefon": [person.phone],
        "bostad": person.address,
    }
