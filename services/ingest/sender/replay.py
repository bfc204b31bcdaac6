"""The archive through ingest, and what became of it."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from services.ingest.sender.archive import Archive
from services.ingest.sender.batches import Batches
from services.ingest.sender.progress import Shown, progress
from shared.errors import ConfigurationError
from shared.language import Language, Text
from shared.pack import load_pack
from shared.pack.model import Agreement

BATCH_ROWS = 2_000
FEED = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the reports go. Shape: `key` is the actor's key for history."""

    url: str
    key: str = field(repr=False)


@dataclass(slots=True)
class Outcome:
    """What became of it. Shape: `reasons` counts refused rows by code, `unmapped` by type."""

    sent: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    seconds: float = 0.0

    @property
    def rejected(self) -> int:
        """Rows that ingest refused."""
        return self.reasons.total()

    @property
    def ok(self) -> bool:
        """Whether everything that the agreement maps was accepted, and it maps something."""
        maps_nothing = not self.sent and bool(self.unmapped)
        return self.accepted == self.sent and not self.unreadable and not maps_nothing

    @property
    def rate(self) -> float:
        """Reports per second, from the first line read to the last 202."""
        return self.sent / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """The keys of `lagesbild replay --json`; a contract (README)."""
        return {
            "ok": self.ok,
            "sent": self.sent,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "reasons": dict(self.reasons.most_common()),
            "unmapped": dict(self.unmapped.most_common()),
            "unreadable": self.unreadable,
            "seconds": round(self.seconds, 2),
            "rate_per_s": round(self.rate, 1),
        }

    def as_text(self, language: Language) -> str:
        """The same for people."""
        first = Text(
            f"{self.sent} händelser skickade på {self.seconds:.1f} s ({self.rate:.0f} per sekund): "
            f"{self.accepted} mottagna, {self.rejected} avvisade, {self.unreadable} oläsliga rader.",
            f"{self.sent} events sent in {self.seconds:.1f} s ({self.rate:.0f} per second): "
            f"{self.accepted} accepted, {self.rejected} refused, {self.unreadable} unreadable lines.",
        )
        lines = [first.in_(language)]
        lines += [f"  {code}: {count}" for code, count in self.reasons.most_common()]
        if self.unmapped:
            not_agreed = Text("Typer utan avtal, inte skickade:", "Types not agreed on, not sent:")
            lines.append(not_agreed.in_(language))
            lines += [f"  {kind}: {count}" for kind, count in self.unmapped.most_common()]
        return "\n".join(lines)


def feed_agreement(pack: Path, actor: str | None) -> Agreement:
    """The agreement that maps a feed's types: the actor's, or the only one of that format.

    Raises:
        ConfigurationError: there is none, or several.
    """
    found = [
        one
        for one in load_pack(pack).agreements.values()
        if one.format == FEED and one.words and actor in (None, one.actor)
    ]
    if len(found) != 1:
        raise ConfigurationError(
            [f"{pack}: {len(found)} agreements have format: feed and words; need exactly one"]
        )
    return found[0]


def replay(
    files: Sequence[Path],
    agreement: Agreement,
    target: Target,
    *,
    language: Language,
) -> Outcome:
    """Send everything; shows how far it has come on standard error.

    Raises:
        ConfigurationError: a file cannot be read, or ingest refuses the key or the address.
    """
    lacking = [f"{file}: no such file" for file in files if not file.is_file()]
    if lacking:
        raise ConfigurationError(lacking)
    with progress(sys.stderr, language) as shown:
        return asyncio.run(_sent(Archive(files, agreement), target, shown))


async def _sent(archive: Archive, target: Target, shown: Shown) -> Outcome:
    outcome, started = Outcome(), time.monotonic()
    async with aiohttp.ClientSession() as session:
        batches = Batches(
            session,
            target.url,
            key=target.key,
            on_wait=lambda: shown(outcome.sent, outcome.rate, waits=True),
        )
        for lines in archive.batches(BATCH_ROWS):
            became = await batches.send(lines)
            outcome.sent += len(lines)
            outcome.accepted += became.rows
            outcome.reasons += became.refused
            outcome.seconds = time.monotonic() - started
            shown(outcome.sent, outcome.rate)
    outcome.unmapped = archive.unmapped
    outcome.unreadable = archive.unreadable
    return outcome


def written(outcome: Outcome, *, as_json: bool, language: Language) -> str:
    """What is printed at the end."""
    if as_json:
        return json.dumps(outcome.as_json(), ensure_ascii=False)
    return outcome.as_text(language)
