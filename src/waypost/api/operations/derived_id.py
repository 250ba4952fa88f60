"""Ids of 19 digits, derived from names.

Two concurrent calls that create the same object derive the same id, or ids that begin alike.
"""

import hashlib
import secrets

from waypost.api.operations.chosen_ids import chosen_id

_LOWEST_OF_19_DIGITS = 10**18
_DERIVED_DIGITS = 8
_DRAWN = 10**11


def derived_id(*parts: str) -> str:
    """Hashes `parts` to 19 digits, the form of a TemplateCode; equal parts give equal ids."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return str(_LOWEST_OF_19_DIGITS + int.from_bytes(digest[:16]) % (9 * _LOWEST_OF_19_DIGITS))


def new_template_code(*parts: str) -> str:
    """Draws a TemplateCode, 19 digits, that no template had before, deleted ones included.

    It begins with digits that are derived from the parts that name the template: so a call that relies on the
    ids of its `code_prefix` notices another one that makes the same template at the same moment.
    """
    return chosen_id("template") or code_prefix(derived_id(*parts)) + f"{secrets.randbelow(_DRAWN):011d}"


def code_prefix(code: str) -> str:
    """The digits that the codes of one name have in common."""
    return code[:_DERIVED_DIGITS]
