"""Rows of a request's body, checked and published some at a time while the rest arrives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from starlette.requests import Request

from services.ingest.domain.errors import RequestErrorCode
from services.ingest.domain.parse import JsonObject
from services.ingest.domain.receipt import Receipt
from services.ingest.domain.rows import JsonRows, LineRows, RowReader
from services.ingest.domain.validate import RowErrors
from services.ingest.handlers.answers import RefusedRequest
from services.ingest.handlers.reception import JSON

NDJSON = "application/x-ndjson"
READERS: Mapping[str, Callable[[], RowReader]] = {JSON: JsonRows, NDJSON: LineRows}

MOST_BODY_BYTES = 50_000_000
PIECE_BYTES = 16 << 10  # so much is read before anything else gets its turn
MOST_WAITING_ROWS = 1000  # and so much is collected before it is published
MOST_WAITING_BYTES = 1 << 20
MOST_WAITING_TIME = timedelta(milliseconds=20)

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Way(Generic[Kept]):
    """What becomes of a row: how it is checked at an instant, and how good ones are published."""

    validate: Callable[[JsonObject, datetime], Kept | RowErrors]
    publish: Callable[[Sequence[Kept]], Awaitable[None]]
    now: Callable[[], datetime]


async def taken_in(request: Request, reader: RowReader, way: Way[Kept]) -> Receipt:
    """Read the body to its end; the receipt comes when Kafka has every accepted row.

    Raises:
        RefusedRequest: the body is too large.
        UnreadableBodyError: nothing of it could be read.
        KafkaAwayError: Kafka did not acknowledge in time.
    """
    intake = _Intake(reader, way)
    async for piece in _pieces(request):
        await intake.take(piece)
    return await intake.end()


def reader_for(request: Request) -> RowReader:
    """The reader of the body's type.

    Raises:
        RefusedRequest: it is of another type, character set or coding.
    """
    media_type, *parameters = request.headers.get("content-type", "").lower().split(";")
    reader = READERS.get(media_type.strip())
    named = dict(one.strip().partition("=")[::2] for one in parameters)
    charset = named.get("charset", "utf-8").strip('"')
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if reader is None or charset not in ("utf-8", "utf8") or coding != "identity":
        raise RefusedRequest(RequestErrorCode.UNSUPPORTED_TYPE)
    return reader()


class _Intake(Generic[Kept]):
    """One request's rows."""

    def __init__(self, reader: RowReader, way: Way[Kept]) -> None:
        self._reader = reader
        self._way = way
        self._receipt = Receipt()
        self._waiting: list[Kept] = []
        self._waiting_bytes = 0
        self._published_at = way.now()

    async def take(self, piece: bytes) -> None:
        if self._receipt.is_full:
            return  # the sender may finish, nobody reads it
        now = self._way.now()
        rows = self._reader.feed(piece)
        self._waiting += self._receipt.sort(rows, lambda row: self._way.validate(row, now))
        self._waiting_bytes += len(piece)
        if (
            len(self._waiting) >= MOST_WAITING_ROWS
            or self._waiting_bytes >= MOST_WAITING_BYTES
            or now - self._published_at >= MOST_WAITING_TIME
        ):
            await self._publish()
        await asyncio.sleep(0)

    async def end(self) -> Receipt:
        now = self._way.now()
        rows = [] if self._receipt.is_full else self._reader.end()
        self._waiting += self._receipt.sort(rows, lambda row: self._way.validate(row, now))
        await self._publish()
        return self._receipt

    async def _publish(self) -> None:
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if waiting:
            await self._way.publish(waiting)
        self._published_at = self._way.now()


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in small pieces, as long as it is not too large."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MOST_BODY_BYTES:
        raise RefusedRequest(RequestErrorCode.TOO_LARGE)
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MOST_BODY_BYTES:
            raise RefusedRequest(RequestErrorCode.TOO_LARGE)
        for start in range(0, len(chunk), PIECE_BYTES):
            yield chunk[start : start + PIECE_BYTES]
