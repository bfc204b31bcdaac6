"""The life of a subscription through the HTTP interface, on real PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.delivery import Town, a_request, a_town, owner_reads
from tests.support.servers import Database

URL = "http://127.0.0.1:9/push"


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with a_town(database) as running:
        yield running


async def audited(database: Database) -> list[tuple[Any, ...]]:
    rows = await owner_reads(
        database,
        "select kind, actor, detail->>'motive' from audit.entry "
        "where kind like 'subscription%' order by seq",
    )
    return [tuple(row) for row in rows]


async def act(town: Town, which: str, name: str, body: Any = None) -> tuple[int, str]:
    path = f"/v1/subscriptions/{which}/{name}"
    status, answer = await town.owner.ask("POST", path, body or {"motive": "Avtal"})
    return status, answer.get("state") or answer["error"]


async def test_a_request_waits_for_the_data_owner(town: Town) -> None:
    made = await town.requested(URL)
    assert made["state"] == "requested"
    assert made["secret"].startswith("whsec_")
    status, shown = await town.client("fire").ask("GET", f"/v1/subscriptions/{made['id']}")
    assert status == 200
    assert "secret" not in shown
    assert {name: shown[name] for name in a_request(URL)} == a_request(URL)


async def test_a_request_with_mistakes_has_them_all_in_both_languages(town: Town) -> None:
    body = a_request("http://10.0.0.1/", indicators=["x"], areas=["111"], every_s=1)
    status, answer = await town.client("fire").ask("POST", "/v1/subscriptions", body)
    assert (status, answer["error"]) == (422, "invalid")
    english = await town.client("fire").ask(
        "POST", "/v1/subscriptions", body, **{"accept-language": "en"}
    )
    assert {(one["field"], one["code"]) for one in answer["errors"]} == {
        ("every_s", "out_of_range"),
        ("indicators[0]", "unknown_code"),
        ("areas[0]", "not_of_level"),
        ("level", "two_ways"),
        ("channel.url", "url_address"),
    }
    assert "ett nät" in str(answer["errors"])
    assert "a network" in str(english)


async def test_a_name_that_cannot_be_resolved_is_refused(town: Town) -> None:
    body = a_request("https://no-such-host.invalid/")
    status, answer = await town.client("fire").ask("POST", "/v1/subscriptions", body)
    assert (status, answer["errors"][0]["code"]) == (422, "url_unresolved")


async def test_an_actor_sees_its_own_and_the_data_owner_all(town: Town) -> None:
    mine = (await town.requested(URL))["id"]
    theirs = (await town.requested(URL, actor="police"))["id"]
    _, fire = await town.client("fire").ask("GET", "/v1/subscriptions")
    assert [one["id"] for one in fire["subscriptions"]] == [mine]
    _, owner = await town.owner.ask("GET", "/v1/subscriptions")
    assert [one["id"] for one in owner["subscriptions"]] == [mine, theirs]
    for method in ("GET", "DELETE"):
        status, _ = await town.client("fire").ask(method, f"/v1/subscriptions/{theirs}")
        assert status == 404
    assert (await town.owner.ask("GET", f"/v1/subscriptions/{theirs}"))[0] == 200


async def test_only_the_data_owner_decides(town: Town) -> None:
    which = (await town.requested(URL))["id"]
    path = f"/v1/subscriptions/{which}/approve"
    status, _ = await town.client("fire").ask("POST", path, {"motive": "Ja tack"})
    assert status == 403
    assert (await town.owner.ask("POST", "/v1/subscriptions", a_request(URL)))[0] == 403


async def test_a_decision_needs_a_motive_and_is_made_once(database: Database, town: Town) -> None:
    which = (await town.requested(URL))["id"]
    assert await act(town, which, "approve", {"motive": " "}) == (422, "invalid")
    assert await act(town, which, "approve") == (200, "approved")
    assert await act(town, which, "approve") == (409, "wrong_state")
    assert await act(town, which, "refuse") == (409, "wrong_state")
    assert await audited(database) == [
        ("subscription_requested", "fire", None),
        ("subscription_approved", None, "Avtal"),
    ]


async def test_a_refusal_is_the_end(database: Database, town: Town) -> None:
    which = (await town.requested(URL))["id"]
    assert await act(town, which, "refuse", {"motive": "Inget ändamål"}) == (200, "refused")
    assert await act(town, which, "approve") == (409, "wrong_state")
    assert (await town.client("fire").ask("DELETE", f"/v1/subscriptions/{which}"))[0] == 409
    _, shown = await town.client("fire").ask("GET", f"/v1/subscriptions/{which}")
    assert (shown["state"], shown["motive"]) == ("refused", "Inget ändamål")
    assert (await audited(database))[-1] == ("subscription_refused", None, "Inget ändamål")


@pytest.mark.parametrize("by", ["fire", "owner"])
async def test_an_actor_ends_its_own_and_the_data_owner_any(
    database: Database, town: Town, by: str
) -> None:
    which = (await town.approved(URL))["id"]
    client = town.owner if by == "owner" else town.client(by)
    status, answer = await client.ask("DELETE", f"/v1/subscriptions/{which}")
    assert (status, answer["state"]) == (200, "ended")
    assert (await client.ask("DELETE", f"/v1/subscriptions/{which}"))[0] == 409
    actor = None if by == "owner" else by
    assert (await audited(database))[-1] == ("subscription_ended", actor, None)
    rows = await owner_reads(database, "select next_try_at, open_seq from delivery.schedule")
    assert rows == [(None, None)]


@pytest.mark.parametrize("which", ["00000000-0000-0000-0000-000000000000", "x", "1"])
async def test_what_does_not_exist_is_not_found(town: Town, which: str) -> None:
    assert await act(town, which, "approve") == (404, "not_found")
    assert (await town.owner.ask("GET", f"/v1/subscriptions/{which}"))[0] == 404
