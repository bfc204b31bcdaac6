"""One installation for the end-to-end tests that leave it whole.

Their files are named in `tests/conftest.py`, so that one worker has them all.
"""

from collections.abc import Iterator

import pytest

from tests.support.stack import RunningStack, running_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A running installation with the demo pack. Others have reported and subscribed there before.

    So a test counts from what it finds, and what it has killed runs again when it ends. It stops
    with the last end-to-end test: idle beside all others it took a minute of their time.
    """
    with running_stack(tmp_path_factory.mktemp("installation") / "data") as running:
        yield running
