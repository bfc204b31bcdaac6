"""The push: the body of a webhook and the id by which a receiver knows it again."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from services.delivery.domain.view import Cell, NotOffered, View, WrittenView

TYPE = "lagesbild.view.updated"


class _Content(msgspec.Struct, frozen=True):
    subscription: UUID
    seq: int
    due_at: datetime
    as_of: datetime
    cells: tuple[Cell, ...] | msgspec.Raw
    withheld: tuple[str, ...]
    not_offered: tuple[NotOffered, ...]


class _Body(msgspec.Struct, frozen=True):
    type: str
    timestamp: datetime
    data: _Content


@dataclass(frozen=True, slots=True)
class Push:
    """One view on its way to one subscriber: the same bytes and id on every attempt."""

    subscription: UUID
    seq: int
    webhook_id: str
    due_at: datetime
    as_of: datetime
    body: bytes


def push_of(view: View | WrittenView, *, subscription: UUID, seq: int, due_at: datetime) -> Push:
    """The view as the subscription's delivery number `seq`; always the full view."""
    content = _Content(
        subscription=subscription,
        seq=seq,
        due_at=due_at,
        as_of=view.as_of,
        cells=view.cells,
        withheld=view.withheld,
        not_offered=view.not_offered,
    )
    body = msgspec.json.encode(_Body(type=TYPE, timestamp=view.as_of, data=content))
    return Push(subscription, seq, webhook_id(subscription, seq), due_at, view.as_of, body)


def webhook_id(subscription: UUID, seq: int) -> str:
    """The id of a delivery: the same after a crash, in every instance and on every attempt."""
    digest = hashlib.sha256(subscription.bytes + seq.to_bytes(8)).hexdigest()
    return f"msg_{digest[:32]}"
