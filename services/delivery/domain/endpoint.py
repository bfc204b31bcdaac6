"""Where a webhook may go: nowhere but the public internet and networks that the pack names.

A name is checked again with every address that it resolves to, when the connection is made; a
literal address is checked here, because HTTP clients do not ask a resolver about it
(research/delivery.md §1.5).
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from yarl import URL

from services.delivery.domain.mistake import Mistake, MistakeCode
from shared.language import Text

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FIELD = "channel.url"
LONGEST = 2000

_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_ENDS_IN_NUMBER = re.compile(r"(^|\.)(\d+|0[xX][0-9A-Fa-f]*)\.?$")  # as inet_aton reads them
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Public by the registry, but they lead, or led, into other networks, or are for books.
_NOT_PUBLIC: tuple[Network, ...] = (
    IPv6Network("2001::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
)


def networks(cidrs: Iterable[str]) -> tuple[Network, ...]:
    """The networks of a pack's allow-list.

    Raises:
        ValueError: one of them is not a CIDR.
    """
    return tuple(ip_network(cidr) for cidr in cidrs)


def is_listed(address: Address, listed: Sequence[Network]) -> bool:
    """Whether the municipality has named a network that holds the address."""
    plain = _unmapped(address)
    return any(plain in network for network in listed if network.version == plain.version)


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet and of nothing behind it."""
    plain = _unmapped(address)
    if any(plain in network for network in _NOT_PUBLIC if network.version == plain.version):
        return False
    if isinstance(plain, IPv6Address) and plain not in _GLOBAL_UNICAST:
        return False  # NAT64, site-local, IPv4-compatible and whatever else is not handed out
    return plain.is_global


def may_connect(address: Address, *, scheme: str, listed: Sequence[Network]) -> bool:
    """Whether a webhook may go to the address: unencrypted to listed networks only."""
    return is_listed(address, listed) or (scheme == "https" and is_public(address))


def literal(url: URL) -> Address | None:
    """The address that the URL writes out; `None` means that it has a name."""
    try:
        return ip_address(url.host or "")
    except ValueError:
        return None


def parsed(text: str) -> URL | None:
    """The URL as the HTTP client will read it; `None` means that nobody can."""
    if len(text) > LONGEST or any(char.isspace() or not char.isprintable() for char in text):
        return None
    try:
        url = URL(text)
        is_whole = bool(url.host and url.raw_host and url.port)  # decoded when they are read
        is_plain = literal(url) is not None or _is_name(url.raw_host or "")
    except ValueError:
        return None
    return url if is_whole and is_plain else None


def url_mistakes(text: str, listed: Sequence[Network]) -> list[Mistake]:
    """Everything that is wrong with the URL without asking a name server."""
    url = parsed(text)
    if url is None:
        return [_MALFORMED]
    found = []
    if url.scheme not in {"http", "https"}:
        found.append(_SCHEME)
    if url.user is not None or url.password is not None:
        found.append(_CREDENTIALS)
    if url.fragment or text.endswith("#"):
        found.append(_FRAGMENT)
    address = literal(url)
    if address is not None and not found:
        found.extend(address_mistakes([address], scheme=url.scheme, listed=listed))
    return found


def address_mistakes(
    addresses: Sequence[Address], *, scheme: str, listed: Sequence[Network]
) -> list[Mistake]:
    """What is wrong with the addresses of a host: every one of them must be allowed."""
    if not addresses:
        return [_UNRESOLVED]
    if all(may_connect(address, scheme=scheme, listed=listed) for address in addresses):
        return []
    could = all(may_connect(address, scheme="https", listed=listed) for address in addresses)
    return [_UNENCRYPTED if could else _ADDRESS]


def _unmapped(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_name(host: str) -> bool:
    """Whether the host is a name, and not a number that resolvers read as an address."""
    return (
        len(host) <= 254
        and _HOST.fullmatch(host) is not None
        and _ENDS_IN_NUMBER.search(host) is None
    )


_MALFORMED = Mistake(
    FIELD,
    MistakeCode.URL_MALFORMED,
    Text(
        sv="Adressen är inte en fullständig URL med ett värdnamn eller en vanlig IP-adress.",
        en="The address is not a full URL with a host name or a plain IP address.",
    ),
)
_SCHEME = Mistake(
    FIELD,
    MistakeCode.URL_SCHEME,
    Text(sv="Adressen börjar med https:// eller http://.", en="The URL is https:// or http://."),
)
_CREDENTIALS = Mistake(
    FIELD,
    MistakeCode.URL_CREDENTIALS,
    Text(
        sv="Adressen får inte innehålla användarnamn eller lösenord.",
        en="The URL must not hold a user name or a password.",
    ),
)
_FRAGMENT = Mistake(
    FIELD,
    MistakeCode.URL_FRAGMENT,
    Text(sv="Adressen får inte innehålla #.", en="The URL must not hold a #."),
)
_ADDRESS = Mistake(
    FIELD,
    MistakeCode.URL_ADDRESS,
    Text(
        sv="Adressen leder till ett nät som kommunen inte har tillåtit.",
        en="The URL leads to a network that the municipality has not allowed.",
    ),
)
_UNENCRYPTED = Mistake(
    FIELD,
    MistakeCode.URL_UNENCRYPTED,
    Text(
        sv="Utan https går det bara till nät som kommunen har tillåtit.",
        en="Without https it goes only to networks that the municipality has allowed.",
    ),
)
_UNRESOLVED = Mistake(
    FIELD,
    MistakeCode.URL_UNRESOLVED,
    Text(
        sv="Värdnamnet kan inte slås upp just nu.",
        en="The host name cannot be resolved at the moment.",
    ),
)
