"""Golden data: compared, or rewritten on request."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.golden import DATA


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, list[Any]], None]:
    """Compare rows with a golden file of NDJSON; rewrite it with --update-golden."""

    def compare(name: str, rows: list[Any]) -> None:
        path = DATA / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
            path.write_text("".join(lines), encoding="utf-8")
        assert rows == read(name)

    return compare


def read(name: str) -> list[Any]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
