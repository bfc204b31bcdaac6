"""An archive of the police's feed: lines of JSON, packed or not, in batches of reports."""

import gzip
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path

import msgspec

from services.ingest.adapters.polisen import Unmapped, report_of
from shared.errors import ConfigurationError
from shared.pack.model import Agreement

GZIP = b"\x1f\x8b"


class Archive:
    """The events of some files.

    Shape: `unmapped` counts events by a type that the agreement does not map, as the feed writes
    it; `unreadable` are lines that are no events. Both grow while the batches are read.
    """

    def __init__(self, files: Iterable[Path], agreement: Agreement) -> None:
        self._files = tuple(files)
        self._agreement = agreement
        self.unmapped: Counter[str] = Counter()
        self.unreadable = 0

    def batches(self, rows: int) -> Iterator[list[bytes]]:
        """Reports as lines of JSON, at most so many at a time; never an empty batch.

        Raises:
            ConfigurationError: a file cannot be read; the batches before it have been given.
        """
        batch: list[bytes] = []
        for line in self._lines():
            report = self._report(line)
            if report is not None:
                batch.append(report)
            if len(batch) == rows:
                yield batch
                batch = []
        if batch:
            yield batch

    def _lines(self) -> Iterator[bytes]:
        for file in self._files:
            try:
                with _opened(file) as lines:
                    yield from (line for line in lines if line.strip())
            except (OSError, EOFError, zlib.error) as error:
                reason = getattr(error, "strerror", None) or type(error).__name__
                raise ConfigurationError([f"{file}: {reason}"]) from None

    def _report(self, line: bytes) -> bytes | None:
        try:
            item = msgspec.json.decode(line, type=dict)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.unreadable += 1
            return None
        report = report_of(item, self._agreement)
        if isinstance(report, Unmapped):
            self.unmapped[report.type] += 1
            return None
        if report is None:
            self.unreadable += 1
            return None
        return msgspec.json.encode(report)


def _opened(file: Path) -> gzip.GzipFile | BufferedReader:
    with file.open("rb") as start:
        is_packed = start.read(len(GZIP)) == GZIP
    return gzip.open(file, "rb") if is_packed else file.open("rb")
