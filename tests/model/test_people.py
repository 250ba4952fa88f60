"""One person, one spelling: both ways to write a number are the same person, and no two people are one."""

import pytest

from waypost.model.addresses import read_to
from waypost.model.people import addresses_of, canonical_number, canonical_person, spellings

PAIRS = [
    pytest.param("525512345678", "5215512345678", id="Mexico"),
    pytest.param("541123456789", "5491123456789", id="Argentina"),
    pytest.param("543511234567", "5493511234567", id="Argentina, another area"),
    pytest.param("5511987654321", "551187654321", id="Brazil"),
    pytest.param("5585961234567", "558561234567", id="Brazil, another area"),
    pytest.param("2290197123456", "22997123456", id="Benin"),
    pytest.param("2250707123456", "22507123456", id="Côte d'Ivoire, 07"),
    pytest.param("2250546123456", "22546123456", id="Côte d'Ivoire, 05"),
    pytest.param("2250141123456", "22541123456", id="Côte d'Ivoire, 01"),
]


@pytest.mark.parametrize(("canonical", "other"), PAIRS)
def test_both_spellings_are_one_person(canonical: str, other: str) -> None:
    assert canonical_number(other) == canonical_number(canonical) == canonical
    for channel in ("whatsapp", "viber", "sms", ""):
        assert canonical_person(channel, other) == canonical
        assert spellings(channel, other) == spellings(channel, canonical) == (canonical, other)


@pytest.mark.parametrize(("canonical", "other"), PAIRS)
def test_both_spellings_are_taken_and_one_that_cannot_exist_becomes_the_other(
    canonical: str, other: str
) -> None:
    for spelling in (canonical, other):
        number, faults = read_to("whatsapp", spelling)
        assert not faults
        assert number in (canonical, other)


@pytest.mark.parametrize(
    "number",
    [
        "4915112345678",
        "8613900000000",
        "551131234567",  # a landline, which never had a ninth digit
        "52155123456789",  # too long for either spelling
        "22521123456",  # a landline of Côte d'Ivoire
        "120363041234567890",
        "MX.13491208655302741918",
        "",
    ],
)
def test_any_other_address_has_one_spelling(number: str) -> None:
    assert canonical_number(number) == number
    assert spellings("whatsapp", number) == (number,)


@pytest.mark.parametrize("channel", ["telegram", "line", "messenger", "instagram"])
def test_an_id_of_a_channel_is_no_number(channel: str) -> None:
    assert canonical_person(channel, "5215512345678") == "5215512345678"
    assert spellings(channel, "525512345678") == ("525512345678",)


def test_a_mexican_number_with_the_one_is_dialled_without() -> None:
    assert read_to("sms", "5215512345678") == ("525512345678", [])


@pytest.mark.parametrize(
    ("named", "addresses"),
    [
        ("+49 151 1234-5678", ["4915112345678"]),
        ("4915112345678", ["4915112345678"]),
        ("+52 1 (55) 1234 5678", ["525512345678", "5215512345678"]),
        ("525512345678", ["525512345678", "5215512345678"]),
        (" U4af4980629 ", ["U4af4980629"]),
        ("-1001234567890", ["-1001234567890"]),
    ],
)
def test_all_addresses_of_whom_somebody_names(named: str, addresses: list[str]) -> None:
    assert list(addresses_of(named)) == addresses
