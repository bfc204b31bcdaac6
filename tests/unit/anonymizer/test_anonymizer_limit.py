"""A long run of bad reports stops the process instead of burying everything."""

import pytest

from services.anonymizer.domain.limit import DeadLetterLimit, DeadLetterLimitReachedError


def test_single_failures_are_borne_for_ever() -> None:
    limit = DeadLetterLimit(3)
    for _ in range(100):
        limit.count([True, True, False])


def test_a_run_as_long_as_the_limit_stops() -> None:
    with pytest.raises(DeadLetterLimitReachedError):
        DeadLetterLimit(3).count([False, True, True, True, False])


def test_a_run_goes_on_over_batches() -> None:
    limit = DeadLetterLimit(3)
    limit.count([True])
    limit.count([True])
    with pytest.raises(DeadLetterLimitReachedError):
        limit.count([True])


def test_one_success_begins_the_count_anew() -> None:
    limit = DeadLetterLimit(3)
    limit.count([True, True])
    limit.count([False])
    limit.count([True, True])


def test_an_empty_batch_changes_nothing() -> None:
    limit = DeadLetterLimit(2)
    limit.count([True])
    limit.count([])
    with pytest.raises(DeadLetterLimitReachedError):
        limit.count([True])
