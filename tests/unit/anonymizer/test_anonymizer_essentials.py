"""Only the essentials of a report are ever read."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.anonymizer.domain.essentials import Essentials, EssentialsReader
from shared.errors import DeadReason, RejectedMessage
from shared.messages.codec import encode
from shared.messages.report import Location, Report
from tests.unit.anonymizer.builders import NOON, a_report, a_withdrawal

LEAST: dict[str, Any] = {"municipality": "0012", "actor": "fire", "version": 1}


def test_the_essentials_are_fields_of_the_report_as_ingest_writes_it() -> None:
    report = {one.name: one for one in msgspec.structs.fields(Report)}
    for one in msgspec.structs.fields(Essentials):
        assert (one.type, one.default) == (report[one.name].type, report[one.name].default)


def test_text_and_extra_are_not_among_them() -> None:
    left_out = {one.name for one in msgspec.structs.fields(Report)} - {
        one.name for one in msgspec.structs.fields(Essentials)
    }
    assert left_out == {"received_at", "text", "extra"}


def test_a_report_is_read() -> None:
    found = EssentialsReader().read(encode(a_report()))
    assert found == Essentials(
        "0012",
        "fire",
        1,
        indicator="bin_fire",
        occurred_at=NOON,
        location=Location(lat=59.05, lon=17.05),
    )


def test_a_withdrawal_is_read() -> None:
    assert EssentialsReader().read(encode(a_withdrawal())) == Essentials(
        "0012", "fire", 2, withdrawn=True
    )


anything = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(text=st.text(), extra=anything, more=st.dictionaries(st.text(), anything, max_size=3))
def test_whatever_else_a_report_holds_is_skipped(
    text: str, extra: object, more: dict[str, object]
) -> None:
    plain = json.dumps(more | {"text": text, "extra": extra} | LEAST | {"withdrawn": True})
    assert EssentialsReader().read(plain.encode()) == Essentials(**LEAST, withdrawn=True)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"null",
        b"[]",
        b"not json",
        b"\xff\xfe",
        b"{}",
        b'{"municipality": "\xff", "version": 1}',
        b'{"municipality": "0012", "version": 1, "location": {"lat": NaN}}',
        b'{"municipality": "0012", "version": 1, "location": {"lat": 1e999}}',
        b'{"municipality": "0012", "version": 1, "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        *(
            json.dumps(LEAST | changed).encode()
            for changed in (
                {"municipality": 12},
                {"version": "1"},
                {"version": 0},
                {"version": -1},
                {"version": 1.5},
                {"version": 2**63},
                {"version": 2**70},
                {"withdrawn": "yes"},
                {"indicator": 5},
                {"occurred_at": "yesterday"},
                {"occurred_at": 1_700_000_000},
                {"confirmed": None},
                {"location": "Storgatan 1"},
                {"location": {"lat": "59"}},
            )
        ),
    ],
    ids=lambda plain: f"{len(plain)} bytes",
)
def test_what_is_not_a_report_is_rejected_without_a_word_of_it(plain: bytes) -> None:
    with pytest.raises(RejectedMessage) as caught:
        EssentialsReader().read(plain)
    assert caught.value.reason is DeadReason.NOT_A_REPORT
    assert str(caught.value) == "not_a_report"
    assert caught.value.__cause__ is None


def test_the_highest_version_that_fits_is_read() -> None:
    plain = json.dumps(LEAST | {"version": 2**63 - 1}).encode()
    assert EssentialsReader().read(plain).version == 2**63 - 1
