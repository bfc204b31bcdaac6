"""Ingest's settings."""

from datetime import timedelta

from pydantic import Field, SecretStr, field_validator

from shared.horizon import HORIZON_DAYS, MOST_HORIZON_DAYS
from shared.root_key import announcement_key
from shared.settings import DatabaseSettings


class IngestSettings(DatabaseSettings):
    """What ingest needs to know."""

    installation_secret: SecretStr = Field(
        min_length=32,
        description="Makes event ids; at least 32 characters, the same for ever and everywhere.",
    )
    announcement_key: str = Field(
        description="Public key that checks the anonymizer's announcements, base64 of 32 bytes."
    )
    oldest_waiting_seconds: float = Field(
        default=12 * 3600,
        gt=0,
        le=12 * 3600,
        description="No report is accepted while one that is older waits for the anonymizer.",
    )
    backlog_seconds: float = Field(
        default=20, gt=0, le=30, description="How often Kafka is asked what waits."
    )
    horizon_days: int = Field(
        default=HORIZON_DAYS,
        ge=1,
        le=MOST_HORIZON_DAYS,
        description="Reports of events longer ago are refused, unless the key is for history.",
    )
    start_seconds: float = Field(
        default=30,
        gt=0,
        le=60,
        description="How long the database, and then Kafka, may take to answer at start, seconds.",
    )
    acknowledge_seconds: float = Field(
        default=3.5,
        gt=0,
        le=4,
        description="How long a request waits for Kafka before it is answered with 503.",
    )
    most_records_in_flight: int = Field(
        default=50_000, ge=1000, description="Records that may wait for Kafka; then 429."
    )
    most_bytes_in_flight: int = Field(
        default=32 << 20, ge=4 << 20, description="Sealed bytes that may wait for Kafka; then 429."
    )

    @property
    def horizon(self) -> timedelta:
        """How far back an actor may report."""
        return timedelta(days=self.horizon_days)

    @property
    def oldest_waiting(self) -> timedelta:
        """How long a report may wait."""
        return timedelta(seconds=self.oldest_waiting_seconds)

    @field_validator("announcement_key")
    @classmethod
    def _is_a_key(cls, text: str) -> str:
        announcement_key(text)
        return text
