"""The live view: for someone who has never heard of any of it, so pictures before numbers.

Three steps from left to right, as the data goes; below them what each step shows. Everything has
a fixed place, so that only what changes moves. Where no terminal looks on, single lines tell the
same.
"""

import asyncio
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TextIO

from rich.align import Align
from rich.console import Console, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Rich

from deploy.demo.scene import Place, Running, Scene
from deploy.demo.subscribe import WINDOWS
from deploy.demo.tally import Phase
from shared.language import Language, Text

DRAW_EVERY_S = 0.5
SAY_EVERY_S = 3.0

SPARKS = "▁▂▃▄▅▆▇█"
PARTS_OF_A_BLOCK = " ▏▎▍▌▋▊▉"
BAR = 10  # characters of the longest bar
SHORT_BAR = 5
WINDOW_STYLES = ("bold yellow", "cyan", "blue")

TITLE = Text("LÄGESBILD – en demonstration", "LÄGESBILD – a demonstration")
ABOUT = Text(
    "Fem aktörer rapporterar vad de ser i {0}, en påhittad kommun. Allt som pekar ut en person tas "
    "bort. Kvar blir antal per område: en gemensam bild, som skickas till dem som behöver den.",
    "Five actors report what they see in {0}, an invented municipality. Everything that points at "
    "a person is taken away. What is left are counts per area: a shared picture, sent to those who "
    "need it.",
)
PHASES = MappingProxyType(
    {
        Phase.STARTING: Text(
            "startar Kafka, PostgreSQL och fyra tjänster …",
            "starting Kafka, PostgreSQL, four services …",
        ),
        Phase.HISTORY: Text("de senaste dagarna rapporteras", "the last days are reported"),
        Phase.PLAYING: Text("aktörerna rapporterar", "the actors report"),
        Phase.DRAINING: Text("slut på rapporter; räknar klart", "no more reports; counting"),
        Phase.CHECKING: Text("jämför med facit", "comparing with the truth"),
        Phase.STOPPING: Text("stänger av", "stopping"),
    }
)
STEPS = (
    Text("① Rapporter kommer in", "① Reports come in"),
    Text("② Händelser räknas", "② Events are counted"),
    Text("③ Bilden skickas ut", "③ The picture is sent"),
)
SUBSCRIBERS = Text("till räddningstjänst och polis", "to the fire service and the police")
WHO = Text("Vem som rapporterar", "Who reports")
WHY_REFUSED = Text("Avvisade rader, och varför", "Refused rows, and why")
WHERE = Text("Var det händer mest", "Where most happens")
SENT = Text("Senast skickat", "Sent lately")
PROCESSES = MappingProxyType(
    {
        "ingest": Text("tar emot", "receives"),
        "anonymizer": Text("avidentifierar", "anonymizes"),
        "aggregator": Text("räknar", "counts"),
        "delivery": Text("skickar", "sends"),
    }
)
WINDOW_NAMES = (
    Text("15 minuter", "15 minutes"),
    Text("1 timme", "1 hour"),
    Text("1 dygn", "24 hours"),
)


