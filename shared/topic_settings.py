"""The settings of topics on a broker, compared with the house's and put right.

Of a sealed topic everything is checked that says how long its records stay, of the topic of keys also
what stamps are taken (decision 0022); of the others only whether records are deleted by age or by key:
keeping counts longer than we ask for harms nobody.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from shared.topics import IN_ORDER, Topic

SEGMENT_MS = 600_000
STAMPED_AHEAD_MS = 3_600_000  # Kafka's own default of today, by which it tells whose clock is ahead
_OF_THE_TOPIC = 1  # where a value comes from, in the protocol's words: it was set for this topic


def settings_of(topic: Topic) -> dict[str, str]:
    """The settings that the topic is made with."""
    if topic.compacted:
        return {
            "cleanup.policy": "compact",
            "message.timestamp.type": "CreateTime",
            "message.timestamp.after.max.ms": str(STAMPED_AHEAD_MS),
        }
    settings = {
        "cleanup.policy": "delete",
        "retention.ms": str(int(topic.kept.total_seconds() * 1000)),
        "message.timestamp.type": "CreateTime",
    }
    if topic.sealed:
        settings["segment.ms"] = str(SEGMENT_MS)  # retention works on closed segments only
    return settings


async def differing(admin: AIOKafkaAdminClient, *, prefix: str) -> list[str]:
    """What is not as it should be, one line each."""
    return [
        f"topic {topic.named(prefix)} has {name}={found.get(name)}, not {wanted}"
        for topic, found in (await _found(admin, prefix)).items()
        for name, wanted in _checked(topic).items()
        if found.get(name) != wanted
    ]


async def put_right(admin: AIOKafkaAdminClient, *, prefix: str) -> None:
    """Set what differs; whatever else was set for a topic stays."""
    for topic, found in (await _found(admin, prefix)).items():
        wanted = _checked(topic)
        if all(found.get(name) == value for name, value in wanted.items()):
            continue
        kept = await _set_for(admin, topic.named(prefix))
        (answer,) = await admin.alter_configs(
            [
                ConfigResource(
                    ConfigResourceType.TOPIC, topic.named(prefix), {**kept, **settings_of(topic)}
                )
            ]
        )
        _raise_first(answer.resources)


def _checked(topic: Topic) -> dict[str, str]:
    settings = settings_of(topic)
    return (
        settings
        if topic.sealed or topic.compacted
        else {"cleanup.policy": settings["cleanup.policy"]}
    )


async def _found(admin: AIOKafkaAdminClient, prefix: str) -> Mapping[Topic, dict[str, str]]:
    named = {topic.named(prefix): topic for topic in IN_ORDER}
    resources = await _described(admin, list(named))
    return {
        named[one[3]]: {entry[0]: entry[1] for entry in one[4]} for one in resources if not one[0]
    }


async def _set_for(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    (resource,) = await _described(admin, [name])
    return {entry[0]: entry[1] for entry in resource[4] if entry[3] == _OF_THE_TOPIC}


async def _described(admin: AIOKafkaAdminClient, names: list[str]) -> list[Any]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    answers = await admin.describe_configs(asked)
    return [resource for answer in answers for resource in answer.resources]


def _raise_first(resources: list[Any]) -> None:
    for code, *_ in resources:
        if code:
            raise for_code(code)
