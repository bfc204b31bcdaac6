"""Texts for people: Swedish first, English switchable."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that every text for people exists in."""

    SV = "sv"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; both written where the sentence is needed."""

    sv: str
    en: str

    def in_(self, language: Language) -> str:
        """The sentence in one language."""
        return self.sv if language is Language.SV else self.en


def preferred(accept_language: str | None, default: Language) -> Language:
    """The first language of an Accept-Language header that we have; quality values are not weighed.

    Shape: `None` or a header without Swedish and English gives `default`.
    """
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in tuple(Language):
            return Language(tag)
    return default
