"""Which tables a generation of the counts consists of, and how a statement is made for another."""

import re
from collections.abc import Mapping
from types import MappingProxyType

LIVE = "counting"
NEXT = "counting_next"

TABLES = ("event", "change", "hour_cell", "day_cell", "incident")
"""What `lagesbild rebuild` makes anew. Series are shared: their numbers are remembered."""

OFFSETS = "stream_offset"
"""How far a generation has come. The live one stays where it is: running aggregators own it."""

_OF_A_GENERATION = re.compile(rf"\b{LIVE}\.(?=(?:{'|'.join((*TABLES, OFFSETS))})\b)")


def in_schema(statements: Mapping[str, str], schema: str) -> MappingProxyType[str, str]:
    """The same statements for the generation in another schema."""
    return MappingProxyType(
        {name: _OF_A_GENERATION.sub(f"{schema}.", sql) for name, sql in statements.items()}
    )
