"""The live view: readable in both languages, and never taller than the terminal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from deploy.demo.receiver import Agreed, Inbox, Push, PushedCell
from deploy.demo.scene import Moment, Place, Scene, scene_of
from deploy.demo.screen import bar, line, picture, sparkline
from deploy.demo.tally import Phase, Sent, Tally
from shared.language import Language
from shared.pack.model import Actor, Area, Pack

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_pack() -> Pack:
    return Pack(
        path=Path("nowhere"),
        code="9998",
        name="Exempelstad",
        synthetic=True,
        levels=(1, 2, 3),
        rest_code="999",
        crs=3014,
        areas=(Area("111", "Torget", 100), Area("112", "Hamnen", 50)),
        area_names={"111": "Torget", "112": "Hamnen", "999": "Övrigt"},
        indicators={},
        actors={
            "fire": Actor("fire", "Räddningstjänsten", "Fire service"),
            "police": Actor("police", "Polisen", "Police"),
        },
        exact={},
        webhook_networks=(),
    )


def a_tally() -> Tally:
    tally = Tally(phase=Phase.PLAYING, sent={"fire": Sent(7, 2), "police": Sent(1234, 0)})
    tally.reasons["missing"] = 2
    tally.messages["missing"] = "Fältet saknas [id]."
    tally.tries_again = 4
    tally.events_counted = 1100
    tally.accepted_each_second.extend(range(100))
    tally.see({"ingest": 1, "kafka": 2})
    tally.see({"ingest": None, "kafka": 2})
    tally.see({"ingest": 3, "kafka": 2})
    return tally


def an_inbox(subscriber: str, shown: int, *cells: PushedCell) -> Inbox:
    codes = frozenset(str(code) for code in range(shown))
    agreed = Agreed(subscriber, "1", "whsec_c2VjcmV0", codes, frozenset(), frozenset())
    inbox = Inbox(agreed)
    due = NOW - timedelta(seconds=0.04)
    inbox.recent.append(Push(subscriber, NOW, seq=1, due_at=due, as_of=NOW, cells=cells))
    inbox.total = inbox.verified = 1
    return inbox


def a_scene(language: Language = Language.SV, **changed: object) -> Scene:
    police = an_inbox(
        "police",
        5,
        PushedCell("111", "arson", "24h", 3, 3),
        PushedCell("112", "arson", "24h", 4, 4),
        PushedCell("112", "robbery", "24h", 1, 1),
        PushedCell("112", "robbery", "15m", 1, 1),
        PushedCell("999", "arson", "24h", 90, 90),
    )
    scene = scene_of(
        a_pack(),
        a_tally(),
        [an_inbox("fire", 2), police],
        moment=Moment(elapsed_s=12.3, left_s=7.7, p50_ms=9.0, p99_ms=50.0),
        language=language,
    )
    return replace(scene, **changed)  # type: ignore[arg-type]  # tests name its fields


def drawn(scene: Scene, language: Language, *, width: int = 120, height: int = 40) -> str:
    console = Console(width=width, height=height, color_system=None, force_terminal=True)
    with console.capture() as captured:
        console.print(picture(scene, language))
    return captured.get()


def test_the_busiest_areas_come_first_and_the_rest_area_not_at_all() -> None:
    scene = a_scene()
    assert scene.places == (Place("Hamnen", (1, 0, 5)), Place("Torget", (0, 0, 3)))
    assert scene.places_of == "Polisen"


def test_a_process_with_a_new_id_has_been_restarted() -> None:
    assert {one.name: one.restarts for one in a_scene().running} == {"ingest": 1, "kafka": 0}


def test_a_process_without_an_id_is_not_alive() -> None:
    tally = Tally()
    tally.see({"ingest": None})
    assert not tally.health["ingest"].is_alive
    tally.see({"ingest": 5})
    assert (tally.health["ingest"].is_alive, tally.health["ingest"].restarts) == (True, 0)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            Language.SV,
            (
                "påhittad kommun",
                "Polisen",
                "1 241",
                "2 avvisade",
                "40 ms efter",
                "8 s kvar",
                "✔ äkta",
            ),
        ),
        (Language.EN, ("invented", "Police", "1 241", "2 refused", "40 ms late", "✔ genuine")),
    ],
)
def test_everything_is_told_in_both_languages(language: Language, words: tuple[str, ...]) -> None:
    seen = drawn(a_scene(language), language).replace("8 s kvar", "8 s kvar")
    assert [word for word in words if word not in seen] == []
    assert "Hamnen" in seen
    assert "[id]" in seen


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 60)])
def test_the_picture_fits_the_terminal(width: int, height: int) -> None:
    lines = drawn(a_scene(), Language.SV, width=width, height=height).splitlines()
    assert len(lines) <= height
    assert max(len(one) for one in lines) <= width


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("phase", list(Phase))
def test_a_line_says_the_same_in_every_phase(language: Language, phase: Phase) -> None:
    words = line(a_scene(language, phase=phase), language)
    assert "\n" not in words
    for number in ("12.3 s", "1241", "1100"):
        assert number in words


def test_an_empty_scene_can_be_drawn() -> None:
    scene = scene_of(a_pack(), Tally(), [], moment=Moment(0, None), language=Language.SV)
    assert "startar" in drawn(scene, Language.SV)
    assert "startar" in line(scene, Language.SV)


def test_a_push_that_is_not_believed_is_seen() -> None:
    scene = a_scene(pushes_verified=1)
    assert "✘" in drawn(scene, Language.SV)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 40))
def test_a_bar_is_never_longer_than_its_place(value: int, most: int, width: int) -> None:
    drawn_bar = bar(value, most, width=width)
    assert len(drawn_bar) <= width
    assert bool(drawn_bar) is (value > 0 and most > 0)


@given(st.lists(st.integers(0, 1000)))
def test_a_sparkline_has_one_character_per_value(values: list[int]) -> None:
    assert len(sparkline(values)) == len(values)


def test_a_sparkline_is_highest_where_the_value_is() -> None:
    assert sparkline([0, 5, 10]) == "▁▅█"
