"""An answer of delivery is right if it has all that its reader may see, and nothing else."""

from typing import Any

import pytest

from deploy.chaos.oracle import Count, Shown
from deploy.chaos.views import Sighting, summed

EXPECTED = {
    Shown("111", "fire", "15m"): Count(2, 1),
    Shown("112", "fire", "1h"): Count(3, 3),
    Shown("111", "arrest", "7d"): Count(4, 4),
    Shown("111", "secret", "1h"): Count(5, 5),
}
FIRST = {"area": "111", "indicator": "fire", "window": "15m", "reports": 2, "incidents": 1}
SECOND = {"area": "112", "indicator": "fire", "window": "1h", "reports": 3, "incidents": 3}


def sighting(*cells: dict[str, Any]) -> Sighting:
    view = {
        "cells": list(cells),
        "withheld": ["secret"],
        "not_offered": [{"indicator": "arrest", "windows": ["15m", "1h", "7d"]}],
    }
    seen = Sighting()
    seen.see(view, EXPECTED, codes=("fire", "arrest", "secret"))
    return seen


def test_what_is_withheld_or_not_offered_is_not_missed() -> None:
    assert sighting(FIRST, SECOND) == Sighting(cells=2, wrong=0)


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ([FIRST], 1),
        ([FIRST, SECOND | {"reports": 4}], 1),
        ([FIRST, SECOND | {"incidents": 2}], 1),
        ([FIRST, SECOND | {"area": "113"}], 2),
        ([FIRST, SECOND, SECOND | {"indicator": "secret"}], 1),
    ],
)
def test_every_number_that_differs_is_wrong(cells: list[dict[str, Any]], wrong: int) -> None:
    assert sighting(*cells).wrong == wrong


def test_a_higher_level_is_the_sum_of_its_areas() -> None:
    leaves = {
        Shown("111", "fire", "1h"): Count(2, 1),
        Shown("112", "fire", "1h"): Count(3, 3),
        Shown("121", "fire", "1h"): Count(1, 1),
    }
    assert summed(leaves, 2) == {
        Shown("11", "fire", "1h"): Count(5, 4),
        Shown("12", "fire", "1h"): Count(1, 1),
    }
