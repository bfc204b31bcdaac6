"""Who asks, and whether the key is for that."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from services.delivery.domain.municipality import Municipality
from services.delivery.handlers.errors import Refused
from services.delivery.store.audit import Teller
from shared.bearer import bearer_key
from shared.key_ring import Principal, Scope
from shared.language import Text

Identify = Callable[[str], Awaitable[Principal | None]]


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever has the key. Shape: `actor` None is the data owner."""

    municipality: Municipality
    actor: str | None

    @property
    def teller(self) -> Teller:
        """The asker as the register and the audit chain know it."""
        return Teller(self.municipality.pack.code, self.actor)


class Doorkeeper:
    """Lets a request in whose key has one of the scopes; nobody else learns what is inside."""

    def __init__(self, identify: Identify, municipalities: Mapping[str, Municipality]) -> None:
        self._identify = identify
        self._municipalities = municipalities

    def open_to(self, *scopes: Scope) -> Callable[[Request], Awaitable[Asker]]:
        """A dependency that gives the asker, or refuses."""

        async def ask(request: Request) -> Asker:
            key = bearer_key(request.headers.get("authorization"))
            principal = await self._identify(key) if key else None
            if principal is None:
                raise Refused(401, "unauthorized", _NO_KEY)
            municipality = self._municipalities.get(principal.municipality)
            if principal.scope not in scopes or municipality is None:
                raise Refused(403, "forbidden", _OTHER_KEY)
            return Asker(municipality, principal.actor)

        return ask


_NO_KEY = Text(
    sv="Visa en giltig nyckel: Authorization: Bearer NYCKEL.",
    en="Show a valid key: Authorization: Bearer KEY.",
)
_OTHER_KEY = Text(
    sv="Nyckeln gäller inte för detta.",
    en="The key is not for this.",
)
