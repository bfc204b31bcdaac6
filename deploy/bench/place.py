"""Where a run happens: servers that stay, services that come and go, all in one folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from deploy.bench.bodies import Ids
from deploy.embedded.folder import Folders
from deploy.embedded.keys import secrets_in
from deploy.embedded.ready import Ready
from deploy.embedded.servers import KAFKA_VARIABLE, POSTGRES_VARIABLE
from deploy.embedded.stack import Stack, StackOptions
from shared.language import Text
from shared.pack import Pack

Tell = Callable[[Text], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run happens. `environment` names no server: a run has its own."""

    pack: Pack
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    log: TextIO

    def servers(self) -> Stack:
        """The two servers, nothing else."""
        return Stack(self._options("servers", services=(), named={}))

    def services(self, servers: Ready, *names: str) -> Stack:
        """Some of the services, on those servers."""
        named = {KAFKA_VARIABLE: servers.kafka, POSTGRES_VARIABLE: servers.postgres}
        return Stack(self._options("services", services=names, named=named))

    def ids(self) -> Ids:
        """How the services' installation makes event ids."""
        folder = Folders(self.folder / "services").secrets
        secret = secrets_in(folder, actors=self.pack.actors).installation
        return Ids(secret.encode(), self.pack.code)

    def _options(
        self, folder: str, *, services: Sequence[str], named: Mapping[str, str]
    ) -> StackOptions:
        return StackOptions(
            pack=self.pack.path,
            data=self.folder / folder,
            environment={**self.environment, **named},
            any_free_ports=True,
            services=services,
            terminal=self.log,
        )
