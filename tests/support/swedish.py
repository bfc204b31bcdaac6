"""Swedish identifiers in messy writing, and Swedish text without any, from a seed.

It shares no code with the tripwire: numbers are made by the authorities' rules written again, and the
forms are those in which people write, also such as no pattern of ours is made for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from tests.support.swedish_words import (
    AREA_CODES,
    DOMAINS,
    FORENAMES,
    PLACES,
    SENTENCES,
    STREET_ENDS,
    STREET_STEMS,
    STREETS_WITHOUT_END,
    SURNAMES,
    TOWNS,
)

Form = Callable[["Swedish"], str]
PLATE_LETTERS = "ABCDEFGHJKLMNOPRSTUWXYZ"


@dataclass(frozen=True, slots=True)
class Swedish:
    """Draws identifiers and texts."""

    chance: Random

    def written(self, forms: Sequence[tuple[int, Form]]) -> str:
        """One of the forms, by their weights, in the middle of a sentence or alone."""
        (form,) = self.chance.choices([one for _, one in forms], [weight for weight, _ in forms])
        before, after = self.chance.choice(
            (("", ""), ("Anmälare ", ""), ("Se ", "."), ("det gäller ", " igen"), ("(", ")"))
        )
        return f"{before}{form(self)}{after}"

    def digits(self, count: int) -> str:
        """So many digits."""
        return "".join(self.chance.choices("0123456789", k=count))

    def person(self, *, more_days: int = 0) -> tuple[str, str, str]:
        """Century, date and last four digits of a number with the right check digit."""
        year, month = self.chance.randrange(1920, 2016), self.chance.randrange(1, 13)
        day = self.chance.randrange(1, 29) + more_days
        date = f"{year % 100:02}{month:02}{day:02}"
        number = f"{self.chance.randrange(1, 1000):03}"
        return str(year)[:2], date, number + check_digit(date + number)

    def organisation(self) -> tuple[str, str]:
        """The two halves of an organisation number."""
        first = self.chance.choice("2556789") + self.digits(1) + str(self.chance.randrange(2, 10))
        first += self.digits(3)
        number = self.digits(3)
        return first, number + check_digit(first + number)

    def mobile(self) -> tuple[str, str]:
        """Prefix without its zero, and seven digits."""
        return "7" + self.chance.choice("02369"), str(self.chance.randrange(1, 10)) + self.digits(6)

    def landline(self) -> tuple[str, str]:
        """Area code without its zero, and the subscriber's number."""
        code, lengths = self.chance.choice(AREA_CODES)
        length = self.chance.choice(lengths)
        return code, str(self.chance.randrange(2, 8)) + self.digits(length - 1)

    def plate(self) -> tuple[str, str]:
        """Letters and the rest."""
        letters = "".join(self.chance.choices(PLATE_LETTERS, k=3))
        last = self.chance.choice("0123456789" * 3 + "ABCDEFGHJKLMNPRSTUWXYZ")
        return letters, self.digits(2) + last

    def street(self) -> str:
        """The name of a street as most are made."""
        return self.chance.choice(STREET_STEMS) + self.chance.choice(STREET_ENDS)

    def number(self, most: int = 150) -> int:
        """A house's or a block's."""
        return self.chance.randrange(1, most)

    def name(self) -> str:
        """Forename and surname with a point between them, as in addresses."""
        return f"{self.chance.choice(FORENAMES)}.{self.chance.choice(SURNAMES)}".lower()

    def degrees(self, decimals: int = 6) -> tuple[str, str]:
        """Latitude and longitude in Sweden."""
        return (
            f"{self.chance.uniform(55.3, 68.9):.{decimals}f}",
            f"{self.chance.uniform(11.2, 23.9):.{decimals}f}",
        )

    def metres(self) -> tuple[str, str]:
        """North and east in SWEREF 99 TM, a local zone or RT 90."""
        north = self.chance.randrange(6_130_000, 7_650_000)
        east = self.chance.choice(
            (
                self.chance.randrange(270_000, 915_000),
                self.chance.randrange(70_000, 240_000),
                self.chance.randrange(1_210_000, 1_890_000),
            )
        )
        return str(north), str(east)


def check_digit(digits: str) -> str:
    """Modulus 10 with weights 2, 1 (Skatteverket, Bolagsverket)."""
    total = 0
    for at, digit in enumerate(digits):
        product = int(digit) * (2 - at % 2)
        total += product // 10 + product % 10
    return str(-total % 10)


