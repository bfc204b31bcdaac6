"""`lagesbild trace`: files in, text or JSON out, exit codes, nothing stored."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.cli import main
from services.commands import EXIT_NOT_OK, EXIT_OK, EXIT_USER
from tests.unit.tracing.walking import PERSONAL, a_report


@pytest.fixture(autouse=True)
def _swedish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAGESBILD_LANGUAGE", "sv")
    monkeypatch.chdir(tmp_path)


def recent() -> str:
    return (datetime.now(UTC) - timedelta(hours=2)).isoformat()


def file_of(folder: Path, content: Any) -> str:
    path = folder / "report.json"
    written = content if isinstance(content, str) else json.dumps(content)
    path.write_text(written, encoding="utf-8")
    return str(path)


def test_a_good_report_is_told_in_swedish_without_a_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, a_report(occurred_at=recent()))
    assert main(["trace", file]) == EXIT_OK
    told = capsys.readouterr()
    assert "Vad som kom in" in told.out
    assert "Av rapporten lämnar bara de koder, tal och tider som steg 9 räknar upp." in told.out
    assert "Andersson" not in told.out + told.err
    assert sorted(tmp_path.iterdir()) == [tmp_path / "report.json"]


def test_english_by_lang(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = file_of(tmp_path, a_report(occurred_at=recent()))
    assert main(["--lang", "en", "trace", file]) == EXIT_OK
    assert (
        "Of the report only the codes, numbers and instants leave that stage 9 lists."
        in capsys.readouterr().out
    )


def test_values_are_shown_when_they_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, a_report(occurred_at=recent()))
    assert main(["trace", file, "--show-values"]) == EXIT_OK
    assert PERSONAL["id"] in capsys.readouterr().out


def test_json_is_one_line_with_the_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, a_report(occurred_at=recent()))
    assert main(["trace", file, "--json"]) == EXIT_OK
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["accepted"] is True
    assert found["leaks"] == []
    assert found["event"]["indicator"] == "robbery"
    assert len(found["stages"]) == 10


def test_a_refused_report_is_not_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = file_of(tmp_path, a_report(occurred_at="igår"))
    assert main(["trace", file, "--json"]) == EXIT_NOT_OK
    found = json.loads(capsys.readouterr().out)
    assert found["accepted"] is False
    assert found["event"] is None


def test_a_row_with_a_field_twice_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", file_of(tmp_path, '{"id": "a", "id": "b"}'), "--json"]) == EXIT_NOT_OK
    found = json.loads(capsys.readouterr().out)
    assert found["stages"][1]["errors"][0]["code"] == "duplicate_field"


def test_a_value_that_is_no_text_can_be_shown_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, json.dumps(a_report(text="Anna \ud800", occurred_at=recent())))
    assert main(["trace", file, "--show-values"]) == EXIT_NOT_OK
    assert main(["trace", file, "--show-values", "--json"]) == EXIT_NOT_OK
    assert capsys.readouterr().out.splitlines()[-1].isascii()


def test_the_report_may_come_on_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.dumps(a_report(occurred_at=recent())).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(report)))
    assert main(["trace", "-", "--json"]) == EXIT_OK
    assert json.loads(capsys.readouterr().out)["accepted"] is True


def test_an_array_of_one_and_a_report_over_several_lines_are_one_report(tmp_path: Path) -> None:
    report = a_report(occurred_at=recent())
    assert main(["trace", file_of(tmp_path, [report])]) == EXIT_OK
    assert main(["trace", file_of(tmp_path, "\ufeff" + json.dumps(report, indent=2))]) == EXIT_OK


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"id": "Anna"}, {"id": "b"}]', "flera rapporter"),
        ('{"id": "Anna"}\n{"id": "b"}\n', "flera rapporter"),
        ("[]", "ingen rapport"),
        ("", "ingen rapport"),
        ("Anna Andersson", "ingen rapport"),
        ('"Anna"', "ingen rapport"),
        ('{"id": "Anna"', "ingen rapport"),
        ('{"text": "' + "a" * 3_000_000 + '"}', "för stor"),
    ],
)
def test_what_is_not_one_report_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    assert main(["trace", file_of(tmp_path, content)]) == EXIT_USER
    told = capsys.readouterr()
    assert said in told.err
    assert "Anna" not in told.err + told.out


def test_a_file_that_is_not_there_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", str(tmp_path / "nothing.json")]) == EXIT_USER
    assert main(["trace", str(tmp_path)]) == EXIT_USER
    assert capsys.readouterr().err.count("Filen kan inte läsas") == 2


def test_an_actor_that_the_pack_does_not_know_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, a_report(occurred_at=recent()))
    assert main(["trace", file, "--actor", "nobody"]) == EXIT_USER
    assert "police" in capsys.readouterr().err


def test_the_actor_is_the_first_that_may_report_it_or_the_named_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, a_report(indicator="disturbance_dwelling", occurred_at=recent()))
    assert main(["trace", file, "--json"]) == EXIT_OK
    assert json.loads(capsys.readouterr().out)["stages"][0]["actor"] == "housing"
    assert main(["trace", file, "--json", "--actor", "police"]) == EXIT_NOT_OK
    refused = json.loads(capsys.readouterr().out)
    assert refused["stages"][1]["errors"][0]["code"] == "not_your_indicator"


def test_a_pack_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    file = file_of(tmp_path, a_report(occurred_at=recent()))
    assert main(["trace", file, "--pack", str(tmp_path)]) == EXIT_USER
