"""Everything that can be wrong in a pack, borders and registers included."""

from pathlib import Path

from shared.pack.borders import border_mistakes
from shared.pack.load import folder_mistakes, read_folder
from shared.pack.mistakes import Mistake, in_reading_order
from shared.pack.registers import REGISTERS, register_mistakes


def check(path: Path) -> list[Mistake]:
    """Every mistake in the order of reading; empty means that the pack can be used."""
    folder = read_folder(path)
    if not path.is_dir():
        return list(folder.unreadable)
    found = [*folder_mistakes(folder), *border_mistakes(folder.features)]
    for register in REGISTERS:
        found.extend(register_mistakes(path, register))
    return in_reading_order(found)