def _personal(more_days: int) -> list[tuple[int, Form]]:
    def of(form: str) -> Form:
        def write(swedish: Swedish) -> str:
            century, date, last = swedish.person(more_days=more_days)
            year, month, day = date[:2], date[2:4], date[4:]
            return form.format(
                c=century, y=year, m=month, d=day, l=last, a=last[:2], b=last[2:], t=last[1:]
            )

        return write

    return [
        (30, of("{y}{m}{d}-{l}")),
        (22, of("{c}{y}{m}{d}-{l}")),
        (15, of("{c}{y}{m}{d}{l}")),
        (10, of("{y}{m}{d}{l}")),
        (6, of("{y}{m}{d} {l}")),
        (4, of("{y}{m}{d} - {l}")),
        (3, of("{y}{m}{d}–{l}")),
        (3, of("{c}{y}-{m}-{d}-{l}")),
        (2, of("{c}{y}-{m}-{d} {l}")),
        (1, of("{c}{y} {m} {d} {l}")),
        (1, of("{y}{m}{d}+{l}")),
        (1, of("pnr{y}{m}{d}{l}")),
        (1, of("{y}{m}{d}/{l}")),
        (1, of("{y}{m}{d}-{a} {b}")),
    ]


def _organisation() -> list[tuple[int, Form]]:
    def of(form: str) -> Form:
        def write(swedish: Swedish) -> str:
            first, last = swedish.organisation()
            return form.format(f=first, l=last, p=first[:2], q=first[2:4], r=first[4:])

        return write

    return [
        (50, of("{f}-{l}")),
        (20, of("{f}{l}")),
        (8, of("{f} {l}")),
        (5, of("{f}–{l}")),
        (5, of("16{f}-{l}")),
        (3, of("16{f}{l}")),
        (5, of("SE{f}{l}01")),
        (2, of("org.nr {f} - {l}")),
        (2, of("{p} {q} {r}-{l}")),
    ]


def _phone() -> list[tuple[int, Form]]:
    def mobile(form: str) -> Form:
        def write(swedish: Swedish) -> str:
            prefix, rest = swedish.mobile()
            return form.format(p=prefix, r=rest, a=rest[:3], b=rest[3:5], c=rest[5:])

        return write

    def landline(form: str) -> Form:
        def write(swedish: Swedish) -> str:
            code, rest = swedish.landline()
            groups = f"{rest[: len(rest) - 4]} {rest[-4:-2]} {rest[-2:]}"
            return form.format(p=code, r=rest, g=groups)

        return write

    return [
        (20, mobile("0{p}-{a} {b} {c}")),
        (12, mobile("0{p}{r}")),
        (10, mobile("0{p}-{r}")),
        (8, mobile("0{p} {a} {b} {c}")),
        (6, mobile("+46{p}{r}")),
        (6, mobile("+46 {p} {a} {b} {c}")),
        (4, mobile("+46 (0){p}-{a} {b} {c}")),
        (2, mobile("0046{p}{r}")),
        (2, mobile("46{p}{r}")),
        (3, mobile("tel:0{p}-{r}")),
        (3, mobile("0{p}-{a} {b} {c} 2 personer")),
        (2, mobile("0{p}/{r}")),
        (2, mobile("0{p}.{a}.{b}.{c}")),
        (1, mobile("o{p}-{a} {b} {c}")),
        (9, landline("0{p}-{g}")),
        (5, landline("0{p}{r}")),
        (3, landline("0{p} {r}")),
        (2, landline("(0{p}) {g}")),
        (2, landline("+46 {p} {g}")),
    ]


def _email() -> list[tuple[int, Form]]:
    def of(form: str) -> Form:
        return lambda swedish: form.format(
            n=swedish.name(), d=swedish.chance.choice(DOMAINS), u=swedish.name().upper()
        )

    return [
        (70, of("{n}@{d}")),
        (8, of("{n}+larm@{d}")),
        (6, of("{u}@{d}")),
        (4, of("mailto:{n}@{d}")),
        (3, of("{n}@{d}, ring")),
        (3, of("{n}(at){d}")),
        (2, of("{n} [at] {d}")),
        (2, of("{n} @ {d}")),
        (1, of("{n} at {d}")),
        (1, of("{n} snabel-a {d}")),
    ]


def _plate() -> list[tuple[int, Form]]:
    def of(form: str, *, lower: bool = False) -> Form:
        def write(swedish: Swedish) -> str:
            letters, rest = swedish.plate()
            made = form.format(a=letters, b=rest, t=letters.title())
            return made.lower() if lower else made

        return write

    return [
        (40, of("{a} {b}")),
        (35, of("{a}{b}")),
        (8, of("{a}-{b}")),
        (3, of("reg.nr {a}{b}")),
        (3, of("{a}{b}, vit")),
        (5, of("{a}{b}", lower=True)),
        (4, of("{a} {b}", lower=True)),
        (2, of("{t} {b}")),
    ]


