"""Letters of Swedish texts: their marks, with and without."""

from collections.abc import Iterable

_FOLD = str.maketrans("åäàáâãæöøòóôéèêëüùúûíìïñç", "aaaaaaaoooooeeeeuuuuiiinc")


def fold(text: str) -> str:
    """A text in lower case without the marks of its letters; as long as it was."""
    return text.translate(_FOLD)


def has_marks(text: str) -> bool:
    """Whether the writer has å, ä or ö at all."""
    return "å" in text or "ä" in text or "ö" in text


def with_and_without_marks(words: Iterable[str]) -> frozenset[str]:
    """Some words as they are, and as who has no å, ä, ö writes them."""
    return frozenset(written for word in words for written in (word, fold(word)))
