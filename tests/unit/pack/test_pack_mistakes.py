"""Every mistake is explained with its file and line, in both languages."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.language import Text
from shared.pack import Mistake, PackError, Sensitivity, check, load_pack
from shared.pack.model import Family

SQUARE = "[[[17.0, 59.0], [17.1, 59.0], [17.1, 59.1], [17.0, 59.1], [17.0, 59.0]]]"
BOW_TIE = "[[[17.0, 59.0], [17.1, 59.1], [17.1, 59.0], [17.0, 59.1], [17.0, 59.0]]]"
WIDE = "[[[17.0, 59.0], [17.15, 59.0], [17.15, 59.1], [17.0, 59.1], [17.0, 59.0]]]"
METRES = "[[[128000, 6564000], [129000, 6564000], [129000, 6565000], [128000, 6564000]]]"


@dataclass(frozen=True)
class Break:
    """One thing made wrong.

    Shape: the first `old` of the file becomes `new`; the mistake is on the first line that holds
    `at` afterwards (line 1 when empty), and its English text holds `says`.
    """

    name: str
    file: str
    old: str
    new: str
    at: str
    says: str


CITY, ACTORS, CATALOGUE = "municipality.yaml", "actors.yaml", "indicators.yaml"
SCHOOL = "agreements/school.yaml"
POLICY, FIRE, AREAS = "policy.yaml", "agreements/fire.yaml", "areas.geojson"

NETWORKS = "    - 127.0.0.0/8\n"
LINKED = [
    Break(
        "an_actor_with_anothers_digest",
        ACTORS,
        "id: school",
        "id: fire_dbhz",
        "fire_dbhz",
        "cannot be told from fire when",
    ),
    Break(
        "an_indicator_with_anothers_digest",
        CATALOGUE,
        "code: window",
        "code: bin_fire_dbes",
        "bin_fire_dbes",
        "cannot be told from bin_fire when",
    ),
    Break(
        "a_family_with_itself",
        POLICY,
        NETWORKS,
        NETWORKS + "linking:\n  compatible:\n    - [fire, fire]\n",
        "[fire, fire]",
        "always linked with itself",
    ),
    Break(
        "a_pair_twice_the_other_way_round",
        POLICY,
        NETWORKS,
        NETWORKS + "linking:\n  compatible:\n    - [fire, damage]\n    - [damage, fire]\n",
        "[damage, fire]",
        "already there",
    ),
    Break(
        "an_unknown_family",
        POLICY,
        NETWORKS,
        NETWORKS + "linking:\n  compatible:\n    - [fire, flood]\n",
        "[fire, flood]",
        "compatible",
    ),
    Break(
        "three_families",
        POLICY,
        NETWORKS,
        NETWORKS + "linking:\n  compatible:\n    - [fire, damage, theft]\n",
        "[fire, damage, theft]",
        "compatible",
    ),
]
SYNTAX = [
    Break("a_bracket_left_open", CITY, "[1, 2, 3]", "[1, 2", "rest_code", "Not valid YAML"),
    Break("a_tab", CITY, 'code: "0012"', '\tcode: "0012"', "\tcode", "Not valid YAML"),
    Break("a_control_character", CITY, "Småstad", "Små\x01stad", "", "unreadable characters"),
    Break("two_documents", CITY, "synthetic", "---\nsynthetic", "---", "Not valid YAML"),
    Break("the_same_key_twice", CITY, "crs: 3011", "crs: 3011\ncrs: 3012", "3012", "twice"),
    Break("a_list_as_key", CITY, "crs: 3011", "? [a]\n: 3011", "[a]", "a single word"),
    Break("an_alias", CITY, "name: Småstad", "name: &n Å\nname_en: *n", "*n", "*alias"),
    Break("an_object_tag", CITY, "crs: 3011", "crs: !!python/none x", "!!", "cannot be read"),
    Break("a_word_tagged_as_number", CITY, "crs: 3011", "crs: !!int x", "!!", "cannot be read"),
    Break("a_day_that_is_not", CITY, "crs: 3011", "crs: 2020-13-45", "13-45", "cannot be read"),
    Break("a_list_as_file", CITY, 'code: "0012"\n', "- a\n", "name", "Not valid YAML"),
    Break("json_cut_off", AREAS, "]}\n", "", "", "Not valid JSON"),
    Break("json_with_a_comma_too_much", AREAS, "\n]}", ",\n]}", "", "Not valid JSON"),
    Break("json_with_more_after_it", AREAS, "\n]}", "\n]}\nx", "x", "Not valid JSON"),
    Break("json_without_a_colon", AREAS, '"features":', '"features"', "", "Expecting ':'"),
    Break("not_a_number_in_json", AREAS, ": 100", ": NaN", "", "FeatureCollection"),
    Break("a_quote_in_the_register", "objects.csv", "Ängs", '"Ängs"x', "Ängs", "not valid CSV"),
]
FORM = [
    Break("a_missing_key", CITY, "rest_name: Övrigt\n", "", "", "rest_name is missing"),
    Break("an_unknown_key", CITY, "crs:", "csr: 1\ncrs:", "csr", "Unknown key: csr"),
    Break("a_code_without_quotes", CITY, '"0012"', "0012", "0012", 'write "0012" in quotes'),
    Break("an_area_without_quotes", CITY, '"01":', "01:", "01:", 'write "01" in quotes'),
    Break("no_as_a_name", CITY, "Övrigt", "no", "rest_name", 'write "no" in quotes'),
    Break("an_empty_name", CITY, "Övrigt", "", "rest_name", "rest_name must be text"),
    Break("a_blank_name", CITY, "Övrigt", '" x"', "rest_name", "without a blank"),
    Break("a_code_of_five", CITY, '"0012"', '"00123"', "00123", "four digits"),
    Break("other_digits", CITY, '"0012"', '"٠٠١٢"', "code", "four digits"),
    Break("a_word_for_a_flag", CITY, "true", "maybe", "maybe", "true or false"),
    Break("a_text_for_a_number", CITY, "3011", '"3011"', "crs", "a whole number"),
    Break("an_old_system", CITY, "3011", "3021", "crs", "crs must be at most 3018"),
    Break("a_low_system", CITY, "3011", "2400", "crs", "crs must be at least 3006"),
    Break("two_levels", CITY, "[1, 2, 3]", "[1, 3]", "levels", "at least 3 values long"),
    Break("four_levels", CITY, "[1, 2, 3]", "[1, 2, 3, 4]", "levels", "at most 3 values long"),
    Break("a_word_for_a_list", CITY, "[1, 2, 3]", "three", "levels", "a list"),
    Break("a_list_for_names", CITY, '  "0": Norr\n', "  - a\n", '"01"', "Not valid YAML"),
    Break("a_big_letter_in_a_code", CATALOGUE, "bin_fire", "Bin", "Bin", "a letter first"),
    Break("an_unknown_class", CATALOGUE, "class: S0", "class: S4", "S4", "S0, S1, S2 or S3"),
    Break("an_unknown_kind", CATALOGUE, "kind: event", "kind: news", "news", "one of event"),
    Break("an_unknown_family", CATALOGUE, "family: fire", "family: ice", "ice", "one of fire"),
    Break(
        "a_list_item_that_is_a_word", CATALOGUE, "  - code:", "  - x\n  - code:", "- x", "a list"
    ),
    Break("an_actor_id_with_a_blank", ACTORS, "id: fire", "id: fi re", "fi re", "2–31 characters"),
    Break("an_unknown_format", FIRE, "api", "telex", "telex", "api, excel, csv, feed or form"),
    Break("an_interval_of_nothing", FIRE, "hours: 1", "hours: 0", "hours", "at least 1"),
    Break("a_clearance_in_words", POLICY, "[S1]", "[all]", "all", "S0, S1, S2 or S3@2"),
    Break("no_people_given", AREAS, '"population": 100, ', "", "011", "population is missing"),
    Break("fewer_than_no_people", AREAS, ": 100", ": -1", "011", "population must be at least 0"),
    Break("a_bare_area_code", AREAS, '"112"', "112", "Granbacken", 'write "112" in quotes'),
    Break("a_letter_in_an_area_code", AREAS, '"112"', '"11a"', "11a", "only digits"),
    Break("a_day_in_words", AREAS, '"2020-01-01"', '"today"', "today", "a date YYYY-MM-DD"),
    Break("no_properties", AREAS, '"properties": {', '"x": {', '"x"', "a list of key: value"),
    Break("no_collection", AREAS, "FeatureCollection", "Topology", "", "FeatureCollection"),
    Break("a_feature_of_no_type", AREAS, '"Feature",', '"Fig",', "Fig", "no GeoJSON Feature"),
    Break("another_system", AREAS, '"features"', '"crs": "EPSG:3006", "features"', "", "CRS84"),
]
AGREEMENT = [
    Break("levels_that_fall", CITY, "[1, 2, 3]", "[2, 1, 3]", "levels", "must rise"),
    Break("a_short_rest_code", CITY, '"999"', '"99"', "rest_code", "must have 3 digits"),
    Break("a_rest_code_inside_an_area", CITY, '"999"', '"019"', "019", "real area 01 of level 2"),
    Break(
        "an_area_without_a_name", CITY, '  "11": Södra ängen\n', "", "area_names", "area 11 has no"
    ),
    Break(
        "a_name_without_an_area", CITY, '  "1": S', '  "7": X\n  "1": S', '"7"', "has the code 7"
    ),
    Break(
        "an_actor_twice", ACTORS, "id: social", "id: fire", "  - id: fire\n    name: Soc", "already"
    ),
    Break(
        "the_owner_as_actor", ACTORS, "id: fire", "id: owner", "owner", "taken by the data owner"
    ),
    Break(
        "a_leaf_twice",
        CATALOGUE,
        "house_fire",
        "bin_fire",
        "bin_fire\n    name: Brand i hus",
        "already there",
    ),
    Break(
        "two_leaves_of_one_name",
        CATALOGUE,
        "Fire in a house",
        "Threats",
        "Threats\n    kind: event\n    class: S2",
        "already there",
    ),
    Break("a_leaf_of_nobody", CATALOGUE, "actors: [social]", "actors: []", "[]", "No actor may"),
    Break("an_unknown_reporter", CATALOGUE, "[social]", "[social, army]", "army", "army is not in"),
    Break("a_reporter_twice", CATALOGUE, "[fire]", "[fire, fire]", "[fire, fire]", "already there"),
    Break("an_unknown_promise", FIRE, "- threats", "- floods\n    - threats", "floods", "Unknown"),
    Break("a_promise_twice", FIRE, "- threats", "- threats\n    - threats", "", "already there"),
    Break(
        "a_figure_as_event",
        FIRE,
        "- threats",
        "- threats\n    - notifications",
        "notif",
        "under st",
    ),
    Break(
        "an_other_actors_leaf",
        FIRE,
        "- threats",
        "- threats\n    - notifications",
        "notif",
        "may not",
    ),
    Break("an_agreement_of_nobody", FIRE, "actor: fire", "actor: army", "army", "army is not in"),
    Break("an_agreement_of_another", FIRE, "actor: fire", "actor: social", "social", "social.yaml"),
    Break("an_unknown_audience", POLICY, "fire:", "army:", "army", "army is not in"),
    Break("an_exact_s3", POLICY, "S3@2", "S3", "S3", "down to level 2 only"),
    Break("an_exact_s3_at_the_leaves", POLICY, "S3@2", "S3@3", "S3", "down to level 2 only"),
    Break("a_level_for_another_class", POLICY, "[S1]", "[S1@2]", "S1@2", "only S3 has a level"),
    Break("a_clearance_twice", POLICY, "[S1]", "[S1, S1]", "S1", "already there"),
    Break("a_network_of_words", POLICY, "127.0.0.0/8", "localhost", "localhost", "is no network"),
    Break("a_network_with_a_host", POLICY, "127.0.0.0/8", "10.0.0.1/8", "10.0", "is no network"),
    Break("the_whole_internet", POLICY, "127.0.0.0/8", "0.0.0.0/0", "0.0.0.0", "not a private"),
    Break("the_metadata_network", POLICY, "127.0.0.0/8", "169.254.0.0/16", "169", "not a private"),
    Break("a_longer_area_code", AREAS, '"112"', '"1121"', "1121", "must have 3 digits"),
    Break("an_area_twice", AREAS, '"112"', '"111"', "Granbacken", "already on line 4"),
    Break("two_areas_of_one_name", AREAS, "Granbacken", "Ekbacken", '"112"', "named Ekbacken"),
    Break("a_thirtieth_of_february", AREAS, "2020-01-01", "2020-02-30", "02-30", "no day"),
    Break("an_end_before_the_start", AREAS, "null", '"2019-01-01"', "2019", "must be after"),
]
COARSENING = [
    Break(
        "a_time_finer_than_the_class",
        POLICY,
        "webhooks:",
        "coarsening:\n  S2: {time: minute}\nwebhooks:",
        "S2",
        "only be coarser than hour, never finer",
    ),
    Break(
        "a_day_made_an_hour",
        POLICY,
        "webhooks:",
        "coarsening:\n  S3:\n    level: 2\n    time: hour\nwebhooks:",
        "time: hour",
        "only be coarser than day, never finer",
    ),
    Break(
        "a_time_of_another_width",
        POLICY,
        "webhooks:",
        "coarsening:\n  S2: {time: week}\nwebhooks:",
        "S2",
        "one of minute, hour, day",
    ),
    Break(
        "a_level_that_is_not",
        POLICY,
        "webhooks:",
        "coarsening:\n  S2: {level: 4}\nwebhooks:",
        "S2",
        "at most 3",
    ),
    Break(
        "the_level_of_nothing",
        POLICY,
        "webhooks:",
        "coarsening:\n  S2: {level: 0}\nwebhooks:",
        "S2",
        "at least 1",
    ),
    Break(
        "a_class_that_is_not",
        POLICY,
        "webhooks:",
        "coarsening:\n  S4: {level: 2}\nwebhooks:",
        "S4",
        "S0, S1, S2 or S3",
    ),
    Break(
        "another_word_for_time",
        POLICY,
        "webhooks:",
        "coarsening:\n  S2: {grain: day}\nwebhooks:",
        "S2",
        "Unknown key",
    ),
]
IDENTIFIERS = [
    Break("an_area_like_a_person", AREAS, '"112"', '"198803200016"', "19880", "personal number"),
    Break("an_indicator_like_a_phone", CATALOGUE, "bin_fire", "f_0701234567", "f_07", "a phone"),
    Break(
        "an_indicator_like_a_quarter", CATALOGUE, "window\n", "kv_bjornen_12\n", "kv_", "property"
    ),
    Break("an_actor_like_an_address", ACTORS, "id: school", "id: skolgatan-12", "skolg", "street"),
    Break(
        "an_actor_like_a_company", ACTORS, "id: school", "id: ab-5560360793", "ab-5", "organisation"
    ),
    Break("an_actor_named_by_mail", ACTORS, "Skolan", "Skolan a@b.se", "a@b.se", "e-mail"),
    Break(
        "an_indicator_with_a_phone",
        CATALOGUE,
        "name: Hot",
        "name: Ring 08-123 456 78",
        "Ring",
        "a phone",
    ),
    Break("an_area_with_a_person", AREAS, "Granbacken", "880320-0016", "8803", "personal number"),
    Break(
        "an_area_with_a_coordination_number",
        AREAS,
        "Granbacken",
        "701063-2391",
        "7010",
        "coordination",
    ),
    Break(
        "an_upper_area_with_a_point",
        CITY,
        "Norra ängen",
        "59.1955, 17.6253",
        "59.19",
        "coordinates",
    ),
    Break("a_rest_area_with_mail", CITY, "Övrigt", "a@b.se", "a@b.se", "e-mail"),
]
WORDS_AND_COLUMNS = [
    Break("a_word_to_another_code", SCHOOL, "ruta: w", "ruta: windo", "ruta", "not among"),
    Break("a_word_without_its_zero", SCHOOL, "Krossad ruta", '"12"', '"012"', "already there"),
    Break(
        "words_where_codes_are_sent",
        FIRE,
        "threats",
        'threats\n  words: {"a": bin_fire}',
        "words",
        "excel, csv and feed",
    ),
    Break(
        "no_word_for_a_code",
        FIRE,
        "threats",
        'threats\n  words: {"a": bin_fire}',
        "house_fire",
        "No word leads",
    ),
    Break("a_sheet_where_rows_are_sent", SCHOOL, "excel", "csv", "sheet", "format: excel"),
    Break("an_unknown_column", SCHOOL, "id: N", "ID: N", "ID: N", "Unknown key"),
    Break(
        "a_sheet_of_figures",
        "agreements/social.yaml",
        "codes",
        "sheet: {}\n  codes",
        "sheet",
        "Unknown key",
    ),
    Break("a_title_twice", SCHOOL, "Datum", "typ", "typ", "already there"),
    Break(
        "no_time_at_all",
        SCHOOL,
        "      date: Datum\n      time: Klockslag\n",
        "",
        "columns",
        "The time is either",
    ),
    Break(
        "two_kinds_of_time",
        SCHOOL,
        "id: N",
        "occurred_at: När\n      id: N",
        "occurred_at",
        "The time is either",
    ),
    Break("a_date_alone", SCHOOL, "      time: Klockslag\n", "", "date:", "date goes with time"),
    Break("a_latitude_alone", SCHOOL, "      lon: Longitud\n", "", "lat:", "lat goes with lon"),
    Break("metres_of_no_system", SCHOOL, "    crs: 3011\n", "", "e: Öst", "e, n and crs"),
    Break("a_version_of_nothing", SCHOOL, "      id: Nummer\n", "", "version", "version needs id"),
    Break("a_zone_that_is_not", SCHOOL, "Europe/Stockholm", "Europe/Sthlm", "time_zone", "such as"),
    Break("a_zone_outside", SCHOOL, "Europe/Stockholm", "../etc/x", "time_zone", "such as"),
    Break("a_pattern_of_words", SCHOOL, "%d/%m/%Y", "%d %B %Y", "dates", "pattern of %Y"),
    Break("a_pattern_without_year", SCHOOL, "%d/%m/%Y", "%d/%m", "dates", "must have"),
    Break("a_time_pattern_of_dates", SCHOOL, "%H:%M", "%H:%d", "times", "pattern of %H"),
    Break("a_time_pattern_without_minutes", SCHOOL, "%H:%M", "%H", "times", "must have"),
]
BORDERS = [
    Break("a_bow_tie", AREAS, SQUARE, BOW_TIE, "011", "invalid (Self-intersection"),
    Break("an_empty_polygon", AREAS, SQUARE, "[]", "011", "empty"),
    Break("half_a_ring", AREAS, SQUARE, "[[[17.0, 59.0]]]", "011", "form no polygon"),
    Break("a_text_for_a_number", AREAS, SQUARE, '[[["a", 1], [2, 3]]]', "011", "form no polygon"),
    Break("numbers_without_rings", AREAS, SQUARE, "17", "011", "form no polygon"),
    Break("a_point", AREAS, '"Polygon"', '"Point"', "011", "has no polygon"),
    Break("no_geometry", AREAS, '"geometry"', '"shape"', "011", "has no polygon"),
    Break("metres", AREAS, SQUARE, METRES, "011", "in degrees (WGS 84)"),
    Break("an_overlap", AREAS, SQUARE, WIDE, "012", "011 and 012 overlap by"),
]
REGISTERS = [
    Break("another_header", "objects.csv", "name,kind", "kind,name", "", "must be name,kind,lat"),
    Break(
        "semicolons", "properties.csv", "designation,lat,lon", "designation;lat;lon", "", "must be"
    ),
    Break("a_value_too_few", "objects.csv", ",school", "", "Ängs", "3 values, not 4"),
    Break("a_name_missing", "objects.csv", "Ängsskolan", "", "school", "name is missing"),
    Break("a_blank_before", "objects.csv", "school", " school", "school", "a blank first or last"),
    Break("a_word_for_degrees", "objects.csv", "59.0500", "north", "north", "lat must be degrees"),
    Break("not_a_number", "objects.csv", "59.0500", "nan", "nan", "lat must be degrees"),
    Break(
        "swapped_degrees", "properties.csv", "59.0500,17.0500", "17.05,59.05", "17", "lon must be"
    ),
    Break("a_place_twice", "addresses.csv", "1,B,", "1,,", "", "already on line 2"),
]


def broken(folder: Path, change: Break) -> Mistake:
    """Make the change and say which mistake it must give; its message is only the English part."""
    path = folder / change.file
    text = path.read_text(encoding="utf-8")
    assert change.old in text, "the change has nothing to change"
    text = text.replace(change.old, change.new, 1)
    path.write_text(text, encoding="utf-8")
    line = text[: text.index(change.at)].count("\n") + 1
    return Mistake(change.file, line, Text(sv="", en=change.says))


def named(change: Break) -> str:
    return change.name


def said(mistakes: list[Mistake]) -> list[str]:
    return [f"{one.file}:{one.line}: {one.message.en}" for one in mistakes]


def test_the_small_pack_is_without_mistakes(small_folder: Path) -> None:
    assert said(check(small_folder)) == []


@pytest.mark.parametrize(
    "change",
    [
        *SYNTAX,
        *LINKED,
        *FORM,
        *AGREEMENT,
        *WORDS_AND_COLUMNS,
        *COARSENING,
        *IDENTIFIERS,
        *BORDERS,
        *REGISTERS,
    ],
    ids=named,
)
def test_a_mistake_is_explained_with_file_and_line(small_folder: Path, change: Break) -> None:
    expected = broken(small_folder, change)
    mistakes = check(small_folder)
    found = [one for one in mistakes if expected.message.en in one.message.en]
    assert found, said(mistakes)
    assert {one.file for one in found} == {expected.file}
    if change.at:
        assert expected.line in {one.line for one in found}, said(mistakes)
    assert all(one.message.sv and one.message.sv != one.message.en for one in mistakes)


@pytest.mark.parametrize(
    "change",
    [*SYNTAX[:-1], *LINKED, *FORM, *AGREEMENT, *WORDS_AND_COLUMNS, *COARSENING, *IDENTIFIERS],
    ids=named,
)
def test_a_pack_with_a_mistake_does_not_load(small_folder: Path, change: Break) -> None:
    expected = broken(small_folder, change)
    with pytest.raises(PackError) as caught:
        load_pack(small_folder)
    assert any(expected.message.en in line for line in caught.value.mistakes)
    assert said(list(caught.value.found)) == list(caught.value.mistakes)


@pytest.mark.parametrize(
    "file",
    [
        "municipality.yaml",
        "actors.yaml",
        "indicators.yaml",
        "policy.yaml",
        "areas.geojson",
        "addresses.csv",
        "properties.csv",
        "objects.csv",
    ],
)
def test_a_missing_file_is_the_only_mistake(small_folder: Path, file: str) -> None:
    (small_folder / file).unlink()
    assert said(check(small_folder)) == [f"{file}:1: The file is missing."]


def test_a_missing_agreement_is_named_and_what_it_should_promise_too(small_folder: Path) -> None:
    (small_folder / "agreements/social.yaml").unlink()
    assert said(check(small_folder)) == [
        "agreements/social.yaml:1: social may report but has no agreement.",
        "indicators.yaml:30: No agreement promises notifications.",
    ]


def test_a_leaf_that_no_agreement_promises_is_a_mistake(small_folder: Path) -> None:
    path = small_folder / "agreements/fire.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("    - threats\n", ""))
    assert said(check(small_folder)) == ["indicators.yaml:16: No agreement promises threats."]


def test_an_agreement_that_promises_nothing_is_a_mistake(small_folder: Path) -> None:
    (small_folder / "agreements/social.yaml").write_text("actor: social\n", encoding="utf-8")
    assert any("neither events nor" in line for line in said(check(small_folder)))


def test_a_folder_that_is_not_there_is_one_mistake(tmp_path: Path) -> None:
    assert said(check(tmp_path / "nowhere")) == [".:1: There is no such folder."]
    with pytest.raises(PackError):
        load_pack(tmp_path / "nowhere")


@pytest.mark.parametrize("file", ["policy.yaml", "areas.geojson", "objects.csv"])
def test_a_file_in_another_encoding_is_a_mistake(small_folder: Path, file: str) -> None:
    (small_folder / file).write_bytes("exact: å\n".encode("latin-1"))
    assert said(check(small_folder)) == [f"{file}:1: The file is not UTF-8 text."]


@pytest.mark.parametrize("file", ["policy.yaml", "areas.geojson", "objects.csv"])
def test_a_folder_in_a_files_place_is_a_mistake(small_folder: Path, file: str) -> None:
    (small_folder / file).unlink()
    (small_folder / file).mkdir()
    assert said(check(small_folder)) == [f"{file}:1: The file cannot be read."]


@pytest.mark.parametrize("file", ["policy.yaml", "areas.geojson", "objects.csv"])
def test_an_empty_file_is_one_mistake(small_folder: Path, file: str) -> None:
    (small_folder / file).write_text("", encoding="utf-8")
    assert len(check(small_folder)) == 1


def test_a_byte_order_mark_is_no_mistake(small_folder: Path) -> None:
    for path in small_folder.glob("*.*"):
        path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert said(check(small_folder)) == []


def test_a_file_without_features_says_so(small_folder: Path) -> None:
    empty = '{"type": "FeatureCollection", "features": []}'
    (small_folder / "areas.geojson").write_text(empty, encoding="utf-8")
    assert said(check(small_folder)) == ["areas.geojson:1: The file has no areas."]


def test_brackets_without_end_are_a_mistake_and_no_crash(small_folder: Path) -> None:
    (small_folder / "areas.geojson").write_text('{"features": ' + "[" * 100_000, encoding="utf-8")
    assert [one.file for one in check(small_folder)] == ["areas.geojson"]


def test_every_mistake_is_told_at_once(small_folder: Path) -> None:
    for file, old, new in (
        ("municipality.yaml", "crs: 3011", "crs: 3021"),
        ("actors.yaml", "name_en: Fire service\n", ""),
        ("policy.yaml", "127.0.0.0/8", "0.0.0.0/0"),
        ("areas.geojson", '"population": 100', '"population": -1'),
        ("objects.csv", "59.0500", "91"),
    ):
        path = small_folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert [one.file for one in check(small_folder)] == [
        "actors.yaml",
        "areas.geojson",
        "municipality.yaml",
        "objects.csv",
        "policy.yaml",
    ]


def test_an_area_that_has_ended_is_history(small_folder: Path) -> None:
    path = small_folder / "areas.geojson"
    text = path.read_text(encoding="utf-8")
    last = text.rindex("null")
    text = f'{text[:last]}"2024-01-01"{text[last + 4 :]}'
    path.write_text(text, encoding="utf-8")
    assert said(check(small_folder)) == []
    assert [area.code for area in load_pack(small_folder).areas] == ["011", "012", "111"]


def test_a_loaded_pack_says_what_its_files_say(small_folder: Path) -> None:
    pack = load_pack(small_folder)
    assert (pack.code, pack.name, pack.synthetic, pack.crs) == ("0012", "Småstad", True, 3011)
    assert [area.code for area in pack.areas] == ["011", "012", "111", "112"]
    assert pack.name_of("01") == "Norra ängen"
    assert pack.name_of("99") == "Övrigt"
    assert pack.name_of("112") == "Granbacken"
    assert list(pack.indicators) == ["bin_fire", "house_fire", "threats", "window", "notifications"]
    assert pack.exact["fire"] == {Sensitivity.S0, Sensitivity.S1}
    assert pack.is_cleared("social", "notifications", 2)
    assert not pack.is_cleared("social", "notifications", 3)
    assert pack.webhook_networks == ("127.0.0.0/8",)


def test_only_who_promises_a_single_code_needs_no_column_for_it(small_folder: Path) -> None:
    path = small_folder / SCHOOL
    text = path.read_text(encoding="utf-8").replace("      indicator: Typ\n", "")
    path.write_text(text, encoding="utf-8")
    assert check(small_folder) == []
    path.write_text(text.replace("[window]", "[window, window]"), encoding="utf-8")
    assert any("indicator is missing" in one for one in said(check(small_folder)))


def test_a_loaded_pack_has_the_words_and_columns_of_its_agreements(small_folder: Path) -> None:
    agreements = load_pack(small_folder).agreements
    assert set(agreements) == {"fire", "school"}
    assert (agreements["fire"].format, agreements["fire"].sheet) == ("api", None)
    school = agreements["school"]
    assert school.words == {"krossad ruta": "window", "012": "window"}
    assert school.sheet is not None
    assert (school.sheet.columns["date"], school.sheet.crs) == ("Datum", 3011)
    assert (school.sheet.dates, school.sheet.name) == (("%d/%m/%Y",), None)


def test_an_actor_that_the_policy_does_not_name_has_the_lowest_class_alone(
    small_folder: Path,
) -> None:
    (small_folder / "policy.yaml").write_text("exact: {}\n", encoding="utf-8")
    pack = load_pack(small_folder)
    assert pack.exact == {key: {Sensitivity.S0} for key in ("fire", "social", "school")}
    assert pack.webhook_networks == ()


def test_families_that_may_be_one_incident_come_from_the_policy(small_folder: Path) -> None:
    policy = small_folder / "policy.yaml"
    policy.write_text(
        policy.read_text(encoding="utf-8") + "linking:\n  compatible:\n    - [fire, damage]\n",
        encoding="utf-8",
    )
    assert load_pack(small_folder).compatible == ((Family.FIRE, Family.DAMAGE),)


def test_without_a_word_in_the_policy_only_one_family_is_one_incident(small_folder: Path) -> None:
    assert load_pack(small_folder).compatible == ()
