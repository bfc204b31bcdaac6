"""Stage 8: what is remembered of an event to find the reports of the same incident."""

from dataclasses import dataclass
from datetime import timedelta

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.lifetimes import LIFE, Purpose
from services.anonymizer.domain.linking.cells import cells_of
from services.anonymizer.domain.linking.mark import KEPT_MS
from services.anonymizer.domain.linking.rules import UNLINKED, rules_of
from services.anonymizer.domain.linking.tokens import TOKEN_BYTES
from services.tracing.stage import Line, Name, Stage, same
from shared.language import Text
from shared.pack.model import Pack

HOUR = timedelta(hours=1)
TOKEN_HOURS = timedelta(milliseconds=KEPT_MS) // HOUR
KEY_HOURS = LIFE[Purpose.LINKING] // HOUR


@dataclass(frozen=True, slots=True)
class Remembered:
    """How much linking would keep. Shape: `tokens` is 0 for what has no point or is withdrawn."""

    tokens: int
    is_linked: bool
    is_bounded: bool


def remembered(pack: Pack, one: Anonymized) -> Remembered:
    """What is kept of an event beside itself, by decisions 0026 and 0027."""
    trait = rules_of(pack).traits.get(one.event.indicator or "")
    if trait is None or one.occurred_at is None:
        return Remembered(0, is_linked=False, is_bounded=False)
    _, (has_cell,) = cells_of([one.e], [one.n], [one.occurred_at.timestamp()])
    is_linked = bool(has_cell) and trait.family != UNLINKED
    is_bounded = bool(has_cell) and trait.bounded
    return Remembered(int(is_linked or is_bounded), is_linked=is_linked, is_bounded=is_bounded)


def linking_stage(pack: Pack, one: Anonymized) -> Stage:
    """Tokens: how many, how long, under which key. They are never shown."""
    kept = remembered(pack, one)
    forever = Text("inget", "nothing")
    count = Text(
        f"{kept.tokens} à {TOKEN_BYTES} byte i {TOKEN_HOURS} h, nyckeln i {KEY_HOURS} h; visas aldrig",
        f"{kept.tokens} of {TOKEN_BYTES} bytes for {TOKEN_HOURS} h, its key {KEY_HOURS} h; never shown",
    )
    lines: list[Line] = [(Text("märken", "tokens"), count if kept.tokens else forever)]
    if kept.tokens:
        holds = Text(
            "ruta 100 m, kvart, familj; aktör och indikator som korta fingeravtryck; krypterat",
            "square of 100 m, quarter, family; digests of actor and indicator; encrypted",
        )
        lines.append((Text("i märket", "inside"), holds))
    lines += [
        (Text("länkas", "linked"), _yes(is_so=kept.is_linked)),
        (Text("begränsas", "bounded"), _yes(is_so=kept.is_bounded)),
    ]
    facts = {
        "tokens": kept.tokens,
        "token_bytes": TOKEN_BYTES if kept.tokens else 0,
        "token_hours": TOKEN_HOURS if kept.tokens else 0,
        "key_hours": KEY_HOURS if kept.tokens else 0,
        "linked": kept.is_linked,
        "bounded": kept.is_bounded,
    }
    removed = ["place", "instant", "actor"] if one.occurred_at is not None else ["actor"]
    return Stage(
        name=Name.LINKING, removed=removed, facts=facts, lines=[*lines, (same(""), _DROPPED)]
    )


_DROPPED = Text(
    "efter detta steg finns varken punkt, exakt tid eller aktör kvar",
    "after this stage neither point, exact instant nor actor is there",
)


def _yes(*, is_so: bool) -> Text:
    return Text("ja", "yes") if is_so else Text("nej", "no")
