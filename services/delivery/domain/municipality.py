"""A municipality as delivery sees it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.delivery.domain.endpoint import Network, networks
from shared.errors import ConfigurationError
from shared.pack.model import Pack


@dataclass(frozen=True, slots=True)
class Municipality:
    """One pack, and the networks beyond the public internet that its webhooks may go to."""

    pack: Pack
    listed: tuple[Network, ...]


def by_code(packs: Iterable[Pack]) -> Mapping[str, Municipality]:
    """The municipalities of an installation by their codes; nothing crosses between them.

    Raises:
        ConfigurationError: two packs have one code.
    """
    found: dict[str, Municipality] = {}
    for pack in packs:
        if pack.code in found:
            raise ConfigurationError([f"two packs have the municipality code {pack.code}"])
        found[pack.code] = Municipality(pack, networks(pack.webhook_networks))
    return found
