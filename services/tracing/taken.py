"""Stage 2: what ingest makes of a row: a report, or every error by its field."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from services.ingest.config import IngestSettings
from services.ingest.domain.errors import RowError, RowErrorCode, row_message
from services.ingest.domain.given import GivenReport, GivenWithdrawal
from services.ingest.domain.parse import Row
from services.ingest.domain.validate import Accepted, RowErrors, Sender, validated
from services.tracing.stage import Line, Name, Stage, listed, same
from shared.language import Language, Text
from shared.messages.report import Report
from shared.pack.model import Pack

ADDED = ("event_id", "municipality", "actor", "received_at")
HORIZON = timedelta(days=IngestSettings.model_fields["horizon_days"].default)


def taken(row: Row, pack: Pack, actor: str, now: datetime) -> Accepted | RowErrors:
    """The report that ingest would seal, or why it refuses the row.

    The event id is made with a secret that is thrown away, so it is another one each time.
    """
    if isinstance(row, RowErrorCode):
        return (RowError("", row),)
    sender = Sender.of(pack, actor, secret=secrets.token_bytes(32), horizon=HORIZON)
    return validated(row, sender=sender, now=now)


def accepted_stage(report: Report, given: Sequence[str]) -> Stage:
    """What is kept of the given fields, and what is dropped or replaced at once."""
    model = GivenWithdrawal if report.withdrawn else GivenReport
    kept = [one for one in given if one in model.model_fields and _has(report, one)]
    removed = [one for one in given if one not in kept]
    told = Text(
        "id ersätts av event_id: ett nyckelbundet fingeravtryck av kommun, aktör och id",
        "id is replaced by event_id: a keyed digest of municipality, actor and id",
    )
    lines: list[Line] = [
        (Text("svar", "answer"), Text("godtagen", "accepted")),
        (Text("kvar", "kept"), listed(kept)),
        (Text("bort", "removed"), listed(removed)),
        (Text("tillagt", "added"), listed(ADDED)),
        (same(""), told),
    ]
    facts = {"accepted": True, "errors": [], "added": list(ADDED)}
    return Stage(name=Name.INGEST, kept=kept, removed=removed, facts=facts, lines=lines)


def refused_stage(errors: RowErrors, given: Sequence[str], language: Language) -> Stage:
    """Every error by its field; nothing is kept of a refused row."""
    messages = [row_message(one.code, horizon=HORIZON) for one in errors]
    said = [
        {"field": one.field, "code": one.code.value, "message": message.in_(language)}
        for one, message in zip(errors, messages, strict=True)
    ]
    lines: list[Line] = [
        (Text("svar", "answer"), Text("avvisad: inget sparas", "refused: nothing is kept"))
    ]
    for one, message in zip(errors, messages, strict=True):
        about = same(one.field) if one.field else Text("(raden)", "(the row)")
        code = one.code.value
        lines.append((about, Text(f"{code}: {message.sv}", f"{code}: {message.en}")))
    facts = {"accepted": False, "errors": said, "added": []}
    return Stage(name=Name.INGEST, removed=given, facts=facts, lines=lines)


def _has(report: Report, name: str) -> bool:
    return getattr(report, name, None) not in (None, msgspec.UNSET)
