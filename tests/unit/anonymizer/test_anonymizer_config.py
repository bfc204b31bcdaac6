"""The anonymizer's settings: all mistakes at once, and never a value."""

import pytest

from services.anonymizer.config import AnonymizerSettings
from shared.errors import ConfigurationError
from shared.sealing import new_key_pair
from shared.settings import read_settings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {
        "KAFKA": "127.0.0.1:1",
        "PACKS": "packs/a",
        "PORT": "8080",
        "POSTGRES": "postgresql://anonymizer:word@host/db",
        "SEALING_PRIVATE_KEY": new_key_pair()[0],
    }.items():
        monkeypatch.setenv(f"LAGESBILD_{name}", value)
    return monkeypatch


def test_the_defaults_stand(environment: pytest.MonkeyPatch) -> None:
    settings = read_settings(AnonymizerSettings)
    assert (settings.max_records, settings.dead_letter_limit) == (2000, 1000)


def test_the_key_is_not_shown(environment: pytest.MonkeyPatch) -> None:
    settings = read_settings(AnonymizerSettings)
    assert settings.sealing_private_key.get_secret_value() not in repr(settings)


def test_a_wrong_key_is_named_but_not_repeated(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LAGESBILD_SEALING_PRIVATE_KEY", "aGVqIGhlag==")
    with pytest.raises(ConfigurationError) as caught:
        read_settings(AnonymizerSettings)
    assert [mistake.split(":")[0] for mistake in caught.value.mistakes] == [
        "LAGESBILD_SEALING_PRIVATE_KEY"
    ]
    assert "aGVqIGhlag" not in str(caught.value)


def test_every_mistake_is_listed(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("LAGESBILD_SEALING_PRIVATE_KEY")
    environment.setenv("LAGESBILD_MAX_RECORDS", "0")
    environment.setenv("LAGESBILD_DEAD_LETTER_LIMIT", "none")
    with pytest.raises(ConfigurationError) as caught:
        read_settings(AnonymizerSettings)
    assert sorted(mistake.split(":")[0] for mistake in caught.value.mistakes) == [
        "LAGESBILD_DEAD_LETTER_LIMIT",
        "LAGESBILD_MAX_RECORDS",
        "LAGESBILD_SEALING_PRIVATE_KEY",
    ]
