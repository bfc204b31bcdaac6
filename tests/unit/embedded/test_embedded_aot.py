"""The file with Kafka's classes: made once, whole or not at all, and nobody needs it."""

from pathlib import Path

import pytest

from deploy.embedded import aot
from deploy.embedded.errors import NotReady
from deploy.embedded.kafka import KafkaServer


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAGESBILD_CACHE", str(tmp_path))
    monkeypatch.setenv("LAGESBILD_LANGUAGE", "en")
    monkeypatch.setattr(aot, "adopt_orphans", lambda: None)
    return tmp_path


def written(file: Path, text: str) -> None:
    file.write_text(text)


def test_it_is_made_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def make(target: Path, _cache: Path) -> None:
        written(target, "classes")

    monkeypatch.setattr(aot, "_make", make)
    aot.prepare()
    assert aot.kept_in(cache).read_text() == "classes"
    assert "Preparing" in capsys.readouterr().err
    aot.kept_in(cache).write_text("the same file")
    aot.prepare()
    assert aot.kept_in(cache).read_text() == "the same file"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("error", [NotReady("kafka", after_seconds=1, lines=()), OSError()])
def test_if_it_cannot_be_made_that_is_said_and_nothing_is_left(
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    async def make(target: Path, _cache: Path) -> None:
        written(target, "half of it")
        raise error

    monkeypatch.setattr(aot, "_make", make)
    aot.prepare()
    assert f"works all the same ({type(error).__name__})" in capsys.readouterr().err
    assert list(cache.iterdir()) == []


def test_another_java_or_another_jar_has_another_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_one = aot.kept_in(cache)
    monkeypatch.setattr(aot, "version", lambda _name: "99")
    assert aot.kept_in(cache) != with_one


def test_java_is_told_of_the_file_only_if_it_is_there(tmp_path: Path) -> None:
    classes = tmp_path / "classes.aot"
    server = KafkaServer(folder=tmp_path, jars=(), port=1, controller_port=2, classes=classes)
    option = f"-XX:AOTCache={classes}"
    assert option not in server.program().command
    classes.touch()
    assert option in server.program().command
