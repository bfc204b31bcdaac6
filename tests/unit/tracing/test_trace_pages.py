"""The pages about privacy show what the command says today."""

from pathlib import Path

import pytest

from shared.language import Language
from tests.support.privacy_pages import PAGES, same_but_for_keys, with_walk


@pytest.mark.parametrize(("path", "language"), PAGES.items(), ids=[one.name for one in PAGES])
def test_the_walk_in_the_page_is_the_commands(path: Path, language: Language) -> None:
    page = path.read_text(encoding="utf-8")
    assert page.count("\n10  ") == 1
    assert same_but_for_keys(with_walk(page, language)) == same_but_for_keys(page)
