"""One person, one spelling: the form of an address by which a person is known, however it was written.

In some countries a mobile number is written in two ways. WhatsApp's id of a person can be another one than
the number that is dialled, and the Cloud API takes both. What is kept about a person (the window for free
messages, the suppression list) is kept under the canonical form; what is sent goes by the spelling that the
provider uses, as far as it is known.

Sources: Meta, "Phone numbers" and the help centre's notes on Mexico, Argentina and Brazil; the numbering
plans' own changes for Benin (2024) and Côte d'Ivoire (2021), whose older ids WhatsApp keeps.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from waypost.model.channels import channel_named


class _TwoSpellings(NamedTuple):
    """How the numbers of a country are written.

    Attributes:
        other: a number in the spelling that is not canonical, and `canonical`, what replaces it.
        canonical_form: a number in the canonical spelling that has the other one, too, and `back`, its
            replacement.
    """

    other: re.Pattern[str]
    canonical: str
    canonical_form: re.Pattern[str]
    back: str


def _two(other: str, canonical: str, canonical_form: str, back: str) -> _TwoSpellings:
    return _TwoSpellings(re.compile(other), canonical, re.compile(canonical_form), back)


_IVORIAN = (("01", "[04-9][0-3]"), ("05", "[04-9][4-6]"), ("07", "[04-9][7-9]"))

_COUNTRIES: dict[str, tuple[_TwoSpellings, ...]] = {
    # Mexico: a 1 after the country code, as mobile numbers were dialled from abroad until 2019.
    "52": (_two(r"521(\d{10})", r"52\1", r"52(\d{10})", r"521\1"),),
    # Argentina: a 9 after the country code of mobile numbers.
    "54": (_two(r"549(\d{10})", r"54\1", r"54(\d{10})", r"549\1"),),
    # Brazil: the ninth digit of mobile numbers, which older WhatsApp accounts are without.
    "55": (_two(r"55(\d\d)([6-9]\d{7})", r"55\g<1>9\2", r"55(\d\d)9([6-9]\d{7})", r"55\1\2"),),
    "22": (
        # Benin: 01 before the eight digits of before.
        _two(r"229(\d{8})", r"22901\1", r"22901(\d{8})", r"229\1"),
        # Côte d'Ivoire: the operator's two digits before the eight digits of before.
        *(
            _two(rf"225({digits}\d{{6}})", rf"225{prefix}\1", rf"225{prefix}({digits}\d{{6}})", r"225\1")
            for prefix, digits in _IVORIAN
        ),
    ),
}
"""By the first two digits."""


def canonical_number(number: str) -> str:
    """The canonical spelling of a phone number in E.164 digits; anything else is returned as it is."""
    for country in _COUNTRIES.get(number[:2], ()):
        match = country.other.fullmatch(number)
        if match is not None:
            return match.expand(country.canonical)
    return number


def canonical_person(channel: str, address: str) -> str:
    """The address by which a person is known on a channel.

    Args:
        channel: the channel; empty for all whose addresses are phone numbers.
    """
    return address if channel_named(channel).own_ids else canonical_number(address)


_PUNCTUATION = re.compile(r"[\s().+-]")


def addresses_of(text: str) -> Sequence[str]:
    """All addresses of the person whom somebody names by a phone number, with or without punctuation, or by
    an id of a channel."""
    named = text.strip()
    bare = _PUNCTUATION.sub("", named)
    # Ids of groups begin with a minus on some channels.
    if not bare.isdecimal() or named.startswith("-"):
        return (named,)
    # An id of digits may have the form of a number with two spellings.
    return tuple(dict.fromkeys((*spellings("", bare), bare)))


def has_spellings(channel: str, address: str) -> bool:
    """Whether an address can be spelled in more than one way; for most, a look at two digits."""
    return address[:2] in _COUNTRIES and len(spellings(channel, address)) > 1


def spellings(channel: str, address: str) -> tuple[str, ...]:
    """All spellings of an address, the canonical one first."""
    person = canonical_person(channel, address)
    if channel_named(channel).own_ids:
        return (person,)
    for country in _COUNTRIES.get(person[:2], ()):
        match = country.canonical_form.fullmatch(person)
        if match is not None:
            return person, match.expand(country.back)
    return (person,)
