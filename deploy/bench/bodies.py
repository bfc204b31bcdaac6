"""What is posted: a few bodies of NDJSON, made beforehand and used again under new ids.

Making a report costs more than sending it. So each body holds a mark where its ids begin, and
before it is sent the mark is replaced with a number of its own: one pass over bytes, new events.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from deploy.demo.ground import Ground
from deploy.demo.people import invented
from deploy.demo.registers import written_places
from shared.identity import event_id
from shared.pack.geometry import load_polygons
from shared.pack.model import Kind, Pack

MARK = b"#########"
BODIES_PER_ACTOR = 4
LATEST_MINUTES = 60  # what is reported has happened within the last hour


@dataclass(frozen=True, slots=True)
class Template:
    """A body of one actor whose ids begin with MARK."""

    actor: str
    body: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Post:
    """A body to send; its first row has the id `first_id`."""

    actor: str
    body: bytes
    rows: int
    first_id: str


class Bodies:
    """An endless stream of posts with ids that never come again."""

    def __init__(self, templates: Sequence[Template], numbers: Iterator[int]) -> None:
        self._templates = templates
        self._numbers = numbers

    @property
    def rows(self) -> int:
        """The rows of each post."""
        return self._templates[0].rows

    def next(self) -> Post:
        """The next post; the actors take turns."""
        number = next(self._numbers)
        template = self._templates[number % len(self._templates)]
        prefix = f"{number:0{len(MARK)}}"
        body = template.body.replace(MARK, prefix.encode())
        return Post(template.actor, body, template.rows, own_id(prefix, 0))


class Stationery:
    """Makes templates for every actor of a pack that reports events."""

    def __init__(self, pack: Pack, *, seed: int, now: datetime) -> None:
        polygons = load_polygons(pack)
        self._pack = pack
        self._chance = Random(seed)
        self._now = now.replace(microsecond=0)
        self._numbers = count(1)
        self._ground = Ground(
            polygons.codes,
            polygons.geometries,
            rest_code=pack.rest_code,
            written=written_places(pack, polygons),
        )
        self._liveliness = self._ground.liveliness(self._chance)

    def bodies(self, *, rows: int) -> Bodies:
        """Posts of so many rows; every stream of one maker has ids of its own."""
        return Bodies(
            [
                self._template(actor, codes, rows)
                for _ in range(BODIES_PER_ACTOR)
                for actor, codes in self._reporters()
            ],
            self._numbers,
        )

    def _reporters(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for actor in self._pack.actors:
            codes = tuple(
                one.code for one in self._pack.reportable_by(actor) if one.kind is Kind.EVENT
            )
            if codes:
                yield actor, codes

    def _template(self, actor: str, codes: Sequence[str], rows: int) -> Template:
        lines = (json.dumps(self._row(at, codes), ensure_ascii=False) for at in range(rows))
        return Template(actor, "".join(f"{line}\n" for line in lines).encode(), rows)

    def _row(self, at: int, codes: Sequence[str]) -> dict[str, object]:
        chance, person = self._chance, invented(self._chance)
        ago = timedelta(seconds=chance.randrange(LATEST_MINUTES * 60))
        return {
            "id": own_id(MARK.decode(), at),
            "indicator": chance.choice(codes),
            "occurred_at": (self._now - ago).isoformat(),
            "location": self._ground.spot(chance, self._liveliness).location,
            "text": f"{person.name}, {person.phone}, har lämnat uppgifter.",
        }


def own_id(prefix: str, row: int) -> str:
    """An actor's own id of a row."""
    return f"{prefix}-{row}"


@dataclass(frozen=True, slots=True)
class Ids:
    """Knows under which event id a posted row will be counted."""

    secret: bytes
    municipality: str

    def of(self, post: Post) -> UUID:
        """The event id of the post's first row."""
        return event_id(
            self.secret,
            municipality=self.municipality,
            actor=post.actor,
            own_id=post.first_id,
        )
