"""The stream of linked events: several events to an incident, and one truth for each version."""

import json
from collections import defaultdict
from itertools import pairwise
from uuid import UUID

import msgspec

from deploy.chaos.incidents import Incidents, Linked, record
from shared.identity import partition_of
from shared.messages.event import Event
from tests.unit.chaos.scene import SCENERY


def stream(count: int = 2000) -> list[Linked]:
    incidents = Incidents(SCENERY)
    return [incidents.next() for _ in range(count)]


def test_a_version_of_an_event_says_one_thing_and_is_linked_once() -> None:
    told: defaultdict[tuple[UUID, int], set[Linked]] = defaultdict(set)
    for linked in stream():
        told[linked.event, linked.version].add(linked)
    for some in told.values():
        assert len({one.said for one in some}) == 1
        assert len({one.incident for one in some if one.incident}) <= 1
    assert any(len(some) == 2 for some in told.values())


def test_it_resends_corrects_withdraws_and_overtakes() -> None:
    versions: defaultdict[UUID, list[int]] = defaultdict(list)
    for linked in stream():
        versions[linked.event].append(linked.version)
    steps = [later - earlier for some in versions.values() for earlier, later in pairwise(some)]
    assert min(steps) < 0
    assert 0 in steps
    assert max(steps) > 1
    assert any(linked.said is None for linked in stream())


def test_incidents_have_one_to_four_events_on_several_partitions() -> None:
    members: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for linked in stream():
        if linked.version == 1 and linked.incident:
            members[linked.incident].add(linked.event)
    assert {1, 2, 3, 4} <= {len(events) for events in members.values()}
    assert any(len({partition_of(one, 8) for one in events}) > 1 for events in members.values())
    assert any(linked.incident is None and linked.said for linked in stream())


def test_a_record_is_an_event_as_the_log_has_it() -> None:
    for linked in stream(200):
        event = msgspec.json.decode(record(linked, "9998"), type=Event)
        assert (event.event_id, event.version) == (linked.event, linked.version)
        assert event.live is (linked.said is not None)
        if linked.said and event.occurred_at:
            assert (event.indicator, event.area) == (linked.said.indicator, linked.said.area)
            assert event.occurred_at.timestamp() == linked.said.minute * 60


def test_a_record_names_its_incident() -> None:
    for linked in stream(200):
        named = json.loads(record(linked, "9998")).get("incident_id")
        assert named == (str(linked.incident) if linked.incident else None)
