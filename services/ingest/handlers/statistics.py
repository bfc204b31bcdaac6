"""`POST /v1/statistics`: rows in, statistics to Kafka, a receipt back."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response

from services.ingest import metrics
from services.ingest.domain.parse import JsonObject
from services.ingest.domain.receipt import Receipt
from services.ingest.domain.statistic import StatisticSender, validated_statistic
from services.ingest.domain.validate import RowErrors
from services.ingest.handlers.intake import Way, reader_for, taken_in
from services.ingest.handlers.keys import holder_of, pack_of, sender_of
from services.ingest.handlers.reception import JSON, language_of, reception_of
from shared.messages.statistic import Statistic


async def post_statistics(request: Request) -> Response:
    """Take in statistics; 202 once Kafka has every accepted one."""
    reception = reception_of(request)
    holder = await holder_of(request, reception)
    actor = sender_of(holder, reception).actor
    sender = StatisticSender.of(pack_of(holder, reception), actor)
    reader = reader_for(request)
    reception.publisher.admit()

    def validate(row: JsonObject, now: datetime) -> Statistic | RowErrors:
        return validated_statistic(row, sender=sender, now=now)

    async def publish(accepted: Sequence[Statistic]) -> None:
        await reception.publisher.publish_statistics(accepted)
        metrics.STATISTICS_ACCEPTED.inc(len(accepted))

    receipt = await taken_in(request, reader, Way(validate, publish, reception.now))
    _tell(receipt, sender)
    return Response(receipt.as_json(language_of(request)), status_code=202, media_type=JSON)


def _tell(receipt: Receipt, sender: StatisticSender) -> None:
    """Count the refused rows by reason, and say who handed in how many: figures come rarely."""
    for reason, count in receipt.reasons.items():
        metrics.STATISTICS_REJECTED.labels(reason).inc(count)
    structlog.get_logger().info(
        "statistics_received",
        municipality=sender.municipality,
        actor=sender.actor,
        accepted=receipt.accepted,
        rejected={reason.value: count for reason, count in receipt.reasons.items()},
    )