def _property() -> list[tuple[int, Form]]:
    def of(form: str) -> Form:
        def write(swedish: Swedish) -> str:
            chance = swedish.chance
            town, place = chance.choice(TOWNS), chance.choice(PLACES)
            return form.format(
                t=town,
                p=place,
                T=town.upper(),
                P=place.upper(),
                q=place.lower(),
                b=swedish.number(30),
                u=swedish.number(400),
                n=swedish.number(60),
            )

        return write

    return [
        (22, of("{p} {b}:{u}")),
        (14, of("{t} {p} {b}:{u}")),
        (14, of("{T} {P} {b}:{u}")),
        (8, of("{q} {b}:{u}")),
        (6, of("fastigheten {p} {b}:{u}")),
        (3, of("{p} {b}: {u}")),
        (3, of("{P} S:{n}")),
        (2, of("{p} GA:{n}")),
        (9, of("{T} {P} {n}")),
        (6, of("kv {p} {n}")),
        (5, of("kv. {p} {n}")),
        (4, of("kvarteret {p} {n}")),
        (2, of("{p} {b}.{u}")),
        (2, of("{p} {n}")),
    ]


def _street() -> list[tuple[int, Form]]:
    def of(form: str) -> Form:
        def write(swedish: Swedish) -> str:
            chance = swedish.chance
            stem, street = chance.choice(STREET_STEMS), swedish.street()
            return form.format(
                s=street,
                S=street.upper(),
                q=street.lower(),
                k=stem,
                o=chance.choice(STREETS_WITHOUT_END),
                n=swedish.number(),
                l=chance.choice("ABCDE"),
            )

        return write

    return [
        (34, of("{s} {n}")),
        (10, of("{s} {n}{l}")),
        (8, of("{s} {n} {l}")),
        (10, of("{q} {n}")),
        (4, of("{S} {n}")),
        (4, of("{s} {n}, lgh 1201")),
        (3, of("{s} nr {n}")),
        (3, of("{s}{n}")),
        (4, of("{s} {n}-{n}")),
        (3, of("Norra {s} {n}")),
        (3, of("{k}g. {n}")),
        (2, of("{k}v. {n} {l}")),
        (2, of("{k}g {n}")),
        (2, of("{s}, {n}")),
        (2, of("{n} {s}")),
        (6, of("{o} {n}")),
    ]


def _coordinates() -> list[tuple[int, Form]]:
    def degrees(form: str, *, decimals: int = 6, comma: bool = False) -> Form:
        def write(swedish: Swedish) -> str:
            lat, lon = swedish.degrees(decimals)
            if comma:
                lat, lon = lat.replace(".", ","), lon.replace(".", ",")
            return form.format(a=lat, o=lon)

        return write

    def metres(form: str) -> Form:
        def write(swedish: Swedish) -> str:
            north, east = swedish.metres()
            grouped = f"{int(north):,}".replace(",", " "), f"{int(east):,}".replace(",", " ")
            return form.format(n=north, e=east, N=grouped[0], E=grouped[1], d=swedish.digits(2))

        return write

    def sexagesimal(swedish: Swedish) -> str:
        lat, lon = (float(one) for one in swedish.degrees())
        parts = [f"{int(one)}°{int(one % 1 * 60)}'{one * 60 % 1 * 60:.0f}\"" for one in (lat, lon)]
        return f"{parts[0]}N {parts[1]}E"

    return [
        (18, degrees("{a}, {o}")),
        (8, degrees("{a},{o}")),
        (6, degrees("{a} {o}", decimals=4)),
        (5, degrees("{a} {o}", decimals=4, comma=True)),
        (4, degrees("{a}, {o}", decimals=3)),
        (5, degrees("lat {a} lon {o}")),
        (5, degrees("lat: {a}, long: {o}", decimals=5)),
        (5, degrees('{{"lat": {a}, "lon": {o}}}')),
        (4, degrees("{o}, {a}")),
        (3, degrees("N{a} E{o}")),
        (2, degrees("{a}\n{o}")),
        (3, sexagesimal),
        (10, metres("{n}, {e}")),
        (6, metres("N {n} E {e}")),
        (5, metres("{n} {e}")),
        (4, metres("{n}.{d}, {e}.{d}")),
        (3, metres("E {e} N {n}")),
        (3, metres("X: {n} Y: {e}")),
        (2, metres("{N}, {E}")),
        (1, metres("x={n} och sedan längre bort y={e}")),
    ]


POSITIVES: Mapping[str, Sequence[tuple[int, Form]]] = MappingProxyType(
    {
        "personal_number": _personal(0),
        "coordination_number": _personal(60),
        "organisation_number": _organisation(),
        "phone": _phone(),
        "email": _email(),
        "number_plate": _plate(),
        "property": _property(),
        "street_address": _street(),
        "coordinates": _coordinates(),
    }
)
"""Weighted forms of each kind of identifier."""


def prose(swedish: Swedish) -> str:
    """A sentence of a report that says nothing of a person or a door, but has numbers."""
    chance = swedish.chance
    return chance.choice(SENTENCES).format(
        h=chance.randrange(24),
        m=chance.randrange(60),
        d=chance.randrange(1, 29),
        n=chance.randrange(2, 40),
        k=chance.randrange(1, 400) * 50,
        y=chance.randrange(2015, 2027),
        mo=chance.randrange(1, 13),
        p=chance.choice(PLACES),
        t=chance.choice(TOWNS),
        s=chance.choice(STREET_STEMS) + chance.choice(STREET_ENDS),
    )
