"""Delivery's settings."""

from pathlib import Path
from typing import Any

import pytest

from services.delivery.config import DeliverySettings
from shared.errors import ConfigurationError
from shared.settings import read_settings

NEEDED = {
    "LAGESBILD_KAFKA": "127.0.0.1:9092",
    "LAGESBILD_PACKS": "a:b",
    "LAGESBILD_PORT": "8002",
    "LAGESBILD_POSTGRES": "postgresql://secret@host/db",
}


def settings(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> DeliverySettings:
    for name, value in (NEEDED | changed).items():
        monkeypatch.setenv(name, value)
    return read_settings(DeliverySettings)


def test_the_defaults_are_the_promised_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch)
    assert found.packs == (Path("a"), Path("b"))
    assert found.retry_delays_s == (5.0, 15.0)
    assert (found.connect_timeout_s, found.send_timeout_s) == (5, 15)


def test_retry_delays_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(monkeypatch, LAGESBILD_RETRY_DELAYS_S="1, 2.5").retry_delays_s == (1.0, 2.5)
    assert settings(monkeypatch, LAGESBILD_RETRY_DELAYS_S="").retry_delays_s == ()


def test_a_lease_outlives_a_send(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="lease"):
        settings(monkeypatch, LAGESBILD_LEASE_S="20")


def test_a_mistake_does_not_repeat_the_database_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(monkeypatch, LAGESBILD_RETRY_DELAYS_S="soon")
    assert "secret" not in str(caught.value)
