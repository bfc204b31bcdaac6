"""What long work says of itself on a log."""

import io

from shared.language import Language, Text
from shared.progress import Pace, progress

TITLE, UNIT = Text("Räknar om", "Counting anew"), Text("poster", "records")


def test_a_pace_says_how_much_how_fast_and_how_long_still() -> None:
    said = Pace(done=1_500, total=6_000, seconds=3.0).said(TITLE, UNIT)
    assert said.en.replace("\u202f", " ") == (
        "Counting anew: 1 500 of 6 000 records, 25 %, 500/s, 9 s left"
    )
    assert said.sv.replace("\u202f", " ") == (
        "Räknar om: 1 500 av 6 000 poster, 25 %, 500/s, 9 s kvar"
    )


def test_without_a_total_or_a_beginning_nothing_is_made_up() -> None:
    assert (
        Pace(done=5, total=0, seconds=1.0).said(TITLE, UNIT).en == "Counting anew: 5 records, 5/s"
    )
    assert "0 %" in Pace(done=0, total=9, seconds=0.0).said(TITLE, UNIT).en


def test_a_log_gets_few_lines_the_last_one_and_every_step() -> None:
    log = io.StringIO()
    with progress(log, Language.EN, title=TITLE, unit=UNIT) as shown:
        for done in range(1, 1001):
            shown(done, 1000)
        shown.step(Text("Byter", "Switching"))
    lines = log.getvalue().splitlines()
    assert len(lines) <= 3
    assert "1\u202f000 of 1\u202f000 records, 100 %" in lines[-2]
    assert lines[-1] == "Switching …"
