"""The receipt names every refused row, and has an end."""

import json

import pytest

from services.ingest.domain import receipt as receipt_module
from services.ingest.domain.errors import RowErrorCode
from services.ingest.domain.receipt import Receipt
from shared.language import Language
from tests.support.ingest_memory import NOW, a_row, a_sender


def test_rows_are_numbered_over_all_of_a_request() -> None:
    receipt = Receipt()
    first = receipt.sort_out([a_row(), RowErrorCode.NOT_JSON], sender=a_sender(), now=NOW)
    second = receipt.sort_out([a_row(id=""), a_row()], sender=a_sender(), now=NOW)
    assert [len(first), len(second), receipt.accepted] == [1, 1, 2]
    assert json.loads(receipt.as_json(Language.EN)) == {
        "accepted": 2,
        "rejected": [
            {
                "row": 1,
                "errors": [{"field": "", "code": "not_json", "message": "The row is not JSON."}],
            },
            {
                "row": 2,
                "errors": [{"field": "id", "code": "empty", "message": "The field is empty."}],
            },
        ],
    }


def test_the_message_is_in_the_language_that_was_asked_for() -> None:
    receipt = Receipt()
    receipt.sort_out([RowErrorCode.NOT_JSON], sender=a_sender(), now=NOW)
    assert "Raden är inte JSON." in receipt.as_json(Language.SV).decode()


def test_a_row_counts_under_its_first_error() -> None:
    receipt = Receipt()
    receipt.sort_out([a_row(id="", version=0), a_row(id="")], sender=a_sender(), now=NOW)
    assert receipt.reasons == {RowErrorCode.EMPTY: 2}


def test_a_receipt_has_an_end_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt_module, "MOST_REJECTED", 3)
    receipt = Receipt()
    wrong = [RowErrorCode.NOT_JSON] * 5
    assert receipt.sort_out([*wrong, a_row()], sender=a_sender(), now=NOW) == []
    assert receipt.sort_out([a_row()], sender=a_sender(), now=NOW) == []
    told = json.loads(receipt.as_json(Language.SV))
    assert [row["errors"][0]["code"] for row in told["rejected"]] == [
        "not_json",
        "not_json",
        "rest_unread",
    ]
    assert told["accepted"] == 0
