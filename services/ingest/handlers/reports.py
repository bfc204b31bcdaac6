"""`POST /v1/reports`: rows in, sealed reports to Kafka, a receipt back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import Response

from services.ingest import metrics
from services.ingest.domain.errors import RequestErrorCode
from services.ingest.domain.receipt import Receipt
from services.ingest.domain.rows import JsonRows, LineRows, RowReader
from services.ingest.domain.validate import Accepted, Sender
from services.ingest.handlers.answers import RefusedRequest
from services.ingest.handlers.keys import holder_of, sender_of
from services.ingest.handlers.reception import JSON, Reception, language_of, reception_of

NDJSON = "application/x-ndjson"
READERS: Mapping[str, Callable[[], RowReader]] = {JSON: JsonRows, NDJSON: LineRows}

MOST_BODY_BYTES = 50_000_000
PIECE_BYTES = 16 << 10  # so much is read before anything else gets its turn
MOST_WAITING_ROWS = 1000  # and so much is collected before it is published
MOST_WAITING_BYTES = 1 << 20
MOST_WAITING_TIME = timedelta(milliseconds=20)


async def post_reports(request: Request) -> Response:
    """Take in reports; 202 once Kafka has every accepted one."""
    reception = reception_of(request)
    sender = sender_of(await holder_of(request, reception), reception)
    intake = _Intake(reception, _reader_for(request), sender)
    reception.publisher.admit()
    async for piece in _pieces(request):
        await intake.take(piece)
    receipt = await intake.end()
    tell(receipt, sender)
    return Response(receipt.as_json(language_of(request)), status_code=202, media_type=JSON)


class _Intake:
    """One request's rows, published some at a time while the rest arrives."""

    def __init__(self, reception: Reception, reader: RowReader, sender: Sender) -> None:
        self._reception = reception
        self._reader = reader
        self._sender = sender
        self._receipt = Receipt()
        self._waiting: list[Accepted] = []
        self._waiting_bytes = 0
        self._published_at = reception.now()

    async def take(self, piece: bytes) -> None:
        if self._receipt.is_full:
            return  # the sender may finish, nobody reads it
        now = self._reception.now()
        rows = self._reader.feed(piece)
        self._waiting += self._receipt.sort_out(rows, sender=self._sender, now=now)
        self._waiting_bytes += len(piece)
        if (
            len(self._waiting) >= MOST_WAITING_ROWS
            or self._waiting_bytes >= MOST_WAITING_BYTES
            or now - self._published_at >= MOST_WAITING_TIME
        ):
            await self._publish()
        await asyncio.sleep(0)

    async def end(self) -> Receipt:
        now = self._reception.now()
        rows = [] if self._receipt.is_full else self._reader.end()
        self._waiting += self._receipt.sort_out(rows, sender=self._sender, now=now)
        await self._publish()
        return self._receipt

    async def _publish(self) -> None:
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if waiting:
            await self._reception.publisher.publish(waiting)
            metrics.ACCEPTED.inc(len(waiting))
        self._published_at = self._reception.now()


def _reader_for(request: Request) -> RowReader:
    """The reader of the body's type; other types, character sets and codings are refused."""
    media_type, *parameters = request.headers.get("content-type", "").lower().split(";")
    reader = READERS.get(media_type.strip())
    named = dict(one.strip().partition("=")[::2] for one in parameters)
    charset = named.get("charset", "utf-8").strip('"')
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if reader is None or charset not in ("utf-8", "utf8") or coding != "identity":
        raise RefusedRequest(RequestErrorCode.UNSUPPORTED_TYPE)
    return reader()


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


def tell(receipt: Receipt, sender: Sender) -> None:
    """Count the refused rows by reason; a delivery without any is not worth a line."""
    if not receipt.reasons:
        return
    for reason, count in receipt.reasons.items():
        metrics.REJECTED.labels(reason).inc(count)
    structlog.get_logger().info(
        "reports_received",
        municipality=sender.municipality,
        actor=sender.actor,
        accepted=receipt.accepted,
        rejected={reason.value: count for reason, count in receipt.reasons.items()},
    )