async def shown(scene: Callable[[], Scene], language: Language, *, on: TextIO) -> None:
    """Show the scene on a stream until cancelled; single lines where it is no terminal."""
    if not on.isatty():
        while True:
            on.write(line(scene(), language) + "\n")
            on.flush()
            await asyncio.sleep(SAY_EVERY_S)
    with Live(
        console=Console(file=on),
        screen=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as live:
        while True:
            live.update(picture(scene(), language), refresh=True)
            await asyncio.sleep(DRAW_EVERY_S)


def picture(scene: Scene, language: Language) -> Layout:
    """The whole screen; parts that do not fit are cut off at the bottom of their place."""
    whole = Layout()
    whole.split_column(
        Layout(_head(scene, language), size=5),
        Layout(name="steps", size=5),
        Layout(name="middle", ratio=3, minimum_size=7),
        Layout(name="bottom", ratio=2, minimum_size=5),
        Layout(_running(scene, language), size=1),
    )
    whole["steps"].split_row(*(Layout(one) for one in _steps(scene, language)))
    whole["middle"].split_row(
        Layout(_reporting(scene, language), ratio=2), Layout(_places(scene, language), ratio=3)
    )
    whole["bottom"].split_row(
        Layout(_reasons(scene, language), ratio=2), Layout(_pushes(scene, language), ratio=3)
    )
    return whole


def line(scene: Scene, language: Language) -> str:
    """The same in one line, for a log."""
    p50 = "–" if scene.p50_ms is None else f"{scene.p50_ms:.0f}"
    words = Text(
        f"{PHASES[scene.phase].sv}: {scene.accepted} rapporter in, {scene.rejected} avvisade, "
        f"{scene.events} händelser räknade (hälften inom {p50} ms), "
        f"{scene.pushes_verified} av {scene.pushes_total} bilder med äkta underskrift",
        f"{PHASES[scene.phase].en}: {scene.accepted} reports in, {scene.rejected} refused, "
        f"{scene.events} events counted (half within {p50} ms), "
        f"{scene.pushes_verified} of {scene.pushes_total} pictures with a genuine signature",
    )
    return f"{scene.elapsed_s:6.1f} s  {words.in_(language)}"


def bar(value: int, most: int, *, width: int) -> str:
    """A bar as long as the value's share of the most, at least a sliver for what is not zero."""
    if most <= 0 or value <= 0:
        return ""
    eighths = max(1, round(8 * width * min(value, most) / most))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (PARTS_OF_A_BLOCK[rest] if rest else "")


def sparkline(values: Sequence[int]) -> str:
    """One character per value, as high as its share of the highest."""
    most = max(values, default=0)
    return "".join(SPARKS[round((len(SPARKS) - 1) * one / most) if most else 0] for one in values)


def _head(scene: Scene, language: Language) -> RenderableType:
    about = ABOUT.in_(language).format(scene.municipality)
    phase = PHASES[scene.phase].in_(language)
    clock = Text(f"{scene.elapsed_s:.0f} s", f"{scene.elapsed_s:.0f} s").in_(language)
    if scene.left_s is not None and scene.phase is Phase.PLAYING:
        left = f"{max(0.0, scene.left_s):.0f}"
        clock += Text(f", {left} s kvar", f", {left} s left").in_(language)
    ends = Text("Avsluta med Ctrl-C.", "End with Ctrl-C.").in_(language)
    return Panel(
        Rich(about, justify="left"),
        title=f"[bold]{TITLE.in_(language)}[/]",
        subtitle=f"{phase} · {clock} · {ends}",
        border_style="white",
    )


def _steps(scene: Scene, language: Language) -> tuple[RenderableType, ...]:
    half, most = (_milliseconds(one) for one in (scene.p50_ms, scene.p99_ms))
    all_genuine = scene.pushes_total == scene.pushes_verified
    refused = Text(f"{scene.rejected} avvisade", f"{scene.rejected} refused")
    soon = Text(f"hälften klara inom {half}", f"half done within {half}")
    late = Text(f"99 av 100 inom {most}", f"99 of 100 within {most}")
    genuine = Text(
        f"✔ {scene.pushes_verified} äkta underskrifter",
        f"✔ {scene.pushes_verified} genuine signatures",
    )
    false = Text("✘ en underskrift är inte äkta", "✘ a signature is not genuine")
    return (
        _step(
            STEPS[0].in_(language),
            scene.accepted,
            Rich(sparkline(scene.each_second), style="green"),
            Rich(refused.in_(language), style="red"),
        ),
        _step(
            STEPS[1].in_(language), scene.events, Rich(soon.in_(language)), Rich(late.in_(language))
        ),
        _step(
            STEPS[2].in_(language),
            scene.pushes_total,
            Rich(SUBSCRIBERS.in_(language)),
            Rich(
                (genuine if all_genuine else false).in_(language),
                style="green" if all_genuine else "bold red",
            ),
        ),
    )


def _step(title: str, number: int, *lines: Rich) -> RenderableType:
    big = Rich(f"{number:,}".replace(",", " "), style="bold")
    table = Table.grid(expand=True)
    table.add_column(justify="center", no_wrap=True, overflow="ellipsis")
    for one in (big, *lines):
        table.add_row(one)
    return Panel(table, title=f"[bold]{title}[/]")


def _reporting(scene: Scene, language: Language) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    table.add_column(justify="right", min_width=5)
    table.add_column(width=BAR)
    most = max((one.accepted for one in scene.reporting), default=0)
    for one in scene.reporting:
        length = bar(one.accepted, most, width=BAR)
        table.add_row(Rich(one.name), str(one.accepted), Rich(length, style="green"))
    if scene.tries_again:
        again = Text(
            f"{scene.tries_again} anrop gjordes om", f"{scene.tries_again} requests made again"
        )
        table.add_row(Rich(again.in_(language), style="yellow"))
    return Panel(table, title=f"[bold]{WHO.in_(language)}[/]")


def _running(scene: Scene, language: Language) -> RenderableType:
    """The processes in the order of the data, each with a lamp."""
    names = {one.name: one for one in scene.running}
    lamps = [_lamp(names[name], language) for name in PROCESSES if name in names]
    servers = [_lamp(one, language) for one in scene.running if one.name not in PROCESSES]
    way = Rich(" → ").join(lamps)
    return Align.center(Rich("   ").join((way, *servers)) if lamps else Rich())


def _lamp(one: Running, language: Language) -> Rich:
    does = PROCESSES[one.name].in_(language) if one.name in PROCESSES else one.name
    again = f" ↻{one.restarts}" if one.restarts else ""
    lamp = Rich("● ", style="green" if one.is_alive else "bold red")
    return lamp.append(does, style="default").append(again, style="yellow")


def _places(scene: Scene, language: Language) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    for _ in WINDOWS:
        table.add_column(width=SHORT_BAR + 5, no_wrap=True)
    heads = (
        Rich(name.in_(language), style=style)
        for name, style in zip(WINDOW_NAMES, WINDOW_STYLES, strict=True)
    )
    table.add_row("", *heads)
    tallest = [_most(scene.places, at) for at in range(len(WINDOWS))]
    for place in scene.places:
        table.add_row(
            Rich(place.name),
            *(
                Rich(f"{value or '·':>4} {bar(value, most, width=SHORT_BAR)}", style=style)
                for value, most, style in zip(place.reports, tallest, WINDOW_STYLES, strict=True)
            ),
        )
    title = WHERE.in_(language)
    if scene.places_of:
        seen = Text(f"så som {scene.places_of} ser det", f"as seen by: {scene.places_of}")
        title = f"{title}, {seen.in_(language)}"
    return Panel(table, title=f"[bold]{title}[/]")


def _most(places: Sequence[Place], window: int) -> int:
    return max((place.reports[window] for place in places), default=0)


def _reasons(scene: Scene, language: Language) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", min_width=3, style="red")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for message, count in scene.reasons:
        table.add_row(str(count), Rich(message))
    return Panel(table, title=f"[bold]{WHY_REFUSED.in_(language)}[/]")


def _pushes(scene: Scene, language: Language) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=8)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    for _ in range(3):
        table.add_column(no_wrap=True, justify="right")
    for one in scene.pushes:
        late = "–" if one.lateness_s is None else f"{one.lateness_s * 1000:.0f}"
        table.add_row(
            one.at,
            Rich(one.name),
            Text(f"{one.numbers} antal", f"{one.numbers} counts").in_(language),
            Text(f"{late} ms efter", f"{late} ms late").in_(language),
            _seal(language, is_verified=one.is_verified),
        )
    return Panel(table, title=f"[bold]{SENT.in_(language)}[/]")


def _seal(language: Language, *, is_verified: bool) -> Rich:
    if is_verified:
        return Rich(Text("✔ äkta", "✔ genuine").in_(language), style="green")
    return Rich(Text("✘ inte äkta", "✘ not genuine").in_(language), style="bold red")


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} ms"
