"""How reports say that it was around a place, and how they count and tell the time after a street.

`x` and `y` are places, `s` is a street, `h` a house. Written down without a look at the words that the
product knows, and must stay so.
"""

from typing import Final

CLOSE: Final = (
    "strax utanför {x}",
    "precis utanför {x}",
    "alldeles utanför {x}",
    "strax norr om {x}",
    "strax söder om {x}",
    "precis öster om {x}",
    "strax väster om {x}",
    "alldeles söder om {x}",
    "strax före {x}",
    "strax innan {x}",
    "alldeles före {x}",
    "strax efter {x}",
    "strax bortom {x}",
    "precis innan man kommer till {x}",
)
"""Hardly away from it, and not there."""

OUTSIDE: Final = (
    "utanför {x}",
    "en bit utanför {x}",
    "i skogen utanför {x}",
    "på en åker utanför {x}",
    "norr om {x}",
    "söder om {x}",
    "en bit öster om {x}",
    "i skogen väster om {x}",
    "nordväst om {x}",
    "sydost om {x}",
    "norrut från {x}",
    "i skogen bortom {x}",
    "en bit från {x}",
    "på andra sidan {x}",
)
"""Not there, though not far from it."""

FAR: Final = (
    "{small} km från {x}",
    "ca {small} km utanför {x}",
    "cirka {small} kilometer söder om {x}",
    "{small} km norr om {x}",
    "{small} kilometer bort från {x}",
    "ett par kilometer från {x}",
    "ett par km väster om {x}",
    "någon kilometer bortom {x}",
    "en dryg kilometer från {x}",
    "en halvmil från {x}",
    "en halv mil öster om {x}",
    "några minuter från {x} med bil",
)
"""So far from there that it may be anywhere around."""

TOWARDS: Final = (
    "på väg mot {x}",
    "på väg till {x}",
    "i riktning mot {x}",
    "på väg hem från {x}",
    "längs vägen mot {x}",
    "på vägen till {x}",
    "på vägen från {x}",
    "på en skogsväg mot {x}",
    "i buss mot {x}",
    "gick till fots mot {x}",
    "sprang i riktning {x}",
    "körde mot {x}",
    "cyklade från {x}",
    "kom gående från {x}",
)
"""On the way there or from there."""

BETWEEN: Final = (
    "mellan {x} och {y}",
    "mellan {x} & {y}",
    "någonstans mellan {x} och {y}",
    "mitt emellan {x} och {y}",
    "halvvägs mellan {x} och {y}",
    "på vägen mellan {x} och {y}",
    "på grusvägen mellan {x} och {y}",
    "på en skogsväg mellan {x} och {y}",
    "på cykelbanan mellan {x} och {y}",
    "på stigen mellan {x} och {y}",
    "sträckan mellan {x} och {y}",
    "i skogen mellan {x} och {y}",
    "mellan avfarterna till {x} och {y}",
    "på vägen från {x} till {y}",
)
"""From the one to the other."""

LEVEL: Final = (
    "i höjd med {x}",
    "ungefär i höjd med {x}",
    "i jämnhöjd med {x}",
    "i nivå med {x}",
    "alldeles vid {x}",
    "precis vid {x}",
    "intill {x}",
    "bredvid {x}",
    "vid avfarten till {x}",
    "vid infarten till {x}",
    "i närheten av {x}",
    "nära {x}",
    "i trakten av {x}",
    "någonstans kring {x}",
)
"""There, or not far from it."""

COUNTED: Final = (
    "{s} {n} bilar",
    "på {s} {n} bilar",
    "{s} {n} bilar felparkerade",
    "{s} {n} bilar med krossade rutor",
    "{s} {n} mopeder kör fort",
    "{s} {n} ungdomar bråkar",
    "på {s} {n} personer slåss",
    "{s} {n} män i svarta jackor",
    "{s} {n} kvinnor hotade",
    "{s} {n} killar på elsparkcykel",
    "{s} {n} tjejer skriker",
    "{s} {n} vuxna och {m} barn",
    "{s} {n} st cyklar",
    "{s} {n} stycken lösa hundar",
    "längs {s} {n} krossade rutor",
    "{s} {n} trasiga gatlampor",
    "{s} {n} av {m} lampor trasiga",
    "{s} {n} papperskorgar välta",
    "{s} {n} brinnande containrar",
    "{s} {n} smällar hördes",
    "{s} {n} anmälningar på en vecka",
    "{s} {n} fall av klotter",
    "{s} {n} gånger förra veckan",
    "{s} {n} ggr i natt",
    "{s} {n} meter höga lågor",
    "{s} {n}-{m} personer slåss",
    "{s} {n} eller {m} personer som slåss",
    "{n} st cyklar på {s}",
    "{n} bilar fick rutorna krossade på {s}",
    "{n} personer {s}",
)
"""A street and how many of something: `m` is more than `n`."""

TIMED: Final = (
    "{s} kl {hour}",
    "{s} klockan {hour}",
    "på {s} kl. {hour}",
    "{s} {hour}-tiden",
    "{s} vid {hour}-tiden",
    "{s} efter kl {hour}",
    "{s} runt {hour} i går kväll",
    "{s} kl {hour}-{later}",
    "{s} mellan {hour} och {later} i går",
    "{s} mellan kl {hour} och {later}",
    "{s} lördag {hour}.10",
    "{s} {n} maj",
    "{s} den {n}",
    "{s} {n} dagar i rad",
    "{s} {n} nätter i rad",
    "{s} {n} kvällar den här veckan",
    "{s} {n} veckor senare",
    "{s} {n} minuter tidigare",
    "{s} för {n} timmar sedan",
    "{s} {n} min sedan",
    "{s} i {n} månader",
    "{s} var {n}:e natt",
    "{s} sedan 2019",
    "kl {hour} {s}",
)
"""A street and when it was."""

ONE_THING: Final = (
    "{h} bil brinner",
    "{h} kvinna ropar på hjälp",
    "{h} man ligger på marken",
    "{h} container brinner",
    "{h} dörr uppbruten",
    "{h} ruta krossad",
    "{h} cykel stulen",
    "{h} hund skäller",
    "{h} lägenhet tömd på möbler",
    "{h} pojke försvunnen",
    "{h} soptunna antänd",
    "{h} moped stulen ur förråd",
    "{h} gatlampa trasig",
    "{h} papperskorg välter",
)
"""A house and one of something: with these words the number can be no count."""
