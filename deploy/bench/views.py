"""`lagesbild bench views`: how long a full view of one municipality takes, one line of JSON."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg

from deploy.bench.own_run import EXIT_USER, load_average, measured_in_own_folder, say
from deploy.bench.place import Place
from deploy.bench.town import INDICATORS, LEAVES, write_town
from deploy.bench.views_figures import ViewFigures
from deploy.bench.views_fill import counting, filled
from deploy.bench.watch import StalledError
from deploy.embedded.folder import Folders
from deploy.embedded.keys import SERVICE_ROLES, secrets_in
from deploy.embedded.service import role_dsn
from shared.language import Language, Text
from shared.pack import load_pack
from shared.windows import Window

EVENTS = 2_000_000
COUNTED_PER_S = 200.0
LINE_BYTES = 1 << 24
PROGRAM = "services.delivery.measure"  # by name: deploy imports no service


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """The options of the command line. Unit: `events` counted before; `seconds` of reading."""

    events: int = EVENTS
    seconds: float = 20.0
    json: bool = False
    language: Language = Language.SV


def views(options: ViewOptions) -> int:
    """Measure once; the exit code is 0 only if every cell was right."""
    if options.events < 0 or options.seconds <= 0:
        say(
            Text(
                sv="--seconds är större än 0, --events inte mindre.",
                en="--seconds is above 0, --events not below.",
            ),
            options.language,
        )
        return EXIT_USER

    async def measure(place: Place) -> ViewFigures:
        return await _measured(place, options)

    return measured_in_own_folder(
        measure, lambda figures: _tell(figures, options), language=options.language
    )


async def _measured(place: Place, options: ViewOptions) -> ViewFigures:
    before = load_average()
    folder = write_town(place.folder / "pack")
    place = replace(place, pack=load_pack(folder))
    async with place.servers() as stack:
        connection = await asyncpg.connect(stack.ready.postgres)
        try:
            say(Text("fyller", "filling"), options.language)
            places = await filled(connection, events=options.events)
            async with _reader(place, stack.ready.postgres, folder, options.seconds) as reader:
                loaded = await _line(reader)
                say(Text("mäter", "measuring"), options.language)
                async with counting(connection, places, per_second=COUNTED_PER_S) as counted:
                    found = await _line(reader)
                settled = await _settled(reader)
        finally:
            await connection.close()
    return ViewFigures(
        readings=found["readings"],
        cells=found["cells"],
        wanted_cells=_wanted(),
        zeros=found["zeros"],
        body_bytes=found["bytes"],
        cpu_s=found["cpu_s"],
        later_s=found["later_s"],
        later_cpu_s=found["later_cpu_s"],
        sql_s=found["sql_s"],
        right=settled["right"],
        load={
            "areas": len(LEAVES),
            "indicators": len(INDICATORS),
            "windows": len(Window),
            "events": options.events,
            "counted_per_s": COUNTED_PER_S,
            "counted": counted.events,
            **loaded,
        },
        load_average=before,
    )


def _wanted() -> list[int]:
    """Cells of each level, if none is missing."""
    areas = [len({leaf[:length] for leaf in LEAVES}) for length in (1, 2, 3)]
    return [count * len(INDICATORS) * len(Window) for count in areas]


@asynccontextmanager
async def _reader(
    place: Place, owner_dsn: str, folder: Path, seconds: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Delivery's half, as the role of delivery."""
    role = SERVICE_ROLES["delivery"]
    kept = secrets_in(Folders(place.folder / "servers").secrets, actors=place.pack.actors)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        PROGRAM,
        str(folder),
        str(seconds),
        cwd=Path(__file__).parents[2],
        env={**os.environ, "LAGESBILD_POSTGRES": role_dsn(owner_dsn, role, kept.passwords[role])},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=place.log,
        limit=LINE_BYTES,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _line(reader: asyncio.subprocess.Process) -> dict[str, Any]:
    if reader.stdout is None:
        raise AssertionError("the reader's standard output is a pipe")
    line = await reader.stdout.readline()
    if not line:
        raise StalledError("delivery", 0, 1)
    said: dict[str, Any] = json.loads(line)
    return said


async def _settled(reader: asyncio.subprocess.Process) -> dict[str, Any]:
    """What the reader says of its last reading, now that nobody counts."""
    if reader.stdin is None:
        raise AssertionError("the reader's standard input is a pipe")
    reader.stdin.write(b"\n")
    return await _line(reader)


def _tell(figures: ViewFigures, options: ViewOptions) -> bool:
    said = figures.as_json()
    if options.json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write("".join(f"{name:<16}{value}\n" for name, value in said.items()))
    sys.stdout.flush()
    return figures.ok
