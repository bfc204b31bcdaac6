"""The small words around names, in lower case and without the marks of å, ä, ö."""

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
    ]
)
"""In front of a name they make another name of it."""

SHORT_QUALIFIERS = frozenset({"n", "s", "ö", "o", "v", "l", "st", "gl", "skt"})
"""The same, abbreviated; as they are written, for an `o` may also be an `och`."""

_NEAR = frozenset(
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
        "kring",
        "runt",
        "hos",
        "inom",
        "under",
        "over",
        "innanfor",
    ]
)

BEFORE_OBJECTS = _NEAR | frozenset(
    [
        "mot",
        "omradet",
        "korsningen",
        "hornet",
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

_ALONG = frozenset(
    [
        "efter",
        "fore",
        "strax",
        "precis",
        "bortom",
        "langs",
        "utmed",
        "utefter",
        "ovanfor",
        "nedanfor",
    ]
)

ORDINARY = _ALONG | frozenset(
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
        "ovanpa",
        "bottenvaningen",
    ]
)
"""More words that stand around names, and are neither a place nor in front of one."""

OFTEN_MISSPELT = ("kvarteret", "fastigheten")
"""Long words in front of designations; no town is a letter from them."""

DIRECTIONS = frozenset({"mot", "riktning", "fardriktning"})
"""The place after them is where somebody was going, not where it was: also one that nobody knows."""

HEADINGS = DIRECTIONS | {"fran", "till"}
"""The place of ours after them is where somebody came from or was going."""

NEGATIONS = frozenset({"inte", "ej", "icke", "omojligt"})
"""The place of ours after them is where it was not."""

LIKE = "som"
"""`som på X`: X is where something like it was before."""

LAST_TIME = frozenset({"forra", "sista", "senaste"})
"""`förra gången på X`: X is where it was then."""

MISTAKEN = frozenset(
    [
        "felregistrerad",
        "felregistrerat",
        "felregistrerats",
        "felangiven",
        "felangivet",
        "felangavs",
        "felskriven",
        "felskrivet",
        "felrapporterat",
    ]
)
"""Words that say that a place in the text is a mistake, and which one nobody knows."""

WRONG = frozenset({"fel", "felaktig", "felaktigt", "felaktiga"})
BEFORE_WRONG = frozenset({"adress", "adressen", "adressuppgift", "platsen", "var", "ar", "blev"})
ADDRESS = frozenset({"adress", "adressen"})
MISTAKEN_OF = frozenset(
    [
        "adress",
        "adressen",
        "plats",
        "platsen",
        "stalle",
        "stallet",
        "nummer",
        "husnummer",
        "gatunummer",
        "gata",
        "gatan",
        "objekt",
        "fastighet",
        "omrade",
        "ort",
        "hus",
        "skola",
        "park",
    ]
)
"""`fel adress`, `adressen är fel`: what is wrong is the place; `fel på hissen` is a fault."""

OUTSIDE = frozenset({"utanfor", "utom", "forutom", "intill", "nara"})
"""The area or locality after them is where it was not; a house or an object is near."""

AT_A_PLACE = _NEAR | _ALONG
"""After them, where it was is said again."""

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
        *("trappa", "ingang", "entre", "dorr", "rum", "skap", "klass", "avdelning", "grupp"),
        *("bil", "buss", "linje", "spar", "stolpe", "skylt"),
    ]
)
"""Words whose numbers are not house numbers."""

AFTER_AMOUNTS = frozenset(
    [
        *("bilar", "bussar", "cyklar", "mopeder", "fonster", "rutor", "dorrar", "barn", "elever"),
        *(
            "killar",
            "tjejer",
            "pojkar",
            "flickor",
            "ungdomar",
            "man",
            "kvinnor",
            "poliser",
            "vakter",
        ),
        *("ganger", "timmar", "dagar", "veckor", "stycken", "styck", "st"),
        "tr",
        "trappor",
        "trappa",
        "vaningen",
        "van",
        "meter",
        "km",
        "min",
        "minuter",
        "kr",
        "personer",
        "tiden",
    ]
)
"""The number before them counts something else than houses."""

TOGETHER = frozenset({"och", "samt", "eller", "resp", "till", "/", "&", "+", "-", ","})
"""What stands between the numbers of several houses, or of a range."""

ROAD_WORDS = frozenset(
    ["rv", "riksvag", "riksvagen", "riksv", "lv", "lansvag", "lansvagen", "vag", "vagen", "v"]
)
"""In front of a number they make it a road's."""
