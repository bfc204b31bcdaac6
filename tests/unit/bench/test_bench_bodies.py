"""Bodies that are made once and sent under ever new ids."""

import itertools
import json

from deploy.bench.bodies import MARK, Bodies, Ids, Template
from shared.identity import event_id

SECRET = b"0123456789abcdef"


def bodies() -> Bodies:
    rows = b"".join(b'{"id": "%s-%d", "text": "t"}\n' % (MARK, at) for at in range(3))
    return Bodies([Template("fire", rows, 3), Template("police", rows, 3)], itertools.count(1))


def test_no_id_ever_comes_again() -> None:
    stream = bodies()
    ids = [json.loads(line)["id"] for _ in range(5) for line in stream.next().body.splitlines()]
    assert len(set(ids)) == 15


def test_the_actors_take_turns() -> None:
    stream = bodies()
    assert [stream.next().actor for _ in range(3)] == ["police", "fire", "police"]


def test_a_body_keeps_its_length_whatever_its_number() -> None:
    stream = bodies()
    assert len({len(stream.next().body) for _ in range(20)}) == 1


def test_the_first_row_is_known_by_its_event_id() -> None:
    post = bodies().next()
    assert json.loads(post.body.splitlines()[0])["id"] == post.first_id
    assert Ids(SECRET, "9998").of(post) == event_id(
        SECRET, municipality="9998", actor="police", own_id=post.first_id
    )
