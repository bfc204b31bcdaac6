"""The stream of posts has everything in it that can go wrong with versions."""

import json
from collections import defaultdict

from deploy.chaos.content import Content
from deploy.chaos.load import Batch, Load, Move
from tests.unit.chaos.scene import SCENERY

ROWS = 50


def posts(count: int = 100) -> tuple[Load, list[Batch]]:
    load = Load(SCENERY, Content(SCENERY))
    return load, [load.next(ROWS) for _ in range(count)]


def test_a_post_has_the_rows_that_it_tells() -> None:
    content = Content(SCENERY)
    for batch in posts(10)[1]:
        lines = batch.post.body.decode().splitlines(keepends=True)
        assert lines == [content.row(*telling) for telling in batch.tellings]
        assert batch.post.rows == len(lines) == ROWS
        assert json.loads(lines[0])["id"] == batch.post.first_id


def test_a_post_is_of_one_actor_and_they_take_turns() -> None:
    _, batches = posts(6)
    assert [batch.post.actor for batch in batches] == ["fire", "police"] * 3
    for batch in batches:
        turn = SCENERY.actors.index(batch.post.actor)
        assert {number % 2 for number, _ in batch.tellings} == {turn}


def test_every_move_is_made() -> None:
    load, _ = posts()
    assert set(load.sent) == set(Move)


def test_a_version_is_overtaken_by_a_later_one() -> None:
    seen: defaultdict[int, list[int]] = defaultdict(list)
    for batch in posts()[1]:
        for number, version in batch.tellings:
            seen[number].append(version)
    assert any(
        versions[at] + 1 < versions[at + 1] and versions[at] + 1 in versions[at + 2 :]
        for versions in seen.values()
        for at in range(len(versions) - 1)
    )


def test_the_same_seed_gives_the_same_posts() -> None:
    assert posts(20)[1] == posts(20)[1]
