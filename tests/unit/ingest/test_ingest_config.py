"""Ingest's settings: what they are unless told, and what they can be set to at the most."""

from datetime import timedelta

import pytest

from services.ingest.config import IngestSettings
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
        "INSTALLATION_SECRET": "s" * 32,
        "ANNOUNCEMENT_KEY": RootKey.new().announcement_key(),
    }.items():
        monkeypatch.setenv(f"LAGESBILD_{name}", value)
    return monkeypatch


def test_a_report_may_wait_for_12_hours_unless_told(environment: pytest.MonkeyPatch) -> None:
    assert read_settings(IngestSettings).oldest_waiting == timedelta(hours=12)


@pytest.mark.parametrize("seconds", ["0", "43200.001", "86400"])
def test_a_report_may_never_wait_for_longer_for_its_key_goes_after_24(
    environment: pytest.MonkeyPatch, seconds: str
) -> None:
    environment.setenv("LAGESBILD_OLDEST_WAITING_SECONDS", seconds)
    with pytest.raises(ConfigurationError, match="OLDEST_WAITING_SECONDS"):
        read_settings(IngestSettings)
    environment.setenv("LAGESBILD_OLDEST_WAITING_SECONDS", "43200")
    assert read_settings(IngestSettings).oldest_waiting == timedelta(hours=12)
