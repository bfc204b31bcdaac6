"""Stages 4 to 7: what the anonymizer reads, where it locates, how it coarsens, its last look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.essentials import Essentials
from services.anonymizer.domain.municipality import Municipality, municipality
from services.tracing.stage import Line, Name, Stage, listed, same
from shared.errors import DeadReason
from shared.language import Text
from shared.messages.event import Event, Placement
from shared.messages.report import Report
from shared.pack.geometry import load_divisions
from shared.pack.model import GRAINS, Pack
from shared.pack.registers import load_registers
from shared.quality import CONFIDENCE_TEXTS, METHOD_TEXTS
from shared.tripwire import kinds_in_code
from shared.windows import STOCKHOLM, Tier

GRAIN_TEXTS = {
    Tier.MINUTE: Text("minut", "minute"),
    Tier.HOUR: Text("timme", "hour"),
    Tier.DAY: Text("dygn", "day"),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A municipality as the anonymizer knows it. Shape: `starts` are its divisions' first days."""

    pack: Pack
    municipality: Municipality
    starts: Sequence[date]

    def day_of(self, instant: datetime) -> date:
        """The first day of the division that an event of the instant is located in."""
        day = instant.astimezone(STOCKHOLM).date()
        return max((one for one in self.starts if one <= day), default=self.starts[0])


def ground_of(pack: Pack) -> Ground:
    """Read the borders of every division, and the registers.

    Raises:
        PackError: they cannot be used.
    """
    divided = load_divisions(pack)
    registers = load_registers(pack.path)
    known = municipality(pack, *divided, registers=registers)
    return Ground(pack, known, [one.valid_from for one in divided])


def anonymized(ground: Ground, opened: Opened) -> Anonymized | DeadReason:
    """The event of one opened report, or why there can be none."""
    return Anonymizer([ground.municipality]).anonymize([opened])[0]


def read_stage(report: Report, outcome: Anonymized | DeadReason) -> Stage:
    """Which fields of the report become values in the anonymizer, and which bytes it skips."""
    had = [name for name in report.__struct_fields__ if _has(report, name)]
    read = [name for name in had if name in Essentials.__struct_fields__]
    skipped = [name for name in had if name not in read]
    never = [one for one in report.__struct_fields__ if one not in Essentials.__struct_fields__]
    lines: list[Line] = [
        (Text("läses", "read"), listed(read)),
        (Text("läses aldrig", "never read"), listed(never)),
    ]
    facts: dict[str, object] = {"never_read": never}
    if isinstance(outcome, DeadReason):
        facts["dead_letter"] = outcome.value
        lines.append((Text("dödbrev", "dead letter"), same(outcome.value)))
    return Stage(name=Name.READ, kept=read, removed=skipped, facts=facts, lines=lines)


def located_stage(ground: Ground, report: Report, event: Event) -> Stage:
    """By which method, how surely, in the areas of which day; the area itself comes coarsened."""
    if report.occurred_at is None or event.placement is None:
        nothing = Text("ett återtagande har ingen plats", "a withdrawal has no place")
        return Stage(name=Name.LOCATED, lines=[(same(""), nothing)], facts={"method": None})
    place = ground.municipality.divisions.locate([report.location], [report.occurred_at])[0]
    since = ground.day_of(report.occurred_at)
    from_start = since == date.min
    is_rest = place.area == ground.pack.rest_code
    lines: list[Line] = [
        (Text("metod", "method"), _told(place.placement.value, METHOD_TEXTS[place.placement])),
        (
            Text("säkerhet", "confidence"),
            _told(place.confidence.value, CONFIDENCE_TEXTS[place.confidence]),
        ),
        (
            Text("områden", "areas"),
            Text("gällande från början", "valid from the start")
            if from_start
            else Text(f"gällande från {since}", f"valid from {since}"),
        ),
        (
            Text("räknas i", "counts in"),
            Text("restområdet", "the rest area")
            if is_rest
            else Text("ett småområde", "a small area"),
        ),
    ]
    facts = {
        "method": place.placement.value,
        "confidence": place.confidence.value,
        "areas_valid_from": None if from_start else since.isoformat(),
        "rest_area": is_rest,
    }
    goes_on = report.location is None or place.placement is Placement.NYKO
    had = [] if goes_on else ["location"]  # a NYKO code becomes the area, as it is or shortened
    return Stage(name=Name.LOCATED, kept=["area"], removed=had, facts=facts, lines=lines)


