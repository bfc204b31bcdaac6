"""Delivery's settings."""

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from shared.settings import DatabaseSettings

LEASE_MARGIN_S = 5  # for composing before a send and writing down after it


class DeliverySettings(DatabaseSettings):
    """What delivery needs to know besides."""

    sender_slots: int = Field(
        default=200, ge=1, le=10_000, description="Sends in flight at the same time."
    )
    poll_s: float = Field(
        default=0.25, gt=0, le=2, description="Seconds between looks at an idle schedule."
    )
    connect_timeout_s: float = Field(
        default=5, gt=0, le=60, description="Seconds for a connection to a receiver."
    )
    send_timeout_s: float = Field(
        default=15, gt=0, le=120, description="Seconds for an attempt in all."
    )
    lease_s: float = Field(
        default=30,
        gt=0,
        le=3600,
        description="Seconds after which another sender takes over from one that has died.",
    )
    retry_delays_s: Annotated[tuple[float, ...], NoDecode] = Field(
        default=(5.0, 15.0),
        description="Seconds before each further attempt, separated by commas.",
    )
    deliveries_kept_h: int = Field(
        default=48, ge=1, description="Hours that sent views and their attempts are kept."
    )

    @field_validator("retry_delays_s", mode="before")
    @classmethod
    def _seconds(cls, given: Any) -> Any:
        if isinstance(given, str):
            return tuple(float(one) for one in given.split(",") if one.strip())
        return given

    @model_validator(mode="after")
    def _outlives_a_send(self) -> Self:
        if self.lease_s < self.send_timeout_s + 2 * LEASE_MARGIN_S:
            raise ValueError(
                f"a lease lasts at least the send timeout and {2 * LEASE_MARGIN_S} s more"
            )
        return self
