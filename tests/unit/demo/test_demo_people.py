"""Invented persons: found by whoever looks for identifiers, and nobody's."""

from datetime import date
from random import Random

import pytest

from deploy.demo.people import check_digit, invented


def has_valid_checksum(personal_number: str) -> bool:
    """The rule as SKV 704 states it, written the long way."""
    digits = [int(one) for one in personal_number.replace("-", "")[2:]]
    total = 0
    for at, digit in enumerate(digits):
        product = digit * 2 if at % 2 == 0 else digit
        total += product - 9 if product > 9 else product
    return total % 10 == 0


@pytest.mark.parametrize(("nine", "digit"), [("811228987", 4), ("121212121", 2), ("640823323", 4)])
def test_the_check_digit_is_that_of_known_numbers(nine: str, digit: int) -> None:
    assert check_digit(nine) == digit


def test_every_personal_number_has_a_valid_checksum_and_a_birthday() -> None:
    rng = Random(1)
    for _ in range(500):
        number = invented(rng).personal_number
        assert has_valid_checksum(number)
        assert date(int(number[:4]), int(number[4:6]), int(number[6:8])) < date(2010, 1, 1)


def test_every_number_is_one_that_nobody_has() -> None:
    rng = Random(2)
    people = [invented(rng) for _ in range(500)]
    assert {one.personal_number[9:11] for one in people} == {"98", "99"}
    phones = {int(one.phone.removeprefix("070-174 ").replace(" ", "")) for one in people}
    assert min(phones) >= 605
    assert max(phones) <= 699
    assert all(one.email.endswith(".example") for one in people)


def test_the_same_generator_invents_the_same_person() -> None:
    assert invented(Random(3)) == invented(Random(3))
