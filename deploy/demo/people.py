"""Invented persons, for the fields that must never leave ingest except sealed.

Personal numbers have a valid check digit, so that whatever looks for them finds them, but birth
numbers from 980 up, which the tax authority gives to test persons only. Phone numbers are of the
series that the post and telecom authority keeps free for fiction.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST_NAMES = ("Alva", "Bertil", "Cajsa", "Dariusz", "Elif", "Folke", "Gudrun", "Hassan", "Inga")
LAST_NAMES = ("Provsson", "Testberg", "Exempelius", "Mallgren", "Attrapp", "Skenström", "Låtsas")
STREETS = ("Provgatan", "Exempelvägen", "Mallstigen", "Attrappgränd", "Skentorget")

FIRST_BIRTHDAY = date(1940, 1, 1)
BIRTHDAYS = 25_000  # days, until 2008
TEST_NUMBERS = (980, 999)
FICTION_NUMBERS = (605, 699)  # of 070-174 06 05 to 070-174 06 99


@dataclass(frozen=True, slots=True)
class Person:
    """Nobody."""

    name: str
    personal_number: str
    phone: str
    address: str
    email: str


def invented(rng: Random) -> Person:
    """A person who does not exist."""
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    born = FIRST_BIRTHDAY + timedelta(days=rng.randrange(BIRTHDAYS))
    nine = f"{born:%y%m%d}{rng.randint(*TEST_NUMBERS)}"
    phone = rng.randint(*FICTION_NUMBERS)
    return Person(
        name=f"{first} {last}",
        personal_number=f"{born:%Y%m%d}-{nine[6:]}{check_digit(nine)}",
        phone=f"070-174 0{phone // 100} {phone % 100:02}",
        address=f"{rng.choice(STREETS)} {rng.randint(1, 60)}",
        email=f"{first}.{last}@post.example".lower(),
    )


def check_digit(nine: str) -> int:
    """The last digit of a personal number whose first nine digits these are (Luhn, mod 10)."""
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(nine))
    return -sum(sum(divmod(product, 10)) for product in doubled) % 10
