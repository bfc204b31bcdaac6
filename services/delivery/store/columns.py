"""Rows of four numbers from PostgreSQL's binary COPY, as arrays: no object per row is made."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.delivery.domain.cells import Counts
from shared.buckets import Numbers
from shared.postgres import Connection

_HEADER = 19  # signature, flags, length of the extension: PGCOPY without one
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *[
            part
            for name in ("bucket", "series", "reports", "incidents")
            for part in ((f"{name}_bytes", ">i4"), (name, ">i4"))
        ],
    ]
)
_AT_ONCE = 4 << 20


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells as columns. Shape: `counts` is (2, n): reports and incidents."""

    buckets: Numbers
    series: Numbers
    counts: Counts


@dataclass(slots=True)
class _Reading:
    waiting: bytearray = field(default_factory=bytearray)
    begun: bool = False
    read: list[NDArray[np.int32]] = field(default_factory=list)

    async def write(self, piece: bytes) -> None:
        self.waiting += piece
        if not self.begun and len(self.waiting) >= _HEADER:
            del self.waiting[:_HEADER]
            self.begun = True
        if len(self.waiting) > _AT_ONCE:
            self.take()

    def take(self) -> None:
        """Read the whole rows; the two bytes that end the copy are left over."""
        rows = len(self.waiting) // _ROW.itemsize
        table = np.frombuffer(bytes(self.waiting[: rows * _ROW.itemsize]), _ROW)
        names = ("bucket", "series", "reports", "incidents")
        if rows and not all((table[f"{name}_bytes"] == 4).all() for name in names):
            raise AssertionError("every column is a number of four bytes")
        self.read.append(np.stack([table[name].astype(np.int32) for name in names]))
        del self.waiting[: rows * _ROW.itemsize]


async def columns(connection: Connection, query: str, *values: object) -> Columns:
    """The rows of a query whose four columns are `int not null`: bucket, series, two counts."""
    reading = _Reading()
    await connection.copy_from_query(query, *values, output=reading.write, format="binary")
    reading.take()
    table = np.concatenate(reading.read, axis=1)
    return Columns(table[0].astype(np.int64), table[1].astype(np.int64), table[2:])
