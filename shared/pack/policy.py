"""What policy.yaml may say: exact counts, how coarse events are, what is linked, where pushes go."""

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from shared.language import Text
from shared.pack.mistakes import Mistake
from shared.pack.model import FINEST_EXACT_S3_LEVEL, GRAINS, Coarsening, Family, Sensitivity
from shared.pack.schema import CoarseningEntry, PolicyFile
from shared.pack.sheets import Sheet
from shared.pack.wording import repeated, stands_twice, unknown_actor
from shared.windows import WIDTH


def policy_mistakes(sheet: Sheet[PolicyFile], actors: Collection[str] | None) -> Iterator[Mistake]:
    """Unknown actors, clearances and grains that may not be, networks that pushes may not reach.

    Shape: `actors` is `None` when their file could not be read; then nobody is unknown.
    """
    for actor, clearances in sheet.content.exact.items():
        if actors is not None and actor not in actors:
            yield sheet.mistake(("exact", actor), unknown_actor(actor))
        for at, clearance in repeated(clearances):
            yield sheet.mistake(("exact", actor, at), stands_twice(clearance))
        for at, clearance in enumerate(clearances):
            for message in _clearance_messages(clearance):
                yield sheet.mistake(("exact", actor, at), message)
    for code, entry in sheet.content.coarsening.items():
        for message in _grain_messages(Sensitivity(code), entry):
            yield sheet.mistake(("coarsening", code, "time"), message)
    for at, network in enumerate(sheet.content.webhooks.allow_networks):
        for message in _network_messages(network):
            yield sheet.mistake(("webhooks", "allow_networks", at), message)
    yield from _linking_mistakes(sheet)


def _linking_mistakes(sheet: Sheet[PolicyFile]) -> Iterator[Mistake]:
    """Pairs of one family, which needs no pair, and pairs that are there already, either way."""
    seen: set[frozenset[Family]] = set()
    for at, (one, other) in enumerate(sheet.content.linking.compatible):
        place = ("linking", "compatible", at)
        pair = frozenset({one, other})
        if one is other:
            message = Text(
                sv=f"{one}: en familj länkas alltid med sig själv; skriv två olika.",
                en=f"{one}: a family is always linked with itself; write two different ones.",
            )
            yield sheet.mistake(place, message)
        elif pair in seen:
            yield sheet.mistake(place, stands_twice(f"[{one}, {other}]"))
        seen.add(pair)


def cleared(clearances: Collection[str]) -> frozenset[Sensitivity]:
    """The classes of a list of clearances, and S0, which is for all."""
    return frozenset({Sensitivity.S0, *(Sensitivity(one[:2]) for one in clearances)})


def coarsening(entries: Mapping[str, CoarseningEntry]) -> dict[Sensitivity, Coarsening]:
    """What the file says of classes, filled up with what it leaves out."""
    return {
        (sensitivity := Sensitivity(code)): Coarsening(
            entry.time or GRAINS[sensitivity], entry.level
        )
        for code, entry in entries.items()
    }


def _grain_messages(sensitivity: Sensitivity, entry: CoarseningEntry) -> Iterator[Text]:
    least = GRAINS[sensitivity]
    if entry.time is not None and WIDTH[entry.time] < WIDTH[least]:
        yield Text(
            sv=f"{sensitivity}: tiden får bara vara grövre än {least}, aldrig finare.",
            en=f"{sensitivity}: time may only be coarser than {least}, never finer.",
        )


def _clearance_messages(clearance: str) -> Iterator[Text]:
    if clearance.startswith("S3"):
        if clearance != f"S3@{FINEST_EXACT_S3_LEVEL}":
            yield Text(
                sv=f"{clearance}: S3 får bara vara exakt ned till nivå {FINEST_EXACT_S3_LEVEL}; "
                f"skriv S3@{FINEST_EXACT_S3_LEVEL}.",
                en=f"{clearance}: S3 may be exact down to level {FINEST_EXACT_S3_LEVEL} only; "
                f"write S3@{FINEST_EXACT_S3_LEVEL}.",
            )
    elif "@" in clearance:
        yield Text(
            sv=f"{clearance}: bara S3 har en nivå; skriv {clearance[:2]}.",
            en=f"{clearance}: only S3 has a level; write {clearance[:2]}.",
        )


def _network_messages(written: str) -> Iterator[Text]:
    try:
        network = ip_network(written)
    except ValueError:
        yield Text(
            sv=f"{written} är inget nät; skriv till exempel 10.1.0.0/16, utan värddel.",
            en=f"{written} is no network; write for example 10.1.0.0/16, without a host part.",
        )
        return
    if not _may_be_reached(network):
        yield Text(
            sv=f"{written} är inte ett privat nät; listan är bara för egna nät och loopback.",
            en=f"{written} is not a private network; the list is for own networks and loopback.",
        )


def _may_be_reached(network: IPv4Network | IPv6Network) -> bool:
    """Private or loopback; link-local is where clouds keep their machines' credentials."""
    return network.is_private and not network.is_link_local
