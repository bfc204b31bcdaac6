"""The housing company's Excel file: as people leave such files, and saying what is meant."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import python_calamine

from deploy.demo.draft import Draft, Form, Request
from deploy.demo.faults import Forbidden
from deploy.demo.sheets import NOT_AGREED, Clerk, form_of, workbook
from deploy.demo.simulator import Part, Reporter
from deploy.demo.temperament import Temperament
from deploy.embedded.up import default_pack
from shared.pack import load_pack
from shared.pack.model import folded
from tests.unit.demo import towns

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture(scope="module")
def clerk() -> Clerk:
    agreement = load_pack(default_pack()).agreements["housing"]
    assert agreement.sheet is not None
    return Clerk(agreement, agreement.sheet)


@pytest.fixture(scope="module")
def request_(clerk: Clerk) -> Request:
    temper = Temperament(0.5, Form.EXCEL, (300, 300), (1, 1), 60)
    forbidden = Forbidden(foreign=("arson",), statistics=("truancy",))
    part = Part(
        actor="housing",
        indicators=clerk.agreement.codes,
        forbidden=forbidden,
        temperament=temper,
        clerk=clerk,
    )
    reporter = Reporter(part, towns.ground(), seed=1, tag="t")
    (request,) = reporter.impulse(NOW, rate=40).requests
    return request


@pytest.fixture(scope="module")
def rows(request_: Request) -> list[dict[str, Any]]:
    """What Excel would show, by the titles."""
    file = workbook([draft.line for draft in request_.drafts])
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(file))
    header, *rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def good(request: Request, rows: list[dict[str, Any]]) -> list[tuple[Draft, dict[str, Any]]]:
    return [one for one in zip(request.drafts, rows, strict=True) if one[0].is_good]


def test_a_file_has_every_agreed_column_and_one_about_persons_that_is_not(
    clerk: Clerk, rows: list[dict[str, Any]]
) -> None:
    assert set(rows[0]) == {*clerk.form.columns.values(), NOT_AGREED}
    assert any("personnummer" in row[NOT_AGREED] for row in rows)


def test_a_row_says_what_its_telling_says(
    clerk: Clerk, request_: Request, rows: list[dict[str, Any]]
) -> None:
    forms = set()
    for draft, row in good(request_, rows):
        told = draft.telling
        assert told is not None
        assert row["Ärende"] == told.own_id
        assert (row["Återtagen"] == "Ja") is not told.is_live
        if told.occurred_at is None:
            continue
        assert clerk.agreement.words[folded(row["Typ"])] == told.indicator
        at = row["Tidpunkt"]
        forms.add(type(at))
        if isinstance(at, datetime):
            local = at.replace(tzinfo=STOCKHOLM)
            assert timedelta() <= told.occurred_at - local < timedelta(seconds=2)
    assert forms == {datetime, str}


def test_coordinates_have_points_and_commas(rows: list[dict[str, Any]]) -> None:
    assert {type(row["Latitud"]) for row in rows if row["Latitud"] != ""} == {float, str}


def test_mistakes_stand_among_the_rows(request_: Request) -> None:
    bad = [draft for draft in request_.drafts if not draft.is_good]
    assert 5 < len(bad) < 60


def test_the_same_request_has_the_same_bytes(request_: Request) -> None:
    assert request_.body == request_.body
    assert form_of(b"FILE").count(b"FILE") == 1
    assert (request_.path, request_.first_row) == ("/v1/deliveries", 2)
    assert request_.content_type.startswith("multipart/form-data; boundary=")
