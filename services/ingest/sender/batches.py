"""Batches of reports to ingest, each sent again until it is accepted."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from shared.errors import ConfigurationError
from shared.retry import Backoff

TRY_AGAIN = frozenset({429, 502, 503, 504})
AWAY = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError)
BAD_ADDRESS = (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)
TRY_SECONDS = 30.0
BACKOFF = Backoff(first=0.2, most=5.0)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a batch. Shape: `refused` counts refused rows by their first error's code."""

    rows: int
    refused: Counter[str]


class Batches:
    """A connection to one ingest; `on_wait` is called before a batch is sent once more."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, key: str, on_wait: Callable[[], None]
    ) -> None:
        self._session = session
        self._url = f"{url.rstrip('/')}/v1/reports"
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/x-ndjson",
        }
        self._on_wait = on_wait

    async def send(self, lines: Sequence[bytes]) -> Accepted:
        """Send until ingest has accepted.

        Raises:
            ConfigurationError: ingest will never accept, for the key or the address is wrong.
        """
        body = b"\n".join(lines)
        for delay in BACKOFF.delays():
            try:
                async with self._session.post(
                    self._url,
                    data=body,
                    headers=self._headers,
                    timeout=aiohttp.ClientTimeout(total=TRY_SECONDS),
                ) as response:
                    if response.status == HTTPStatus.ACCEPTED:
                        return _read(await response.json())
                    if response.status not in TRY_AGAIN:
                        raise ConfigurationError([await _said(response, self._url)])
            except BAD_ADDRESS:
                raise ConfigurationError([f"{self._url}: not an HTTP address"]) from None
            except AWAY:
                pass  # ingest is down, or went down before its answer was whole
            self._on_wait()
            await asyncio.sleep(delay)
        raise AssertionError("the delays never end")


def _read(answer: Any) -> Accepted:
    refused = Counter(str(row["errors"][0]["code"]) for row in answer["rejected"])
    return Accepted(int(answer["accepted"]), refused)


async def _said(response: aiohttp.ClientResponse, url: str) -> str:
    """Why ingest will not take it, in its own words where it has some."""
    try:
        said = await response.json(content_type=None)
        return f"{url}: {response.status} {said['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{url}: {response.status}"
