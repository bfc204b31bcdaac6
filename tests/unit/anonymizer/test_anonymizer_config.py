"""The anonymizer's settings: all mistakes at once, and never a value."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.anonymizer.config import AnonymizerSettings
from shared.errors import ConfigurationError
from shared.root_key import RootKey
from shared.settings import read_settings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {
        "KAFKA": "127.0.0.1:1",
        "PACKS": "packs/a",
        "PORT": "8080",
        "POSTGRES": "postgresql://nobody@nowhere/none",
        "KEY_FOLDER": "keys",
        "ROOT_KEY": RootKey.new().as_text(),
    }.items():
        monkeypatch.setenv(f"LAGESBILD_{name}", value)
    return monkeypatch


def test_the_defaults_stand(environment: pytest.MonkeyPatch) -> None:
    settings = read_settings(AnonymizerSettings)
    assert (settings.max_records, settings.dead_letter_limit) == (6000, 1000)


def test_the_key_is_not_shown(environment: pytest.MonkeyPatch) -> None:
    settings = read_settings(AnonymizerSettings)
    assert settings.root_key is not None
    assert settings.root_key.get_secret_value() not in repr(settings)


def test_a_wrong_key_is_named_but_not_repeated(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LAGESBILD_ROOT_KEY", "aGVqIGhlag==")
    with pytest.raises(ConfigurationError) as caught:
        read_settings(AnonymizerSettings)
    assert [mistake.split(":")[0] for mistake in caught.value.mistakes] == ["LAGESBILD_ROOT_KEY"]
    assert "aGVqIGhlag" not in str(caught.value)


def test_every_mistake_is_listed(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("LAGESBILD_KEY_FOLDER")
    environment.setenv("LAGESBILD_MAX_RECORDS", "0")
    environment.setenv("LAGESBILD_DEAD_LETTER_LIMIT", "none")
    with pytest.raises(ConfigurationError) as caught:
        read_settings(AnonymizerSettings)
    assert sorted(mistake.split(":")[0] for mistake in caught.value.mistakes) == [
        "LAGESBILD_DEAD_LETTER_LIMIT",
        "LAGESBILD_KEY_FOLDER",
        "LAGESBILD_MAX_RECORDS",
    ]


def test_the_root_key_stands_in_the_environment_or_in_a_file(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "root.key"
    file.write_text(RootKey.new().as_text())
    file.chmod(0o600)
    assert read_settings(AnonymizerSettings).root().as_text() not in file.read_text()
    environment.setenv("LAGESBILD_ROOT_KEY_FILE", str(file))
    with pytest.raises(ConfigurationError, match="exactly one"):
        read_settings(AnonymizerSettings).root()
    environment.delenv("LAGESBILD_ROOT_KEY")
    assert read_settings(AnonymizerSettings).root().as_text() == file.read_text()
    environment.delenv("LAGESBILD_ROOT_KEY_FILE")
    with pytest.raises(ConfigurationError, match="exactly one"):
        read_settings(AnonymizerSettings).root()


def test_a_root_key_file_that_others_may_read_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "root.key"
    file.write_text(RootKey.new().as_text())
    file.chmod(0o644)
    environment.delenv("LAGESBILD_ROOT_KEY")
    environment.setenv("LAGESBILD_ROOT_KEY_FILE", str(file))
    with pytest.raises(ConfigurationError, match=r"LAGESBILD_ROOT_KEY_FILE.*0600"):
        read_settings(AnonymizerSettings).root()


@pytest.mark.parametrize(("days", "kept"), [(None, 400), ("30", 400), ("3650", 3650)])
def test_decisions_are_kept_as_long_as_ingest_lets_correct(
    environment: pytest.MonkeyPatch, days: str | None, kept: int
) -> None:
    """The same setting as ingest's; never less than a replay may need."""
    if days is not None:
        environment.setenv("LAGESBILD_HORIZON_DAYS", days)
    assert read_settings(AnonymizerSettings).decisions_kept == timedelta(days=kept)


@pytest.mark.parametrize(
    ("grace", "drain", "wrong"),
    [("64.9", "300", "GRACE"), ("65", "65", None), ("70", "69", "DRAIN"), ("301", None, "DRAIN")],
)
def test_a_grace_outlasts_ingests_trust_and_a_drain_the_grace(
    environment: pytest.MonkeyPatch, grace: str, drain: str | None, wrong: str | None
) -> None:
    environment.setenv("LAGESBILD_GRACE_SECONDS", grace)
    if drain is not None:
        environment.setenv("LAGESBILD_DRAIN_SECONDS", drain)
    if wrong is None:
        read_settings(AnonymizerSettings)
        return
    with pytest.raises(ConfigurationError, match=f"LAGESBILD_{wrong}_SECONDS"):
        read_settings(AnonymizerSettings)
