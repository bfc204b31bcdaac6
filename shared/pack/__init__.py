"""A municipality is a pack: one folder that holds everything that is its own (DESIGN §6).

`load_pack` gives services what they need to start; `check` explains every mistake to whoever
writes a pack. Both import their libraries when they are called, so that a module that only
needs `shared.pack.model` stays light.
"""

from pathlib import Path

from shared.pack.mistakes import Mistake, PackError
from shared.pack.model import Actor, Area, Family, Indicator, Kind, Pack, Sensitivity

__all__ = [
    "Actor",
    "Area",
    "Family",
    "Indicator",
    "Kind",
    "Mistake",
    "Pack",
    "PackError",
    "Sensitivity",
    "check",
    "load_pack",
]


def load_pack(path: Path) -> Pack:
    """Read a pack, without its borders and registers.

    Raises:
        PackError: something in the files that were read is wrong; it lists everything.
    """
    from shared.pack.load import load_pack as load  # noqa: PLC0415 - brings YAML and pydantic

    return load(path)


def check(path: Path) -> list[Mistake]:
    """Every mistake in a pack, borders and registers included; empty means that it can be used."""
    from shared.pack.checks import check as every_mistake  # noqa: PLC0415 - brings shapely too

    return every_mistake(path)
