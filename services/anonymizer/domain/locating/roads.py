"""Numbered roads in a text."""

from collections.abc import Iterator, Mapping, Sequence

from services.anonymizer.domain.locating.writing import Writing


def roads_of(writing: Writing, roads: Mapping[str, Sequence[int]]) -> Iterator[Sequence[int]]:
    """The entries of each road of ours in the text, but for one that somebody came by or goes to."""
    if not writing.numbers.has_road:
        return
    words = writing.words
    for at, word in enumerate(words):
        if not word.is_number or at in writing.onward or not writing.numbers.is_road(at):
            continue
        number = str(int(word.plain))
        entries = roads.get(f"E{number}" if words[at - 1].ascii == "e" else number)
        if entries:
            yield entries
