"""How each actor works: how much it reports, in which form, and how long after the fact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from deploy.demo.draft import Form

ORDINARY_RATE = 40.0  # reports per second of all actors together, for which the sizes are meant


@dataclass(frozen=True, slots=True)
class Temperament:
    """One actor's way of working.

    Shape: `rows` (least, most) in a request, `requests` (least, most) one right after the other.
    Unit: `share` of all reports; `delay_s` mean seconds between the event and its report.
    """

    share: float
    form: Form
    rows: tuple[int, int]
    requests: tuple[int, int]
    delay_s: float


TEMPERAMENTS: Mapping[str, Temperament] = MappingProxyType(
    {
        "police": Temperament(0.30, Form.ONE, (1, 1), (4, 16), 600),
        "fire": Temperament(0.05, Form.ONE, (1, 1), (1, 2), 40),
        "guards": Temperament(0.45, Form.NDJSON, (10, 30), (1, 1), 300),
        "housing": Temperament(0.12, Form.ARRAY, (5, 20), (1, 1), 3600),
        "education": Temperament(0.08, Form.ARRAY, (3, 12), (1, 1), 7200),
    }
)
ANYONE = Temperament(0.10, Form.NDJSON, (2, 10), (1, 1), 900)


def temperaments(actors: Iterable[str], *, rate: float) -> dict[str, Temperament]:
    """The temperaments of some actors, whose shares are 1 together, sized for a rate.

    At higher rates requests hold more rows, and who sends one at a time begins to send lines.
    Unit: `rate` in reports per second of all actors together.
    """
    chosen = {actor: TEMPERAMENTS.get(actor, ANYONE) for actor in actors}
    total = sum(one.share for one in chosen.values())
    scale = rate / ORDINARY_RATE
    return {
        actor: _sized(replace(one, share=one.share / total), scale) for actor, one in chosen.items()
    }


def _sized(one: Temperament, scale: float) -> Temperament:
    if one.form is Form.ONE and scale > 1:
        one = replace(one, form=Form.NDJSON)
    if one.form is Form.ONE:
        return replace(one, requests=_scaled(one.requests, scale))
    return replace(one, rows=_scaled(one.rows, scale))


def _scaled(bounds: tuple[int, int], scale: float) -> tuple[int, int]:
    least, most = (max(1, round(bound * scale)) for bound in bounds)
    return least, most
