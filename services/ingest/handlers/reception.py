"""What every handler works with, put together by `app`."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request

from services.ingest.publisher import Publisher
from services.ingest.quality_store import Quality
from services.ingest.store import LostReports
from shared.key_ring import KeyRing
from shared.language import Language, preferred
from shared.pack.model import Pack

JSON = "application/json"
FILES_AT_ONCE = 2  # each may hold a few hundred megabytes of memory for a moment


def _few() -> asyncio.Semaphore:
    return asyncio.Semaphore(FILES_AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What the handlers work with.

    Shape: `packs` by municipality code; `secret` is the installation's, for event ids; `language`
    is spoken to those who ask for none; `files` bounds how many files are read at once; `horizon`
    is how far back may be reported with an ordinary key. Unit: `now` gives aware UTC.
    """

    packs: Mapping[str, Pack]
    key_ring: KeyRing
    publisher: Publisher
    quality: Quality
    lost: LostReports
    secret: bytes = field(repr=False)
    now: Callable[[], datetime]
    horizon: timedelta
    language: Language
    files: asyncio.Semaphore = field(default_factory=_few)


def reception_of(request: Request) -> Reception:
    """What `app` has put together."""
    reception: Reception = request.app.state.reception
    return reception


def language_of(request: Request) -> Language:
    """The language to answer in."""
    return preferred(request.headers.get("accept-language"), reception_of(request).language)
