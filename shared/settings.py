"""Settings: environment variables only, checked at start, all mistakes at once.

Every service has one frozen settings class of its own that adds to `ServiceSettings`. The name of
a variable is `LAGESBILD_` and the field's name in capitals.
"""

import os
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import ConfigurationError
from shared.language import Language
from shared.logging import LogFormat
from shared.topics import DEFAULT_PARTITIONS

PREFIX = "LAGESBILD_"

Settings = TypeVar("Settings", bound=BaseSettings)


class ServiceSettings(BaseSettings):
    """What every service needs to know."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    kafka: str = Field(description="Kafka's bootstrap servers, `host:port[,host:port]`.")
    topic_prefix: str = Field(default="", description="Put before every topic and group name.")
    partitions: int = Field(
        default=DEFAULT_PARTITIONS, ge=1, le=1024, description="Partitions of the two main topics."
    )
    packs: Annotated[tuple[Path, ...], NoDecode] = Field(
        description="Folders of the municipalities' packs, separated as in PATH."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(ge=1, le=65535, description="Port of HTTP, /metrics and /ready.")
    log_format: LogFormat = Field(default=LogFormat.JSON, description="json or pretty.")
    language: Language = Field(default=Language.SV, description="Language of texts for people.")

    @field_validator("packs", mode="before")
    @classmethod
    def _folders(cls, given: Any) -> Any:
        if isinstance(given, str):
            return tuple(Path(folder) for folder in given.split(os.pathsep) if folder)
        return given


class DatabaseSettings(ServiceSettings):
    """What a service with a login role in PostgreSQL needs besides."""

    postgres: SecretStr = Field(description="DSN of this service's own login role.")


def read_settings(settings_type: type[Settings]) -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: a variable is missing or wrong; every one is listed, without its value.
    """
    try:
        return settings_type()
    except ValidationError as error:
        raise ConfigurationError(
            [
                f"{PREFIX}{'_'.join(str(part) for part in mistake['loc']).upper()}: {mistake['msg']}"
                for mistake in error.errors(
                    include_input=False, include_url=False, include_context=False
                )
            ]
        ) from None
