"""Names to addresses, with every address that a webhook may not go to left out."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from services.delivery.domain.endpoint import Address, Network, may_connect

LOOKUP_THREADS = 32  # a name server that hangs holds one each; the loop's own pool has six

Lookup = Callable[[str, int], Awaitable[Sequence[Address]]]


class NameServer:
    """Asks the system's resolver in threads of its own, so that slow names block only themselves."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Every address of the name.

        Raises:
            OSError: it has none, or nobody answered.
        """
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [ip_address(str(sockaddr[0])) for *_, sockaddr in found]

    def close(self) -> None:
        """Let the threads end; what hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class AddressNotAllowed(OSError):  # noqa: N818 - says what the address is
    """The name leads to an address that a webhook may not go to."""


class GuardedResolver(AbstractResolver):
    """aiohttp's resolver for one municipality and one scheme.

    It gives the very addresses that were judged, so that a name cannot change in between. A name
    with one address that is not allowed gives none.
    """

    def __init__(self, lookup: Lookup, *, scheme: str, listed: Sequence[Network]) -> None:
        self._lookup = lookup
        self._scheme = scheme
        self._listed = listed

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._lookup(host, port)
        if not all(may_connect(one, scheme=self._scheme, listed=self._listed) for one in addresses):
            raise AddressNotAllowed("the name leads to an address that is not allowed")
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in dict.fromkeys(addresses)
        ]

    @override
    async def close(self) -> None:
        """Nothing to let go of; the lookup is shared."""
