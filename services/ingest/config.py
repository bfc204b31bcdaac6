"""Ingest's settings."""

from datetime import timedelta

from pydantic import Field, SecretStr, field_validator

from shared import sealing
from shared.settings import DatabaseSettings


class IngestSettings(DatabaseSettings):
    """What ingest needs to know."""

    installation_secret: SecretStr = Field(
        min_length=32,
        description="Makes event ids; at least 32 characters, the same for ever and everywhere.",
    )
    sealing_public_key: str = Field(
        description="The anonymizer's public key, base64 of 32 bytes: reports are sealed to it."
    )
    horizon_days: int = Field(
        default=400,
        ge=1,
        le=3650,
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

    @field_validator("sealing_public_key")
    @classmethod
    def _is_a_key(cls, text: str) -> str:
        sealing.public_key(text)
        return text
