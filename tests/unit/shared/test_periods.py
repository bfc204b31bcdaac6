"""Periods: one written form each, and the Stockholm days that they hold."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.periods import period_of


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("2025-H1", date(2025, 1, 1), date(2025, 7, 1)),
        ("2025-H2", date(2025, 7, 1), date(2026, 1, 1)),
        ("2025-Q1", date(2025, 1, 1), date(2025, 4, 1)),
        ("2025-Q4", date(2025, 10, 1), date(2026, 1, 1)),
        ("2025-02", date(2025, 2, 1), date(2025, 3, 1)),
        ("2025-12", date(2025, 12, 1), date(2026, 1, 1)),
        ("2024/2025", date(2024, 7, 1), date(2025, 7, 1)),
        ("1999/2000", date(1999, 7, 1), date(2000, 7, 1)),
    ],
)
def test_a_period_holds_its_days(text: str, start: date, end: date) -> None:
    period = period_of(text)
    assert (period.start, period.end, period.text) == (start, end, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25",
        " 2025",
        "2025\n",
        "2025-H0",
        "2025-H3",
        "2025-h1",
        "2025-Q5",
        "2025-0",
        "2025-00",
        "2025-13",
        "2025-9",
        "2025-09-01",
        "2024/2026",
        "2025/2024",
        "2024/25",
        "2024-2025",
        "0999",
        "3000",
        "٢٠٢٥",
    ],
)
def test_what_is_written_otherwise_is_no_period_and_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"period|school year") as error:
        period_of(text)
    assert not text.strip() or text not in str(error.value)


@pytest.mark.parametrize("parts", [["", ""], ["-H1", "-H2"], [f"-Q{n}" for n in range(1, 5)]])
@given(year=st.integers(1000, 2998))
def test_the_parts_of_a_year_leave_no_day_out_and_hold_none_twice(
    parts: list[str], year: int
) -> None:
    whole = parts if any(parts) else [f"-{month:02}" for month in range(1, 13)]
    periods = [period_of(f"{year}{part}") for part in whole]
    assert periods[0].start == period_of(f"{year}").start
    assert periods[-1].end == period_of(f"{year}").end
    assert all(one.end == other.start for one, other in pairwise(periods))
    assert period_of(f"{year}/{year + 1}").end == period_of(f"{year + 1}-07").start


def test_periods_are_sorted_by_start_and_then_by_length() -> None:
    texts = ["2025-02", "2025", "2024/2025", "2025-01", "2025-Q1", "2025-H1"]
    in_order = [period.text for period in sorted(map(period_of, texts))]
    assert in_order == ["2024/2025", "2025-01", "2025-Q1", "2025-H1", "2025", "2025-02"]


def test_a_period_begins_at_midnight_in_stockholm() -> None:
    midnight = datetime(2025, 6, 30, 22, tzinfo=UTC)  # 00:00 on 1 July, summer time
    assert period_of("2025-Q3").has_begun(midnight)
    assert not period_of("2025-Q3").has_begun(midnight - timedelta(microseconds=1))
