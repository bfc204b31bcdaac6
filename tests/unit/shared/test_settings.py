"""Settings: every mistake at once, and never a value."""

from pathlib import Path

import pytest

from shared.errors import ConfigurationError
from shared.settings import DatabaseSettings, read_settings


def set_all(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    values = {
        "LAGESBILD_KAFKA": "127.0.0.1:9092",
        "LAGESBILD_POSTGRES": "postgresql://role:secret@127.0.0.1/lagesbild",
        "LAGESBILD_PACKS": "/one:/two",
        "LAGESBILD_PORT": "8420",
    }
    for name, value in {**values, **changes}.items():
        monkeypatch.setenv(name, value)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch)
    settings = read_settings(DatabaseSettings)
    assert settings.packs == (Path("/one"), Path("/two"))
    assert settings.partitions == 8
    assert "secret" not in repr(settings)


def test_all_mistakes_are_listed_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, LAGESBILD_PORT="70000", LAGESBILD_LOG_FORMAT="colourful")
    monkeypatch.delenv("LAGESBILD_KAFKA")
    with pytest.raises(ConfigurationError) as refusal:
        read_settings(DatabaseSettings)
    named = [mistake.split(":")[0] for mistake in refusal.value.mistakes]
    assert named == ["LAGESBILD_KAFKA", "LAGESBILD_PORT", "LAGESBILD_LOG_FORMAT"]
    assert "70000" not in str(refusal.value)
    assert "colourful" not in str(refusal.value)
