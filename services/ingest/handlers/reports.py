"""`POST /v1/reports`: rows in, sealed reports to Kafka, a receipt back."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response

from services.ingest import metrics
from services.ingest.domain.parse import JsonObject
from services.ingest.domain.receipt import Receipt
from services.ingest.domain.validate import Accepted, RowErrors, Sender, validated
from services.ingest.handlers.intake import Way, reader_for, taken_in
from services.ingest.handlers.keys import holder_of, sender_of
from services.ingest.handlers.reception import JSON, language_of, reception_of


async def post_reports(request: Request) -> Response:
    """Take in reports; 202 once Kafka has every accepted one."""
    reception = reception_of(request)
    sender = sender_of(await holder_of(request, reception), reception)
    reader = reader_for(request)
    reception.publisher.admit_reports()

    def validate(row: JsonObject, now: datetime) -> Accepted | RowErrors:
        return validated(row, sender=sender, now=now)

    async def publish(accepted: Sequence[Accepted]) -> None:
        await reception.publisher.publish(accepted)
        metrics.ACCEPTED.inc(len(accepted))

    receipt = await taken_in(request, reader, Way(validate, publish, reception.now))
    tell(receipt, sender)
    answer = receipt.as_json(language_of(request), horizon=sender.horizon)
    return Response(answer, status_code=202, media_type=JSON)


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
