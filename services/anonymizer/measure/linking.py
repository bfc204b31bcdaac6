"""`lagesbild bench linking`, the part that is the anonymizer: links reports whose truth is known.

The linker is the one of the service, in batches as it gets them; only its store is left out, which
decides nothing (`tests/integration/test_linking_on_postgres.py` holds the two together).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.linking.cells import Cells
from services.anonymizer.domain.linking.decisions import Sighting
from services.anonymizer.domain.linking.linker import Linker
from services.anonymizer.domain.linking.near import Near
from services.anonymizer.domain.linking.nearby import pairs
from services.anonymizer.domain.linking.posterior import (
    FEATURES,
    Posteriors,
    learned,
)
from services.anonymizer.domain.linking.rules import FAMILIES, LinkingRules, Trait
from services.anonymizer.domain.linking.tokens import incident_id
from services.anonymizer.linking import learned_posteriors
from shared.messages.event import Event, Placement
from shared.pack.digests import digest_of
from shared.pack.model import Family
from shared.windows import Tier, floored

BATCH = 500
MUNICIPALITY = "9999"
KEY = bytes(32)


class Reports(Protocol):
    """Reports as columns, in the order of their receipt: `deploy.bench.linking_town.Told`."""

    @property
    def actor(self) -> NDArray[np.int64]:
        """The reporter of each, a place in `actors`."""
        ...

    @property
    def family(self) -> NDArray[np.int64]:
        """The family of each, a place in `families`."""
        ...

    @property
    def incident(self) -> NDArray[np.int64]:
        """The truth."""
        ...

    @property
    def e(self) -> NDArray[np.float64]:
        """Metres in SWEREF 99 TM."""
        ...

    @property
    def n(self) -> NDArray[np.float64]:
        """Metres in SWEREF 99 TM."""
        ...

    @property
    def occurred_s(self) -> NDArray[np.float64]:
        """Seconds since 1970."""
        ...

    @property
    def received_ms(self) -> NDArray[np.int64]:
        """Milliseconds since 1970."""
        ...

    @property
    def actors(self) -> Sequence[str]:
        """Ids."""
        ...

    @property
    def families(self) -> Sequence[Family]:
        """Families."""
        ...


class TruthLinking:
    """Links reports as the service does, and learns from their truth."""

    def __init__(self, compatible: Sequence[tuple[Family, Family]]) -> None:
        self._rules = rules(compatible)

    def labels(self, reports: Reports, learned_table: Mapping[str, Any] | None = None) -> Any:
        """The incident of each report, as a number; without a table by the service's own."""
        table = Posteriors.of(learned_table) if learned_table else learned_posteriors()
        linker = Linker(self._rules, table, _identified)
        return labels_of(_decided(linker, sightings(reports)))

    @property
    def fit_seed(self) -> int:
        """The seed that the service's own table was learned of."""
        return learned_posteriors().seed

    def learn(self, reports: Reports) -> Mapping[str, Any]:
        """The table of chances, and the least chance that is noted; the threshold is not in it."""
        watching = _Watching(self._rules)
        _decided(watching, sightings(reports))
        later, earlier, features = (
            np.concatenate(some) for some in zip(*watching.seen, strict=True)
        )
        is_same = reports.incident[later] == reports.incident[earlier]
        return {"chances": learned(features, is_same).tolist(), "possible": 0.3, "same": 1.1}


def rules(compatible: Sequence[tuple[Family, Family]]) -> LinkingRules:
    """A municipality that has one indicator of each family."""
    both = sorted({pair for a, b in compatible for pair in ((a, b), (b, a))})
    return LinkingRules(
        municipality=MUNICIPALITY,
        traits={
            one.value: Trait(FAMILIES[one], digest_of(one.value), bounded=False) for one in Family
        },
        compatible={
            number: tuple(FAMILIES[b] for a, b in both if a is one)
            for one, number in FAMILIES.items()
        },
    )


def sightings(reports: Reports) -> list[Sighting]:
    """The reports as the anonymizer has them when it links; the event's id is its row."""
    rows = zip(
        reports.received_ms.tolist(),
        reports.occurred_s.tolist(),
        reports.actor.tolist(),
        reports.family.tolist(),
        reports.e.tolist(),
        reports.n.tolist(),
        strict=True,
    )
    return [
        Sighting(
            row.to_bytes(16),
            received_ms,
            Anonymized(
                event=Event(
                    UUID(int=row),
                    1,
                    MUNICIPALITY,
                    indicator=reports.families[family].value,
                    area="101",
                    occurred_at=floored(at, Tier.MINUTE),
                    placement=Placement.COORDINATES,
                ),
                actor=reports.actors[actor],
                occurred_at=at,
                e=e,
                n=n,
            ),
        )
        for row, (received_ms, occurred_s, actor, family, e, n) in enumerate(rows)
        for at in (datetime.fromtimestamp(occurred_s, UTC),)
    ]


def labels_of(incidents: Mapping[int, bytes]) -> NDArray[np.int64]:
    """A number for each row: that of its incident's first report, or its own."""
    first: dict[bytes, int] = {}
    return np.array(
        [
            first.setdefault(incident, row) if incident else row
            for row, incident in incidents.items()
        ]
    )


def _decided(linker: Linker, seen: Sequence[Sighting]) -> Mapping[int, bytes]:
    """The incident of each row, empty for none; founders have theirs too."""
    incidents = dict.fromkeys(range(len(seen)), b"")
    for at in range(0, len(seen), BATCH):
        batch = seen[at : at + BATCH]
        decided = linker.decide(batch, {}, now_ms=batch[0].received_ms)
        for row, decision in enumerate(decided.decisions, start=at):
            incident = decision.event.incident_id
            incidents[row] = incident.bytes if incident else b""
            if decision.founder is not None:
                incidents[int.from_bytes(decision.founder[0])] = incidents[row]
    return incidents


def _identified(founder: bytes, version: int, _received_ms: int) -> bytes:
    return incident_id(founder, version, KEY)


class _Watching(Linker):
    """Links nothing, and remembers what it could have."""

    def __init__(self, given: LinkingRules) -> None:
        never = Posteriors(np.zeros(FEATURES), same=1.1, possible=1.1)
        super().__init__(given, never, _identified)
        self.seen: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]] = []
        self._began = 0

    @override
    def near(self, cells: Cells, rows: NDArray[np.intp]) -> Near:
        found = pairs(cells[rows], self.marks.columns, self._rules.compatible)
        events = [
            self._began + int(rows[-1 - handle])
            if handle < 0
            else int.from_bytes(mark.event_id if (mark := self.marks.at(handle)) else b"")
            for handle in found.handle.tolist()
        ]
        later = self._began + rows[found.row]
        self.seen.append((later, np.array(events, np.int64), found.feature))
        self._began += len(cells)
        return super().near(cells, rows)
