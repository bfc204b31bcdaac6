"""The rows of a sheet become reports: every trap that Excel and people set."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.adapters.cells import BadCellError, Cell, from_serial
from services.ingest.adapters.instants import Clock
from services.ingest.adapters.sheet import SheetReader
from services.ingest.domain.errors import RefusedFileError
from services.ingest.domain.receipt import NumberedRow
from tests.support.ingest_memory import SCHOOL_COLUMNS, a_form, an_agreement

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WHEN = datetime(2026, 11, 20, 14, 5)  # noqa: DTZ001 - a sheet knows no zone
AN_HOUR_EARLIER = "2026-11-20T13:05:00+00:00"
CLOCK = Clock(a_form())
SERIAL = (WHEN - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001


def read(sheet: Sequence[Sequence[Cell]], **changes: Any) -> list[NumberedRow]:
    form = a_form(**changes)
    return list(SheetReader(an_agreement(form), form).rows(sheet))


def report(**cells: Cell) -> NumberedRow:
    """The report of one row; the cells by our names of the columns."""
    usual: dict[str, Cell] = {"id": "A-1", "indicator": "Brand i soptunna", "occurred_at": WHEN}
    columns = a_form().columns
    given = usual | cells
    (row,) = read([list(columns.values()), [given.get(name) for name in columns]])
    return row


@pytest.mark.parametrize(
    "cell",
    [
        WHEN,
        WHEN + timedelta(microseconds=3),
        WHEN - timedelta(microseconds=3),
        SERIAL,
        "2026-11-20 14:05",
        " 2026-11-20 14.05 ",
        "2026-11-20T14:05:00",
        "20/11 2026 14:05",
        "2026-11-20, 1405",
    ],
)
def test_local_time_in_any_form_is_one_instant(cell: Cell) -> None:
    assert CLOCK.instant(cell) == AN_HOUR_EARLIER


def test_a_time_that_has_its_offset_keeps_it() -> None:
    assert CLOCK.instant("2026-11-20T14:05+02:00") == "2026-11-20T14:05+02:00"


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        (date(2026, 11, 20), time(14, 5)),
        (datetime(2026, 11, 20), datetime(1899, 12, 31, 14, 5)),  # noqa: DTZ001
        (46346.0, 14 / 24 + 5 / 1440),
        ("2026-11-20", "14:05"),
        ("20/11 2026", 1405.0),
    ],
)
def test_date_and_time_apart_are_the_same_instant(day: Cell, clock: Cell) -> None:
    assert CLOCK.joined(day, clock) == AN_HOUR_EARLIER


def test_a_number_of_digits_is_a_date_where_that_is_agreed() -> None:
    clock = Clock(a_form(dates=("%Y%m%d",), times=("%H%M",)))
    assert clock.joined(20261120.0, 905.0) == "2026-11-20T08:05:00+00:00"


@pytest.mark.parametrize(
    "cell",
    ["i går", "2026-13-01 10:00", "2026-11-20", True, time(14, 5), -1.0, 1e300, math.nan],
)
def test_what_is_no_instant_is_refused(cell: Cell) -> None:
    with pytest.raises(BadCellError) as refused:
        CLOCK.instant(cell)
    assert refused.value.code == "not_an_instant"


def test_the_last_half_second_of_all_time_is_refused() -> None:
    end = datetime(9999, 12, 31, 23, 59, 59, 997_000)  # noqa: DTZ001
    assert report(occurred_at=end).errors == (("occurred_at", "not_an_instant"),)
    with pytest.raises(BadCellError):
        CLOCK.joined(end.date(), end.time())


def test_a_cell_that_nobody_has_thought_of_is_an_error_of_its_row() -> None:
    assert report(lat=10**400, lon=18.07).errors == (("location.lat", "wrong_type"),)


def test_the_hour_that_the_clocks_skip_is_refused() -> None:
    for cell in ("2026-03-29 02:30", datetime(2026, 3, 29, 2, 0)):  # noqa: DTZ001
        with pytest.raises(BadCellError) as refused:
            CLOCK.instant(cell)
        assert refused.value.code == "no_such_hour"
    assert CLOCK.instant("2026-03-29 03:00") == "2026-03-29T01:00:00+00:00"


def test_the_hour_that_comes_twice_is_the_first_of_the_two() -> None:
    assert CLOCK.instant("2026-10-25 02:30") == "2026-10-25T00:30:00+00:00"
    assert CLOCK.instant("2026-10-25 03:00") == "2026-10-25T02:00:00+00:00"


@given(st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_an_instant_survives_excels_fraction_of_a_day_to_the_second(local: datetime) -> None:
    whole = local.replace(microsecond=0)
    serial = (whole - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    assert from_serial(serial) == whole


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 2)))  # noqa: DTZ001
def test_a_local_time_that_exists_once_comes_back_as_its_instant(instant: datetime) -> None:
    instant = min(instant, datetime(2199, 1, 1, tzinfo=UTC)).replace(microsecond=0)
    local = instant.astimezone(STOCKHOLM)
    if local.fold == 0:
        said = CLOCK.instant(local.replace(tzinfo=None))
        assert datetime.fromisoformat(said) == instant


@pytest.mark.parametrize("word", ["Brand i soptunna", "  brand I  SOPTUNNA ", "012", 12.0, 12])
def test_a_word_is_known_whatever_excel_and_people_do_to_it(word: Cell) -> None:
    assert report(indicator=word).row["indicator"] == "bin_fire"


@pytest.mark.parametrize("word", ["Brand", "bin_fire", 13.0, True, WHEN])
def test_a_word_that_is_not_agreed_on_is_refused(word: Cell) -> None:
    assert [error.field for error in report(indicator=word).errors] == ["indicator"]


@pytest.mark.parametrize(
    ("cell", "own_id"), [("A-1 ", "A-1"), (20261173.0, "20261173"), (12.5, "12.5"), ("007", "007")]
)
def test_an_id_is_text_whatever_excel_made_of_it(cell: Cell, own_id: str) -> None:
    assert report(id=cell).row["id"] == own_id


@pytest.mark.parametrize("cell", [1e15, -1e15, 2026112000000001.0, 10**15])
def test_a_numeric_id_that_excel_has_rounded_is_refused(cell: Cell) -> None:
    assert report(id=cell).errors == (("id", "out_of_range"),)
    assert report(id=999_999_999_999_999.0).row["id"] == "999999999999999"


def test_of_a_withdrawal_only_id_and_version_must_be_readable() -> None:
    taken_back: dict[str, Cell] = {"withdrawn": "ja", "version": 2.0, "indicator": "Något annat"}
    assert report(**taken_back, occurred_at="i går", lat="norr").errors == ()
    wrong = report(**taken_back | {"version": "x"}, id=date(2026, 1, 2))
    assert [error.field for error in wrong.errors] == ["id", "version"]


def test_mending_a_refused_row_moves_no_id_of_the_others() -> None:
    form = a_form({**SCHOOL_COLUMNS, "confirmed": "Bekräftad"})
    good: list[Cell] = [date(2026, 1, 2), "08:00", "Skolan", "x", None]
    wrong = [*good[:4], "kanske"]

    def ids(*rows: list[Cell]) -> list[str]:
        reader = SheetReader(an_agreement(form, words={}), form)
        return [row.row["id"] for row in reader.rows([list(form.columns.values()), *rows])]

    mended = ids([*good[:4], "ja"], good, good)
    assert ids(wrong, good, good)[1:] == mended[1:]
    assert len(set(mended)) == 3


def test_an_id_that_excel_took_for_a_date_is_refused() -> None:
    assert [error.field for error in report(id=date(2026, 1, 2)).errors] == ["id"]


@pytest.mark.parametrize("lat", [59.33, "59.33", "59,33", " 59,33 "])
def test_coordinates_may_have_a_decimal_comma(lat: Cell) -> None:
    assert report(lat=lat, lon=18.07).row["location"] == {"lat": 59.33, "lon": 18.07}


def test_metres_may_have_blanks_and_get_the_agreed_system() -> None:
    location = report(e="674\u00a0032,5", n="6 580 822").row["location"]
    assert location == {"e": 674032.5, "n": 6580822.0, "crs": 3006}


@pytest.mark.parametrize(("cell", "nyko"), [(11.0, "011"), ("011", "011"), ("11", "11")])
def test_a_nyko_code_gets_its_leading_zero_back_if_excel_took_it(cell: Cell, nyko: str) -> None:
    assert report(nyko=cell).row["location"] == {"nyko": nyko}


def test_of_several_places_the_most_exact_holds() -> None:
    assert report(nyko="011", address="Storgatan 1").row["location"] == {"nyko": "011"}
    assert report(address="Storgatan 1").row["location"] == {"address": "Storgatan 1"}
    assert report().row["location"] is None


@pytest.mark.parametrize(
    ("cell", "said"),
    [("Ja", True), ("x", True), (1.0, True), (True, True), ("nej", False), (0.0, False)],
)
def test_yes_and_no_come_in_many_forms(cell: Cell, said: bool) -> None:
    assert report(confirmed=cell).row["confirmed"] is said


def test_half_a_version_is_no_version() -> None:
    assert [error.field for error in report(version=1.5).errors] == ["version"]
    assert report(version="2").row["version"] == 2


def test_a_note_may_be_anything() -> None:
    for cell in ("text", 5.0, WHEN, True):
        assert not report(text=cell).errors


def test_titles_may_stand_lower_and_in_another_case_and_order() -> None:
    columns = a_form().columns
    titles = [f" {title.upper()}  " for title in reversed(list(columns.values()))]
    row = ["A-7" if title.strip() == "ÄRENDE" else None for title in titles]
    sheet: list[list[Cell]] = [["Störningar"], [], [*titles, "Annat"], [*row, "hemligt"], []]
    (found,) = read(sheet)
    assert (found.number, found.row["id"]) == (4, "A-7")
    assert "hemligt" not in str(found)


def test_a_header_that_lacks_or_repeats_a_column_is_refused_by_the_agreements_title() -> None:
    titles = list(a_form().columns.values())
    with pytest.raises(RefusedFileError) as lacking:
        read([titles[1:]])
    assert (lacking.value.code, lacking.value.names) == ("missing_columns", ("Ärende",))
    with pytest.raises(RefusedFileError) as repeated:
        read([[*titles, "NYKO"]])
    assert (repeated.value.code, repeated.value.names) == ("repeated_columns", ("NYKO",))


def test_rows_that_are_blank_where_it_matters_have_a_number_but_no_report() -> None:
    titles = [*a_form().columns.values(), "Summa"]
    blank: list[Cell] = [" " for _ in titles]
    rows = read([titles, blank, [*blank[:-1], 12.0], ["A-1"], [], ["A-2"]])
    assert [row.number for row in rows] == [4, 6]


def test_messages_can_name_the_column_of_every_field() -> None:
    form = a_form(SCHOOL_COLUMNS)
    assert SheetReader(an_agreement(form), form).titles == {
        "occurred_at": "Datum + Klockslag",
        "location.address": "Skola",
        "text": "Vad",
    }
    titles = SheetReader(an_agreement(), a_form()).titles
    assert (titles["location.lat"], titles["id"]) == ("Latitud", "Ärende")


def test_a_blank_time_beside_a_date_is_missing() -> None:
    form = a_form(SCHOOL_COLUMNS)
    reader = SheetReader(an_agreement(form, words={}), form)
    sheet: list[list[Cell]] = [
        list(SCHOOL_COLUMNS.values()),
        [date(2026, 1, 2), None, "Skolan", "x"],
    ]
    (row,) = reader.rows(sheet)
    assert "occurred_at" not in row.row
