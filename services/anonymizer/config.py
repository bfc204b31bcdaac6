"""The anonymizer's settings."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from shared.sealing import private_key
from shared.settings import DatabaseSettings


class AnonymizerSettings(DatabaseSettings):
    """What the anonymizer needs to know."""

    sealing_private_key: SecretStr = Field(
        description="Private key that opens the reports, base64 of 32 bytes."
    )
    max_records: int = Field(
        default=2000, ge=1, le=20_000, description="Records in one batch at the most."
    )
    dead_letter_limit: int = Field(
        default=1000,
        ge=1,
        description="So many dead letters in a row mean that the program or its key is wrong.",
    )
    linking: Literal["on", "off"] = Field(
        default="on",
        description="off only to measure what linking costs: nothing is linked or bounded.",
    )
    forget_seconds: float = Field(
        default=600, gt=0, le=3600, description="How often old tokens are deleted, seconds."
    )
    start_seconds: float = Field(
        default=30, gt=0, le=60, description="How long Kafka may take to answer at start, seconds."
    )

    @field_validator("sealing_private_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr) -> SecretStr:
        private_key(given.get_secret_value())
        return given
