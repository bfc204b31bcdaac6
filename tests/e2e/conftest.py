"""One installation for the end-to-end tests that leave it whole."""

from collections.abc import Iterator

import pytest

from tests.support.stack import RunningStack, running_stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A running installation with the demo pack; tests of one module share it."""
    with running_stack(tmp_path_factory.mktemp("installation") / "data") as running:
        yield running
