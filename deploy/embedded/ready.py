"""What a running stack tells: the one line of `lagesbild up --json`, kept in `state.json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.api_keys import ApiKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Where everything answers.

    Shape: `metrics` by service, `pids` by child; a server that is not ours, and a child that is
    just being started again, has None.
    """

    ingest: str
    delivery: str
    kafka: str
    postgres: str = field(repr=False)
    keys: ApiKeys = field(repr=False)
    metrics: Mapping[str, str]
    pids: Mapping[str, int | None]
    folder: str

    def as_json(self) -> dict[str, Any]:
        """The keys of the ready line; a contract (README)."""
        return {
            "ready": True,
            "ingest": self.ingest,
            "delivery": self.delivery,
            "kafka": self.kafka,
            "postgres": self.postgres,
            "keys": {
                **{actor: dict(keys) for actor, keys in self.keys.actors.items()},
                "owner": self.keys.owner,
            },
            "metrics": dict(self.metrics),
            "pids": dict(self.pids),
            "data": self.folder,
        }
