"""`lagesbild migrate`: all that must stand before the services start, in one command.

The schema and the roles' passwords always, the topics where a Kafka is named, the registry where a
pack is. Each of them may be there already, so the command can be run before every start.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.embedded.keys import SERVICE_ROLES, api_keys_of, named_api_keys
from deploy.schema.migrate import Migration, migrate
from deploy.schema.register import register
from shared.api_keys import ApiKeys, is_well_formed
from shared.errors import ConfigurationError
from shared.kafka import KAFKA_AWAY, ensure_topics
from shared.logging import LogFormat
from shared.pack import Pack, load_pack
from shared.retry import until_done
from shared.settings import PREFIX
from shared.topics import DEFAULT_PARTITIONS, IN_ORDER

KAFKA_SECONDS = 60.0
API_KEYS = f"{PREFIX}API_KEYS"


class PrepareSettings(BaseSettings):
    """What the environment says; the owner's DSN and the pack are the command line's business."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    kafka: str = Field(default="", description="Kafka's bootstrap servers; none: no topics.")
    topic_prefix: str = Field(default="", description="Put before every topic and group name.")
    partitions: int = Field(
        default=DEFAULT_PARTITIONS, ge=1, le=1024, description="Partitions of the two main topics."
    )
    api_keys: SecretStr | None = Field(
        default=None, description='JSON object of `"actor/purpose"` and `"owner"` to key.'
    )
    ingest_password: SecretStr | None = Field(default=None, description="Of its login role.")
    anonymizer_password: SecretStr | None = Field(default=None, description="Of its login role.")
    aggregator_password: SecretStr | None = Field(default=None, description="Of its login role.")
    delivery_password: SecretStr | None = Field(default=None, description="Of its login role.")
    log_format: LogFormat = Field(default=LogFormat.JSON, description="json or pretty.")

    def passwords(self) -> dict[str, str]:
        """The passwords that are given, by role; the others stay as they are."""
        given: dict[str, SecretStr | None] = {
            role: getattr(self, f"{service}_password") for service, role in SERVICE_ROLES.items()
        }
        return {role: word.get_secret_value() for role, word in given.items() if word}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was done: the migrations applied, the topics that stand, the municipality registered."""

    migrations: Sequence[Migration]
    topics: Sequence[str]
    municipality: str | None


async def prepare(owner_dsn: str, settings: PrepareSettings, *, pack: Path | None) -> Prepared:
    """Do it; nothing is touched before everything given has been understood.

    Raises:
        ConfigurationError: pack or keys are wrong, the topics or the schema are not as agreed, or
            Kafka does not answer.
    """
    registered = _understood(settings, pack)
    migrations = await migrate(owner_dsn, passwords=settings.passwords())
    topics = await _topics(settings)
    if registered:
        loaded, keys = registered
        await register(owner_dsn, loaded, keys=keys)
    return Prepared(migrations, topics, registered[0].code if registered else None)


def _understood(settings: PrepareSettings, pack: Path | None) -> tuple[Pack, ApiKeys] | None:
    if pack is None:
        return None
    loaded = load_pack(pack)
    if settings.api_keys is None:  # registering without keys would revoke every one there is
        raise ConfigurationError([f"{API_KEYS}: a pack is registered together with its keys"])
    return loaded, _api_keys(settings.api_keys.get_secret_value(), loaded)


def _api_keys(text: str, pack: Pack) -> ApiKeys:
    """The keys of the pack's actors and of the owner.

    Raises:
        ConfigurationError: one is missing or is not a key; no key is repeated.
    """
    try:
        named: Any = json.loads(text)
    except ValueError:
        named = None
    if not isinstance(named, dict):
        raise ConfigurationError([f"{API_KEYS}: not a JSON object"])
    try:
        keys = api_keys_of(named, actors=pack.actors)
    except KeyError as missing:
        raise ConfigurationError([f"{API_KEYS}: there is no key {missing.args[0]}"]) from None
    mistakes = [
        f"{API_KEYS}: {name} is not a key"
        for name, key in named_api_keys(keys).items()
        if not isinstance(key, str) or not is_well_formed(key)
    ]
    if mistakes:
        raise ConfigurationError(mistakes)
    return keys


async def _topics(settings: PrepareSettings) -> list[str]:
    if not settings.kafka:
        return []
    ensured = partial(
        ensure_topics,
        settings.kafka,
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
    )
    try:
        async with asyncio.timeout(KAFKA_SECONDS):
            await until_done(ensured, on=KAFKA_AWAY, action="topics_ensured")
    except TimeoutError:
        raise ConfigurationError([f"{PREFIX}KAFKA: {settings.kafka} does not answer"]) from None
    return [topic.named(settings.topic_prefix) for topic in IN_ORDER]
