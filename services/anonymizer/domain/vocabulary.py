"""The small words around names, in lower case and without the marks of å, ä, ö."""

import re

QUALIFIERS = frozenset(
    [
        "norra",
        "sodra",
        "ostra",
        "vastra",
        "stora",
        "lilla",
        "gamla",
        "nya",
        "ovre",
        "nedre",
        "inre",
        "yttre",
        "mellersta",
        "sankt",
        "sankta",
        "nordvastra",
        "nordostra",
        "sydvastra",
        "sydostra",
        "mellan",
    ]
)
"""In front of a name they make another name of it."""

BEFORE_OBJECTS = frozenset(
    [
        "vid",
        "utanfor",
        "bakom",
        "framfor",
        "nara",
        "intill",
        "mellan",
        "inne",
        "pa",
        "i",
        "invid",
        "bredvid",
        "mot",
        "omradet",
        "kring",
        "runt",
        "korsningen",
        "hornet",
        "hos",
        "inom",
        "under",
        "over",
        "innanfor",
        "entren",
        "parkeringen",
        "infarten",
        "baksidan",
        "framsidan",
        "skolgarden",
        "och",
        "eller",
        "av",
        "till",
        "fran",
        "objekt",
        "objektet",
        "plats",
        "adress",
        "skola",
        "skolan",
    ]
)
"""Words that may stand in front of an object's name and are no part of it."""

PARTS_OF_HOUSES = re.compile(
    ".*(gard|garden|port|porten|garage|garaget|kallare|kallaren|rum|rummet|stuga|stugan|trappa"
    "|trappan|hus|huset|hiss|hissen|entre|entren|gang|gangen|parkering|parkeringen|plats|platsen"
    "|plan|planen|balkong|balkongen|vind|vinden|tak|taket|forrad|forradet|sida|sidan|kiosk|kiosken"
    "|butik|butiken|affar|affaren|lokal|lokalen|skola|skolan|vaning|vaningen|bv|nb|ladan|backen)"
)
"""What may follow an address after a comma and is no place of its own."""

NUMBER_SIGNS = frozenset({"nr", "no", "nummer", "num"})
APARTMENTS = frozenset(
    [
        "lgh",
        "lagenhet",
        "lag",
        "vaning",
        "van",
        "vaningen",
        "plan",
        "tr",
        "trappor",
        "port",
        "uppgang",
        "trapphus",
        "hus",
        "kl",
    ]
)
"""Words whose numbers are not house numbers."""

ROAD_WORDS = frozenset(
    ["rv", "riksvag", "riksvagen", "riksv", "lv", "lansvag", "lansvagen", "vag", "vagen", "v"]
)
"""In front of a number they make it a road's."""
