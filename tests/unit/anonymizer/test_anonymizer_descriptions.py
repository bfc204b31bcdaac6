"""Ordinary Swedish beside a place of ours costs no place; what may be another town does."""

import pytest

from shared.pack.registers import Registers
from tests.unit.anonymizer.registers import IN_101, IN_102, IN_201, IN_202, a_locator, answer_of

LOCATOR = a_locator()
OURS = "Björkvägen 12 B"

AT_THE_PLACE = [
    "på innergården, {}",
    "{}, i trapphuset på tredje våningen",
    "{}, uppg B, 2 tr",
    "{} i tvättstugan",
    "{}, vid cykelstället på gården",
    "{}, källarförråden",
    "{}, gästparkeringen",
    "{} på parkeringen bakom huset",
    "en röd bil parkerad utanför {}",
    "trasig lyktstolpe vid {}",
    "Trasig belysning på gångvägen vid {}",
    "Parkeringen utanför {}",
    "vid soprummet {}",
    "nedklottrad elcentral på fasaden till {}",
    "{}: hissen står still",
    "krossat fönster i entrén, {}",
    "{}, baksidan av huset",
    "på baksidan av {}",
    "stora gräsmattan framför {}",
    "{}, under balkongen",
    "övergiven kundvagn i buskarna vid {}",
    "hos grannen på {}",
    "{} i garaget, plan 2",
    "{}, översta våningen till vänster",
    "utanför porten på {}",
    "{}, miljörummet",
    "{}, återvinningsstationen vid infarten",
    "busshållplatsen vid {}",
    "{}, i rondellen",
    "{}, i korsningen",
    "vid övergångsstället {}",
    "två stulna cyklar från källaren på {}",
    "{}, dörren uppbruten",
    "{}, en man ligger på trottoaren",
    "container ställd på gatan vid {}",
    "på lekplatsen vid {}",
    "{}, i skogsdungen",
    "{} i diket",
    "PÅ CYKELPARKERINGEN VID BJÖRKVÄGEN 12 B",
    "på cykelparkeringen vid björkvägen 12 b",
    "BJÖRKVÄGEN 12 B, I SKOGSDUNGEN",
    "Bjorkvagen 12 B, pa parkeringen vid kallaren",
    "{}, Gästparkeringen",
    "{}, felparkerad lastbil",
    "{}, hängrännan har fallit ner",
    "3 bilar parkerade vid {}",
    "{}, 2 personer i trapphuset",
    "{}, rum 14",
    "buss 4 vid {}",
    "{}, parkeringsplats 7",
]
NEAR_IT = [
    "mitt emot {}",
    "mittemot {}",
    "bredvid {}",
    "nära {}",
    "i närheten av {}",
    "intill {}",
    "i höjd med {}",
    "en bit från {}",
    "norr om {}",
    "strax söder om {}",
    "snett emot {}",
    "bakom {}",
    "bakom {}, lgh 1101",
    "50 meter från {}",
    "ca 100 m norr om {}",
    "på gångvägen strax bakom {}",
    "mellan {} och parkeringen",
    "mellan {} och Björkvägen 2",
]
ONWARD = [
    "{} mot Göteborg",
    "{} mot Upplands Väsby",
    "{} i riktning mot centrum",
    "{} från Göteborg",
    "{}, sprang mot Tallvägen",
    "{}, körde i riktning Tallvägen 4",
    "{}, flydde till fots mot Söderby",
    "mot Söderby, vid {}",
]
ELSEWHERE = [
    "{} i bollnäs",
    "{}, bollnäs",
    "{} bollnäs",
    "{} på lidingö",
    "{} i hallen",
    "{}, boden",
    "{} i boden",
    "{}, viken",
    "{}, trädet",
    "{} i skruv",
    "{} i åhus",
    "{}, ankarsrum",
    "{}, kungsgården",
    "{}, smedjebacken",
    "{}, sälen",
    "{}, salen",
    "{} hög",
    "{} i bro",
    "{}, nybro",
    "{}, örbyhus",
    "{}, storebro",
    "{} i mark",
    "{}, ed",
    "{}, vara",
    "{} i kil",
    "{} hova",
    "{}, åker",
    "{}, rör",
    "{}, ängelholms station",
    "{}, bollnäsparkeringen",
    "{}, bollnäs-station",
    "{}, ljungskilestationen",
    "{}, knivstaparkeringen",
    "{}, kalixparkeringen",
    "{}, hammarbyhållplatsen",
    "{}, hallstahammars centrum",
    "{} utanför hallsta",
    "{} norr om gävle",
    "{}, söder",
    "{} strax söder om trosa",
    "{}, Skogskanten",
    "{}, Vassen",
    "{} i Gräset",
    "{}, Kurvan",
    "{}, Trakten",
    "BJÖRKVÄGEN 12 B, HALLEN",
    "Bollnäs, {}",
    "bollnäs {}",
    "parkeringen i bollnäs, {}",
    "{}, parkeringen bollnäs",
    "{} mot bollnäs, boden",
    "{}, mot Göteborg, Bollnäs",
    "från Göteborg, {}",
    "till Göteborg, {}",
    "norra björkvägen 12 b",
    "nya parkhallen, {}",
    "{}, skolgatan 3",
    "{}, sveagatan",
    "{}, lillmyrvägen",
    "{} i flygsta",
    "{}, torpaby",
    "{}, cykelköping",
    "{} vid kyrkbyn",
    "{}, bergshamra",
    "{}, gammelstad",
    "{}, västerhaninge",
]


