"""Swedish first, English switchable."""

import pytest

from shared.language import Language, Text, preferred


def test_a_text_exists_in_both_languages() -> None:
    text = Text("Hej", "Hello")
    assert [text.in_(language) for language in Language] == ["Hej", "Hello"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "sv"),
        ("", "sv"),
        ("de", "sv"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en;q=0.5", "en"),
        ("sv-SE, en", "sv"),
    ],
)
def test_the_first_language_that_we_have_is_preferred(header: str | None, language: str) -> None:
    assert preferred(header, Language.SV) == language
