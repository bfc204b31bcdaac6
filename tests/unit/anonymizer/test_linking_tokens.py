"""Tokens: only the key opens them, and the store's blocks say nothing by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.anonymizer.domain.linking.cells import (
    CELL,
    MOST_SLOT,
    MOST_X,
    MOST_Y,
    Cells,
    cells_of,
)
from services.anonymizer.domain.linking.tokens import incident_id, opened, sealed

KEY = bytes(range(32))
IDS = [number.to_bytes(16) for number in range(1, 9)]


def some_cells(count: int) -> Cells:
    cells, known = cells_of([674_050.0] * count, [6_580_050.0] * count, [1.76e9] * count)
    assert known.all()
    return cells


@given(
    st.floats(0, 100 * MOST_X - 1),
    st.floats(0, 100 * MOST_Y - 1),
    st.floats(0, 900 * MOST_SLOT - 1),
)
def test_what_is_sealed_is_opened_by_the_same_key(e: float, n: float, seconds: float) -> None:
    cells, known = cells_of([e], [n], [seconds])
    assert known.all()
    back, readable = opened(sealed(cells, IDS[:1], KEY), IDS[:1], KEY)
    assert readable.all()
    assert back.tobytes() == cells.tobytes()


def test_a_cell_is_a_hundred_metres_and_a_quarter_of_an_hour() -> None:
    cells, _ = cells_of([199.9, 200.0], [50.0, 250.0], [899.9, 900.0])
    assert cells["x"].tolist() == [1, 2]
    assert cells["y"].tolist() == [0, 2]
    assert cells["slot"].tolist() == [0, 1]


@pytest.mark.parametrize(
    "place",
    [(float("nan"), 1.0, 1.0), (1.0, float("nan"), 1.0), (-1.0, 1.0, 1.0), (1.0, 1e9, 1.0)],
    ids=["no e", "no n", "west", "north"],
)
def test_a_place_that_is_none_has_no_cell(place: tuple[float, float, float]) -> None:
    e, n, seconds = place
    _, known = cells_of([e], [n], [seconds])
    assert not known.any()


def test_equal_cells_have_different_tokens() -> None:
    assert len(set(sealed(some_cells(8), IDS, KEY))) == 8


def test_another_key_opens_nothing() -> None:
    cells = some_cells(8)
    back, readable = opened(sealed(cells, IDS, KEY), IDS, bytes(32))
    assert readable.sum() <= 1  # one byte tells them apart: one of 256 by chance
    assert not (back["x"] == cells["x"]).all()


def test_a_token_is_one_block_of_sixteen_bytes() -> None:
    assert CELL.itemsize == 16
    assert [len(one) for one in sealed(some_cells(3), IDS[:3], KEY)] == [16, 16, 16]


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sealed(some_cells(1), IDS[:1], b"short")


def test_the_id_of_an_incident_depends_on_founder_version_and_key() -> None:
    ids = {
        incident_id(founder, version, key)
        for founder in IDS[:2]
        for version in (1, 2)
        for key in (KEY, bytes(32))
    }
    assert len(ids) == 8
    assert {(one[6] >> 4, one[8] >> 6) for one in ids} == {(8, 2)}