def coarsened_stage(ground: Ground, report: Report, event: Event) -> Stage:
    """The instant and the area, from how fine to what, and whether the class or the pack says so."""
    if event.indicator is None or event.occurred_at is None or event.area is None:
        nothing = Text(
            "ett återtagande har varken tid eller område", "a withdrawal has neither time nor area"
        )
        return Stage(name=Name.COARSENED, lines=[(same(""), nothing)], facts={"class": None})
    pack = ground.pack
    sensitivity = pack.indicators[event.indicator].sensitivity
    grain, level = pack.grain_of(event.indicator), pack.finest_level(event.indicator)
    by_policy = grain is not GRAINS[sensitivity]
    reached = len(pack.levels) if event.area == pack.rest_code else level
    said = GRAIN_TEXTS[grain]
    by = (
        Text("kommunens policy", "the pack's policy") if by_policy else Text("klassen", "the class")
    )
    unchanged = report.occurred_at == event.occurred_at
    still = Text(", oförändrad", ", unchanged") if unchanged else same("")
    whole = Text("hela koden", "the whole code")
    short = Text(
        f"nivå {pack.leaf_level} → {level}, kommunens policy",
        f"level {pack.leaf_level} → {level}, the pack's policy",
    )
    how = whole if reached == pack.leaf_level else short
    instant = event.occurred_at.isoformat()
    lines: list[Line] = [
        (Text("klass", "class"), same(sensitivity.value)),
        (
            Text("tid", "time"),
            Text(
                f"som rapporterad ••• → {instant} ({said.sv}, {by.sv}{still.sv})",
                f"as reported ••• → {instant} ({said.en}, {by.en}{still.en})",
            ),
        ),
        (
            Text("område", "area"),
            Text(f"••• → {event.area} ({how.sv})", f"••• → {event.area} ({how.en})"),
        ),
    ]
    cut = [] if unchanged else ["occurred_at"]
    facts = {
        "class": sensitivity.value,
        "grain": grain.value,
        "grain_by": "policy" if by_policy else "class",
        "occurred_at": instant,
        "leaf_level": pack.leaf_level,
        "level": reached,
        "area": event.area,
    }
    shortened = ["area"] if reached < pack.leaf_level else []
    kept = ["indicator", "occurred_at", "area", "confirmed"]
    return Stage(name=Name.COARSENED, kept=kept, removed=cut + shortened, facts=facts, lines=lines)


def tripwire_stage(event: Event) -> Stage:
    """The codes that were looked at, and what they look like."""
    codes = {
        name: code
        for name, code in (
            ("municipality", event.municipality),
            ("indicator", event.indicator),
            ("area", event.area),
        )
        if code is not None
    }
    hits = sorted({kind.value for code in codes.values() for kind in kinds_in_code(code)})
    clean = Text("inget ser ut som en identitet", "nothing looks like an identifier")
    lines: list[Line] = [
        (Text("såg på", "looked at"), listed(codes)),
        (Text("fann", "found"), listed(hits) if hits else clean),
    ]
    facts = {"looked_at": list(codes), "hits": hits}
    return Stage(name=Name.TRIPWIRE, kept=list(codes), facts=facts, lines=lines)


def _has(report: Report, name: str) -> bool:
    return getattr(report, name) not in (None, msgspec.UNSET)


def _told(code: str, meaning: Text) -> Text:
    return Text(f"{code}: {meaning.sv}", f"{code}: {meaning.en}")
