"""The stages fit together: the golden output of each is the input of the next."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from deploy.demo.receiver import PushedCell
from shared.errors import DeadReason
from shared.messages.codec import encode
from tests.support import golden as chain

Compare = Callable[[str, list[Any]], None]


def read(name: str) -> list[Any]:
    lines = (chain.DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("actor", chain.ACTORS)
def test_reports_are_accepted_or_refused_with_all_their_errors(actor: str, golden: Compare) -> None:
    body = (chain.DATA / "1-reports" / f"{actor}.ndjson").read_bytes()
    rows, answer = chain.accepted(actor, body)
    golden(f"2-accepted/{actor}.ndjson", rows)
    golden(f"2-accepted/{actor}.answer.ndjson", [answer])


@pytest.mark.parametrize("actor", chain.ACTORS)
def test_accepted_reports_become_events(actor: str, golden: Compare) -> None:
    found = chain.events(read(f"2-accepted/{actor}.ndjson"))
    events = [json.loads(encode(one)) for one in found if not isinstance(one, DeadReason)]
    assert len(events) == len(found)
    golden(f"3-events/{actor}.ndjson", events)


def test_events_become_cells(golden: Compare) -> None:
    log = [row for actor in chain.ACTORS for row in read(f"3-events/{actor}.ndjson")]
    golden("4-cells/cells.ndjson", list(chain.cells(chain.winners(log))))


@pytest.mark.parametrize(("actor", "level"), [("fire", 3), ("police", 1), ("housing", 2)])
def test_cells_become_pushes(actor: str, level: int, golden: Compare) -> None:
    cells = read("4-cells/cells.ndjson")
    golden(f"5-deliveries/{actor}.ndjson", [chain.push(cells, actor=actor, level=level)])


@pytest.mark.parametrize("actor", ["fire", "police", "housing"])
def test_the_receiver_of_the_demo_knows_every_key_of_a_pushed_cell(actor: str) -> None:
    (push,) = read(f"5-deliveries/{actor}.ndjson")
    assert [PushedCell(**cell) for cell in push["data"]["cells"]]


def test_nothing_that_only_a_report_has_is_in_a_later_folder() -> None:
    reports = [row for actor in chain.ACTORS for row in read(f"2-accepted/{actor}.ndjson")]
    private = {
        text
        for row in reports
        for text in (
            row["report"].get("text"),
            row["report"].get("extra"),
            row["report"].get("location"),
        )
        if text
        for text in ([text] if isinstance(text, str) else [str(v) for v in text.values()])
        if len(text) > 6
    }
    assert len(private) >= 5
    later = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("3-events", "4-cells", "5-deliveries")
        for path in (chain.DATA / folder).iterdir()
    )
    assert [text for text in private if text in later] == []
