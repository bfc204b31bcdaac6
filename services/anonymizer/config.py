"""The anonymizer's settings."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from shared.errors import ConfigurationError
from shared.horizon import HORIZON_DAYS, MOST_HORIZON_DAYS
from shared.root_key import RootKey
from shared.settings import PREFIX, DatabaseSettings


class AnonymizerSettings(DatabaseSettings):
    """What the anonymizer needs to know."""

    key_folder: Path = Field(
        description="Folder of the keys, the same for all anonymizers of an installation."
    )
    root_key: SecretStr | None = Field(
        default=None, description="Encrypts the keys at rest: base64 of 32 bytes. Or the next one."
    )
    root_key_file: Path | None = Field(
        default=None, description="File with the root key; its mode is 0600 or 0400."
    )
    max_records: int = Field(
        default=6000, ge=1, le=20_000, description="Records in one batch at the most."
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
    horizon_days: int = Field(
        default=HORIZON_DAYS,
        ge=1,
        le=MOST_HORIZON_DAYS,
        description="Decisions of linking are kept so long, and 400 days at the least; as for ingest.",
    )
    start_seconds: float = Field(
        default=30, gt=0, le=60, description="How long Kafka may take to answer at start, seconds."
    )
    round_seconds: float = Field(
        default=10, gt=0, le=60, description="How often each key is looked at."
    )
    grace_seconds: float = Field(
        default=75,
        ge=65,
        description="From a key's retirement until nobody can seal to it any more: more than the 60 s "
        "that ingest trusts an announcement, with the 4 s that a report may be on its way.",
    )
    drain_seconds: float = Field(
        default=300,
        gt=0,
        le=600,
        description="After a start or a jump of the clock no key is destroyed by age for so long; "
        "not less than the grace.",
    )
    delete_seconds: float = Field(
        default=60, gt=0, le=600, description="How often processed reports are deleted in Kafka."
    )

    @property
    def decisions_kept(self) -> timedelta:
        """As long as an event can be corrected (decision 0026)."""
        return timedelta(days=max(HORIZON_DAYS, self.horizon_days))

    @field_validator("root_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            RootKey.of(given.get_secret_value())
        return given

    @field_validator("drain_seconds")
    @classmethod
    def _outlasts_the_grace(cls, given: float, info: ValidationInfo) -> float:
        if given < info.data.get("grace_seconds", 0):
            raise ValueError("must not be less than LAGESBILD_GRACE_SECONDS")
        return given

    def root(self) -> RootKey:
        """The root key, from the one place that is named.

        Raises:
            ConfigurationError: none or two are named, or the file is not as it must be.
        """
        if (self.root_key is None) == (self.root_key_file is None):
            names = f"{PREFIX}ROOT_KEY, {PREFIX}ROOT_KEY_FILE"
            raise ConfigurationError([f"{names}: exactly one of them is needed"])
        if self.root_key is not None:
            return RootKey.of(self.root_key.get_secret_value())
        try:
            return RootKey.in_file(Path(self.root_key_file or ""))
        except ValueError as error:
            raise ConfigurationError([f"{PREFIX}ROOT_KEY_FILE: {error}"]) from None
