"""Whether a phone number can exist, by the numbering plans of the phonenumbers library.

"Can exist" is a question of length within the plan of its country: a number out of a range that was assigned
only yesterday is not refused. Source: libphonenumber, `isPossibleNumber`.
"""

from functools import cache

import phonenumbers

_LONGEST_COUNTRY_CODE = 3


def possible_number(digits: str) -> str | None:
    """The number in E.164 digits; None if no such number can exist.

    Args:
        digits: with its country code, without `+`; a trunk zero after the country code is taken out.
    """
    country = _country(digits[:_LONGEST_COUNTRY_CODE])
    if country is None:
        return None
    length, lengths = country
    # Parsing costs more than all the rest of a call's checks; a trunk zero is what it is needed for.
    if len(digits) in lengths and digits[length] != "0":
        return digits
    return _parsed(digits)


def _parsed(digits: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


@cache
def _country(beginning: str) -> tuple[int, frozenset[int]] | None:
    """The length of the country code at the beginning, and the lengths of that country's numbers with it.

    None if there is no known country code.
    """
    for length in range(1, _LONGEST_COUNTRY_CODE + 1):
        lengths = _lengths(beginning[:length])
        if lengths is not None:
            return length, frozenset(length + rest for rest in lengths)
    return None


def _lengths(country_code: str) -> frozenset[int] | None:
    """The lengths of the numbers of a country, without its code; None for an unknown country code."""
    if not country_code.isdigit():
        return None
    code = int(country_code)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code)
    if regions is None:
        return None
    if regions[0] == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
        metadata = phonenumbers.PhoneMetadata.metadata_for_nongeo_region(code)
    else:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(regions[0])
    if metadata is None or metadata.general_desc is None:
        return None
    return frozenset(metadata.general_desc.possible_length)
