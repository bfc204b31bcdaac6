"""A subscription: what an actor asks for, what the data owner decides, and what may follow what.

requested → approved | refused | ended; approved → ended | disabled; disabled → ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from services.delivery.domain.selection import Selection


class State(StrEnum):
    """Where a subscription is."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"
    DISABLED = "disabled"


class Act(StrEnum):
    """What is done to a subscription; the audit chain's kinds are these words."""

    APPROVE = "subscription_approved"
    REFUSE = "subscription_refused"
    END = "subscription_ended"
    DISABLE = "subscription_disabled"


@dataclass(frozen=True, slots=True)
class Step:
    """An act of the state machine: from which states, and to which."""

    before: tuple[State, ...]
    after: State


STEPS: Mapping[Act, Step] = MappingProxyType(
    {
        Act.APPROVE: Step((State.REQUESTED,), State.APPROVED),
        Act.REFUSE: Step((State.REQUESTED,), State.REFUSED),
        Act.END: Step((State.REQUESTED, State.APPROVED, State.DISABLED), State.ENDED),
        Act.DISABLE: Step((State.APPROVED,), State.DISABLED),
    }
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription, without its secret. Shape: `motive` is there when it was decided."""

    id: UUID
    municipality: str
    actor: str
    name: str
    selection: Selection
    every: timedelta
    url: str
    state: State
    requested_at: datetime
    decided_at: datetime | None = None
    motive: str | None = None
    until_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the data owner decided and why; `until_at` ends an approval by itself."""

    motive: str
    until_at: datetime | None = None
