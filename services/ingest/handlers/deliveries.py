"""`POST /v1/deliveries`: an Excel file in, sealed reports to Kafka, a receipt by the sheet's rows."""

import asyncio
from collections.abc import Iterable
from itertools import islice

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.ingest import metrics
from services.ingest.adapters.form import MOST_FILE_BYTES, FileForm
from services.ingest.adapters.sheet import SheetReader
from services.ingest.adapters.workbook import cells_of
from services.ingest.domain.errors import RequestErrorCode
from services.ingest.domain.receipt import NumberedRow, Receipt
from services.ingest.domain.validate import Sender
from services.ingest.handlers.answers import RefusedRequest
from services.ingest.handlers.keys import holder_of, pack_of, sender_of
from services.ingest.handlers.reception import JSON, Reception, language_of, reception_of
from services.ingest.handlers.reports import tell
from services.ingest.publisher import OverloadedError
from shared.language import Text

MOST_BODY_BYTES = MOST_FILE_BYTES + (64 << 10)  # the form's own lines
MOST_BODY_SECONDS = 60.0  # a slow sender keeps others waiting
ROWS_AT_A_TIME = 200  # and then somebody else gets a turn


TOO_SLOW = Text(
    "Filen kom inte fram inom 60 sekunder. Skicka den igen.",
    "The file did not arrive within 60 seconds. Send it again.",
)


async def post_deliveries(request: Request) -> Response:
    """Take in a file; 202 once Kafka has every accepted row."""
    reception = reception_of(request)
    holder = await holder_of(request, reception)
    sender = sender_of(holder, reception)
    agreement = pack_of(holder, reception).agreements.get(sender.actor)
    if agreement is None or agreement.sheet is None:
        raise RefusedRequest(RequestErrorCode.NO_FILE_AGREEMENT)
    form = FileForm(request.headers.get("content-type", ""))
    reception.publisher.admit_reports()
    if reception.files.locked():
        raise OverloadedError
    async with reception.files:
        reader = SheetReader(agreement, agreement.sheet)
        try:
            async with asyncio.timeout(MOST_BODY_SECONDS):
                file = await _file(request, form)
        except TimeoutError:
            return _too_slow(request)
        sheet = await cells_of(file, sheet=agreement.sheet.name)
        receipt = await _published(reader.rows(sheet), sender, reception)
    tell(receipt, sender)
    answer = receipt.as_json(language_of(request), titles=reader.titles, horizon=sender.horizon)
    return Response(answer, status_code=202, media_type=JSON)


def _too_slow(request: Request) -> Response:
    told = {
        "error": RequestErrorCode.NOT_ONE_FILE.value,
        "message": TOO_SLOW.in_(language_of(request)),
    }
    return Response(msgspec.json.encode(told), status_code=400, media_type=JSON)


async def _file(request: Request, form: FileForm) -> bytes:
    """The file of the form.

    Raises:
        RefusedRequest: the body is too large.
        RefusedFileError: there is no such file in it.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MOST_BODY_BYTES:
        raise RefusedRequest(RequestErrorCode.FILE_TOO_LARGE)
    total = 0
    async for piece in request.stream():
        total += len(piece)
        if total > MOST_BODY_BYTES:
            raise RefusedRequest(RequestErrorCode.FILE_TOO_LARGE)
        form.feed(piece)
    return form.file()


async def _published(rows: Iterable[NumberedRow], sender: Sender, reception: Reception) -> Receipt:
    """Check and publish the rows, some at a time."""
    receipt, remaining = Receipt(), iter(rows)
    while some := list(islice(remaining, ROWS_AT_A_TIME)):
        now = reception.now()
        judged = (receipt.judge(row, sender=sender, now=now) for row in some)
        accepted = [one for one in judged if one is not None]
        if accepted:
            await reception.publisher.publish(accepted)
            metrics.ACCEPTED.inc(len(accepted))
        await asyncio.sleep(0)
    return receipt
