"""An event may be reported as long ago as the horizon, to the microsecond, and not longer."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.ingest.config import IngestSettings
from services.ingest.domain.errors import RowError, RowErrorCode, row_message
from services.ingest.domain.receipt import Receipt
from services.ingest.domain.validate import Accepted, validated
from shared.language import Language
from shared.root_key import RootKey
from tests.support.ingest_memory import HORIZON, NOW, a_row, a_sender

TOO_LATE = (RowError("occurred_at", RowErrorCode.TOO_LATE),)
A_MOMENT = timedelta(microseconds=1)


def judged(occurred_at: datetime, *, horizon: timedelta | None = HORIZON, **changes: Any) -> object:
    row = a_row(occurred_at=occurred_at.isoformat(), **changes)
    outcome = validated(row, sender=a_sender(horizon), now=NOW)
    return "accepted" if isinstance(outcome, Accepted) else outcome


def test_exactly_at_the_horizon_is_accepted() -> None:
    assert judged(NOW - HORIZON) == "accepted"


def test_a_moment_beyond_the_horizon_is_refused() -> None:
    assert judged(NOW - HORIZON - A_MOMENT) == TOO_LATE


@given(st.timedeltas(timedelta(0), timedelta(days=9000)), st.integers(1, 3650))
def test_what_is_refused_is_what_lies_beyond(ago: timedelta, days: int) -> None:
    outcome = judged(NOW - ago, horizon=timedelta(days=days))
    assert outcome == ("accepted" if ago <= timedelta(days=days) else TOO_LATE)


def test_history_has_no_horizon_and_still_begins_in_the_year_2000() -> None:
    assert judged(NOW - timedelta(days=9000), horizon=None) == "accepted"
    too_old = (RowError("occurred_at", RowErrorCode.TOO_OLD),)
    assert judged(NOW - timedelta(days=10_000), horizon=None) == too_old
    assert judged(NOW - timedelta(days=10_000)) == too_old


def test_a_correction_is_held_against_the_horizon_too() -> None:
    assert judged(NOW - HORIZON - A_MOMENT, version=2) == TOO_LATE


def test_a_withdrawal_has_no_instant_and_passes() -> None:
    row = {"id": "1", "version": 2, "withdrawn": True, "occurred_at": "2001-01-01T00:00:00Z"}
    assert isinstance(validated(row, sender=a_sender(HORIZON), now=NOW), Accepted)


@pytest.mark.parametrize(
    ("language", "words"), [(Language.SV, "400 dagar"), (Language.EN, "400 days")]
)
def test_the_answer_names_the_limit_and_never_the_value(language: Language, words: str) -> None:
    receipt = Receipt()
    row = a_row(occurred_at="2012-03-04T05:06:07Z")
    assert receipt.sort_out([row], sender=a_sender(HORIZON), now=NOW) == []
    told = receipt.as_json(language, horizon=HORIZON).decode()
    assert words in told
    assert '"too_late"' in told
    assert "2012" not in told


def test_no_other_message_changes_with_the_horizon() -> None:
    others = [code for code in RowErrorCode if code is not RowErrorCode.TOO_LATE]
    for code in others:
        assert row_message(code, horizon=HORIZON) == row_message(code, horizon=None)


def settings(**changes: Any) -> IngestSettings:
    return IngestSettings(
        **{
            "kafka": "unused:1",
            "postgres": "postgresql://unused",
            "packs": "unused",
            "port": 1,
            "installation_secret": "x" * 32,
            "announcement_key": RootKey.new().announcement_key(),
            **changes,
        }
    )


def test_the_horizon_is_400_days_unless_set() -> None:
    assert settings().horizon == HORIZON
    assert settings(horizon_days="30").horizon == timedelta(days=30)


@pytest.mark.parametrize("days", [0, -1, 3651, "all"])
def test_a_horizon_out_of_bounds_is_refused(days: object) -> None:
    with pytest.raises(ValidationError, match="horizon_days"):
        settings(horizon_days=days)
