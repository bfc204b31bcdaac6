import io

from typing_extensions import override

from deploy.embedded.progress import shown_on, silent
from shared.language import Language


class Screen(io.StringIO):
    """A terminal."""

    @override
    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_plain_line_per_file() -> None:
    log = io.StringIO()
    with shown_on(log, Language.EN)(2) as fetched:
        fetched("a.jar")
        fetched("b.jar")

    assert log.getvalue().splitlines() == [
        "Fetching Apache Kafka: 1/2 a.jar",
        "Fetching Apache Kafka: 2/2 b.jar",
    ]


def test_a_terminal_gets_a_bar() -> None:
    screen = Screen()
    with shown_on(screen, Language.SV)(2) as fetched:
        fetched("a.jar")
        fetched("b.jar")

    assert "Hämtar Apache Kafka" in screen.getvalue()
    assert "2/2" in screen.getvalue()
    assert "a.jar" not in screen.getvalue()


def test_silence_says_nothing() -> None:
    with silent(1) as fetched:
        fetched("a.jar")
