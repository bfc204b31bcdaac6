"""Which ports an installation listens on, all on loopback.

A port that somebody set is used or refused, never replaced. An installation that has run before
keeps its ports, for others have written them down. A new one takes the usual ports where they are
free and the next free ones where not.
"""

import asyncio
import json
import os
import random
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from deploy.embedded.errors import CannotStart
from shared.language import Text

USUAL: Mapping[str, int] = {
    "ingest": 8420,
    "anonymizer": 8421,
    "aggregator": 8422,
    "delivery": 8423,
    "kafka": 8492,
    "kafka_controller": 8493,
    "postgres": 8432,
}
LARGEST = 65535
TRIES = 10
TRY_EVERY_SECONDS = 0.1

ANY = range(10_240, 32_768)
"""Below the kernel's range for outgoing connections: a client that calls a dead server over and
over could be given that very port, connect to itself, and keep the server from coming back."""

ANY_VARIABLE = "LAGESBILD_ANY_PORTS"
"""`first-last` of `ANY`, for who starts installations side by side: a port that was found free is
listened at some seconds later, and another may have found it, too."""

IsFree: TypeAlias = Callable[[int], bool]


def variable(name: str) -> str:
    """The environment variable that sets a port."""
    return f"LAGESBILD_PORT_{name.upper()}"


def set_by(environment: Mapping[str, str]) -> dict[str, int]:
    """The ports that the environment sets.

    Raises:
        CannotStart: one is no port number; names the variable.
    """
    chosen = {}
    for name in USUAL:
        if text := environment.get(variable(name)):
            if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
                raise CannotStart(
                    Text(
                        sv=f"{variable(name)} ska vara ett portnummer från 1 till {LARGEST}.",
                        en=f"{variable(name)} must be a port number from 1 to {LARGEST}.",
                    )
                )
            chosen[name] = int(text)
    return chosen


def choose(
    names: Iterable[str],
    *,
    explicit: Mapping[str, int],
    remembered: Mapping[str, int],
    is_free: IsFree,
) -> dict[str, int]:
    """A port for each name.

    Raises:
        CannotStart: a port that was set or remembered is in use, or set twice; names it.
    """
    wanted = list(names)
    fixed = {name: explicit.get(name, remembered.get(name)) for name in wanted}
    chosen = {name: port for name, port in fixed.items() if port is not None}
    for name, port in chosen.items():
        if list(chosen.values()).count(port) > 1 or not is_free(port):
            raise _in_use(name, port, was_set=name in explicit)
    for name in wanted:
        if name not in chosen:
            others = {port for other, port in USUAL.items() if other != name}
            taken = others | set(chosen.values())
            chosen[name] = _next_free(USUAL[name], taken=taken, is_free=is_free)
    return chosen


def choose_any(names: Iterable[str], *, is_free: IsFree) -> dict[str, int]:
    """Free ports that nobody needs to know beforehand, for tests and the demo."""
    chosen: dict[str, int] = {}
    for name in names:
        start = random.choice(_any_in(os.environ))
        chosen[name] = _next_free(start, taken=set(chosen.values()), is_free=is_free)
    return chosen


async def settled(
    names: Iterable[str], *, environment: Mapping[str, str], file: Path, any_free: bool
) -> dict[str, int]:
    """The ports of this start, remembered for the next.

    Waits a moment for a fixed port: services of a stack that was just killed may still hold it.

    Raises:
        CannotStart: as `choose`.
    """
    wanted = list(names)
    if any_free:
        return choose_any(wanted, is_free=is_free)
    explicit, remembered = set_by(environment), remembered_in(file)
    for _ in range(TRIES):
        try:
            chosen = choose(wanted, explicit=explicit, remembered=remembered, is_free=is_free)
        except CannotStart:
            await asyncio.sleep(TRY_EVERY_SECONDS)
        else:
            break
    else:
        chosen = choose(wanted, explicit=explicit, remembered=remembered, is_free=is_free)
    remember(file, chosen)
    return chosen


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered_in(file: Path) -> dict[str, int]:
    """The ports that the installation has had; empty for a new one."""
    if not file.exists():
        return {}
    found: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
    return found


def remember(file: Path, ports: Mapping[str, int]) -> None:
    """Keep the ports for the next start; those of servers that are elsewhere now stay known."""
    kept = {**remembered_in(file), **ports}
    file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _any_in(environment: Mapping[str, str]) -> range:
    first, _, last = environment.get(ANY_VARIABLE, "").partition("-")
    return range(int(first), int(last) + 1) if first and last else ANY


def _next_free(start: int, *, taken: set[int], is_free: IsFree) -> int:
    for port in range(start, LARGEST + 1):
        if port not in taken and is_free(port):
            return port
    raise CannotStart(
        Text(sv=f"Ingen port från {start} är ledig.", en=f"No port from {start} on is free.")
    )


def _in_use(name: str, port: int, *, was_set: bool) -> CannotStart:
    if was_set:
        return CannotStart(
            Text(
                sv=f"Port {port} för {name} är upptagen. Välj en annan med {variable(name)}.",
                en=f"Port {port} for {name} is in use. Choose another with {variable(name)}.",
            )
        )
    return CannotStart(
        Text(
            sv=f"Port {port}, som {name} i den här datamappen brukar ha, är upptagen. Stoppa den "
            f"som använder den, eller välj en annan med {variable(name)}.",
            en=f"Port {port}, which {name} of this data folder has had, is in use. Stop whoever "
            f"uses it, or choose another with {variable(name)}.",
        )
    )
