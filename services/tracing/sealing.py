"""Stage 3: sealed as ingest seals, opened as the anonymizer opens, with a pair that is thrown away."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.tracing.given import Field
from services.tracing.stage import Line, Name, Stage, listed, same
from shared.language import Text
from shared.messages.codec import encode
from shared.messages.report import Report
from shared.sealing import (
    DATA_KEY_HEADER,
    KEY_ID_HEADER,
    Opener,
    Origin,
    Sealer,
    SealingKey,
    new_private_key,
    public_half,
)
from shared.topics import REPORTS

FEWEST_BYTES = 6  # of a word that is looked for: shorter ones occur in random bytes by chance


@dataclass(frozen=True, slots=True)
class Sealed:
    """A report at rest, and opened again. Shape: `headers` by name; `plain` only in memory."""

    value: bytes
    headers: dict[str, bytes]
    plain: bytes = field(repr=False)
    is_the_same: bool

    def holds(self, fields: Iterable[Field]) -> list[str]:
        """The fields of which a word can be read in the sealed bytes or the wrapped key."""
        content = self.value + self.headers[DATA_KEY_HEADER]
        return [
            one.name
            for one in fields
            if any(
                len(word := text.encode(errors="replace")) >= FEWEST_BYTES and word in content
                for text in one.words()
            )
        ]


def sealed_and_opened(event_id: UUID, report: Report, now: datetime) -> Sealed:
    """Seal the report for its topic to a new key, and open it again."""
    private = new_private_key()
    to = SealingKey.of(public_half(private))
    origin = Origin(report.municipality, report.actor)
    plain = encode(report)
    sealed = Sealer(topic=REPORTS.name).sealing(to, origin, now).seal(plain, event_id)
    opener = Opener({to.id: private}.get, topic=REPORTS.name)
    opened = opener.open(sealed.value, sealed.headers, event_id.bytes)
    return Sealed(sealed.value, dict(sealed.headers), opened, opened == plain)


def sealed_stage(sealed: Sealed, fields: tuple[Field, ...], kept: Iterable[str]) -> Stage:
    """Sizes, the key and what can be read of the report without it: nothing."""
    readable = sealed.holds(fields)
    key = sealed.headers[KEY_ID_HEADER].hex()
    plain, size = len(sealed.plain), len(sealed.value)
    lines: list[Line] = [
        (Text("ämne", "topic"), same(REPORTS.name)),
        (
            Text("storlek", "size"),
            Text(
                f"{plain} byte klartext → {size} byte", f"{plain} bytes in the clear → {size} bytes"
            ),
        ),
        (
            Text("nyckel", "key"),
            Text(f"{key} (ett par som slängs nu)", f"{key} (a pair that is thrown away now)"),
        ),
        (Text("i klartext", "in the clear"), listed(sealed.headers)),
        (
            Text("utan nyckeln", "without it"),
            Text("inget värde kan läsas", "no value can be read")
            if not readable
            else listed(readable),
        ),
        (
            Text("öppnad", "opened"),
            Text("lika, byte för byte", "the same, byte for byte")
            if sealed.is_the_same
            else Text("INTE lika", "NOT the same"),
        ),
    ]
    facts = {
        "topic": REPORTS.name,
        "plain_bytes": plain,
        "sealed_bytes": size,
        "key_id": key,
        "headers": list(sealed.headers),
        "readable": readable,
        "opened_the_same": sealed.is_the_same,
    }
    return Stage(name=Name.SEALED, kept=list(kept), facts=facts, lines=lines)