@pytest.mark.parametrize("form", AT_THE_PLACE)
def test_a_description_costs_no_place(form: str) -> None:
    area, how, _ = answer_of(LOCATOR, form.format(OURS))
    assert (area, how) == ("101", "address")


@pytest.mark.parametrize("form", NEAR_IT)
def test_near_a_place_is_weak(form: str) -> None:
    area, _, sure = answer_of(LOCATOR, form.format(OURS))
    assert (area, sure) == ("101", "weak")


@pytest.mark.parametrize("form", ONWARD)
def test_where_somebody_went_costs_no_place(form: str) -> None:
    area, how, _ = answer_of(LOCATOR, form.format(OURS))
    assert (area, how) == ("101", "address")


@pytest.mark.parametrize("form", ELSEWHERE)
def test_what_may_be_a_town_costs_the_place(form: str) -> None:
    assert answer_of(LOCATOR, form.format(OURS))[0] == "999"


CUT = a_locator(
    Registers(
        addresses=[
            ("Askbacken", "1", "", "Norrby", *IN_101),
            ("Askbacken", "9", "", "Norrby", *IN_102),
            ("Ekbacken", "1", "", "Norrby", *IN_102),
            ("Ekbacken", "9", "", "Norrby", *IN_201),
            ("Tallbacken", "1", "", "Norrby", *IN_102),
            ("Lindbacken", "1", "", "Norrby", *IN_102),
        ],
        properties=[("SMÅSTAD HUNDEN 1", *IN_202), ("SMÅSTAD PORTEN 2", *IN_202)],
        objects=[("Ängsskolan", "school", *IN_102)],
        places=[("Sandviken", *IN_102)],
        roads=[("57", *IN_101), ("57", *IN_102)],
    )
)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("mellan Askbacken och Ekbacken", "999"),
        ("mellan Askbacken och Tallbacken", "999"),
        ("mellan Tallbacken o Ekbacken", "999"),
        ("mellan Askbacken 1 och Ekbacken", "999"),
        ("mellan Ängsskolan och Askbacken", "999"),
        ("mellan Tallbacken och Sandvikken", "999"),
        ("mellan Tallbacken och väg 57", "999"),
        ("mellan Tallbackenn 1 och Askbacken", "999"),
        ("mellan Lindbacken och Tallbacken", "102"),
        ("Tallbacken mellan Lindbacken och Askbacken", "102"),
        ("Tallbacken mellan Lindbacken och parkeringen", "102"),
        ("mellan Lindbacken 1 och Ängsskolan", "102"),
        ("hörnet Askbacken/Tallbacken", "102"),
        ("korsningen Askbacken och Ekbacken", "102"),
    ],
)
def test_between_two_streets_it_may_be_in_the_areas_of_either(text: str, area: str) -> None:
    assert answer_of(CUT, text)[0] == area


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Tallbacken 1", "102"),
        ("100 m från Tallbacken 1", "102"),
        ("101 m från Tallbacken 1", "999"),
        ("3 km från Tallbacken 1", "999"),
        ("2 mil norr om Sandviken", "999"),
        ("ett par kilometer norr om Tallbacken 1", "999"),
        ("norr om Tallbacken 1", "102"),
        ("norr om Ängsskolan", "102"),
        ("norr om Tallbacken", "999"),
        ("norr om Sandviken", "999"),
        ("bortom Sandviken", "999"),
        ("vid Tallbacken", "102"),
        ("mitt emot Ängsskolan", "102"),
    ],
)
def test_far_from_a_place_or_on_a_side_of_what_is_long_nobody_knows(text: str, area: str) -> None:
    assert answer_of(CUT, text)[0] == area


def test_a_distance_of_very_many_digits_is_far() -> None:
    assert answer_of(CUT, f"{'1' * 5000} m från Tallbacken 1")[0] == "999"


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Askbacken 1, hunden springer på gården", "101"),
        ("Askbacken 1, porten", "101"),
        ("Askbacken 1, Porten", "999"),
        ("Askbacken 1, kv hunden", "999"),
        ("Askbacken 1, Hunden", "999"),
        ("Askbacken 1, hunden 1", "999"),
        ("askbacken 1, hunden", "999"),
        ("ASKBACKEN 1, HUNDEN", "999"),
    ],
)
def test_a_quarter_has_a_capital_a_unit_or_is_called_so(text: str, area: str) -> None:
    assert answer_of(CUT, text)[0] == area


def test_dropped_case_is_not_read_from_other_spellings() -> None:
    assert answer_of(LOCATOR, "Bjoerkvaegen 12 B, Kurvan")[0] == "999"
    assert answer_of(LOCATOR, "Bjoerkvaegen 12 B, kurvan")[0] == "101"
