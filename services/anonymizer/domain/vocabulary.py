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

_INNER = (
    "(?:inner|bak|fram|sop|tvatt|cykel|barnvagns|lek|skol|buss|parkerings|mil|gast|port|trapp"
    "|fritids|ungdoms|grann|fotbolls|idrotts|gymnastik|mat|vinds|lagenhets|park|huvud)"
)
PARTS_OF_HOUSES = re.compile(
    f"{_INNER}?(?:gard|garden|port|porten|garage|garaget|kallare|kallaren|rum|rummet|stuga|stugan"
    "|trappa|trappan|hus|huset|hiss|hissen|entre|entren|gang|gangen|parkering|parkeringen|plats"
    "|platsen|plan|planen|balkong|balkongen|vind|vinden|tak|taket|forrad|forradet|sida|sidan|kiosk"
    "|kiosken|butik|butiken|affar|affaren|lokal|lokalen|skola|skolan|vaning|vaningen|station"
    "|stationen|hallplats|hallplatsen|lagenhet|lagenheten|uppgang|uppgangen|tunnel|tunneln|tunnan"
    f"|tunnorna)|{_INNER}(?:sal|salen|hall|hallen)"
)
"""What may stand beside an address and is no place of its own. Only these beginnings of words: real
towns end in the same way (Åhus, Kungsgården, Smedjebacken)."""

ORDINARY = frozenset(
    [
        "co",
        "familjen",
        "fam",
        "kv",
        "kvarteret",
        "kvarter",
        "fastighet",
        "fastigheten",
        "fastighetsbeteckning",
        "tomt",
        "tomten",
        "narheten",
        "riktning",
        "strax",
        "precis",
        "bortom",
        "efter",
        "fore",
        "langs",
        "utmed",
        "utefter",
        "mitt",
        "ute",
        "den",
        "det",
        "en",
        "ett",
        "om",
        "med",
        "samt",
        "ca",
        "cirka",
        "meter",
        "km",
        "adressen",
        "gatan",
        "gata",
        "gatuadress",
        "besoksadress",
        "torget",
        "trottoaren",
        "cykelbanan",
        "rondellen",
        "kommun",
        "kommunen",
        "tatort",
        "tatorten",
        "stadsdel",
        "stadsdelen",
        "bostadsomradet",
        "sverige",
        "sweden",
        "se",
        "bv",
        "nb",
        "ladan",
        "apoteket",
        "receptionen",
        "restaurangen",
        "toaletten",
        "aulan",
        "perrongen",
        "grannen",
        "ovanfor",
        "nedanfor",
        "ovanpa",
        "bottenvaningen",
    ]
)
"""More words that stand around names, and are neither a place nor in front of one."""

OFTEN_MISSPELT = ("kvarteret", "fastigheten")
"""Long words in front of designations; no town is a letter from them."""

DIRECTIONS = frozenset({"mot", "riktning"})
"""The place after them is where somebody was going, not where it was."""

PERSONS = "sson"
"""How no town ends and every third surname does."""

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
