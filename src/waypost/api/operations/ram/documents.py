"""Parameters with a policy or trust policy: JSON documents that are validated, and stored as sent."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import msgspec

from waypost.api.description import Decoded, Parameter
from waypost.api.operations.ram.text_rules import TextRule, too_long
from waypost.model import codes
from waypost.model.access.policy import PolicyError, parse_policy
from waypost.model.access.trust import parse_trust
from waypost.model.faults import Fault

LONGEST_DOCUMENT = 6144
"""The longest document, in bytes of UTF-8."""
TRUST_EXAMPLE = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"RAM":["acs:ram::1:root"]}}]}'
)

_POLICY = TextRule("a policy as JSON", LONGEST_DOCUMENT)
_TRUST = TextRule("a trust policy as JSON", LONGEST_DOCUMENT)


def trust_parameter(name: str, description: str, *, required: bool = False) -> Parameter:
    """Describes a parameter with the trust policy of a role."""
    row = _TRUST.parameter(name, description, TRUST_EXAMPLE, required=required)
    return _checked(row, _TRUST, parse_trust)


def _checked(row: Parameter, rule: TextRule, parse: Callable[[Any], object]) -> Parameter:
    """Adds `parse` to the checks of a parameter."""
    return row._replace(
        decode=partial(_decode_document, row.name, rule, parse),
        decode_codes=(*row.decode_codes, codes.MALFORMED_POLICY_DOCUMENT),
    )


def _decode_document(name: str, rule: TextRule, parse: Callable[[Any], object], text: str) -> Decoded:
    size = len(text.encode())
    if size > rule.longest:
        return None, [too_long(name, f"{size} bytes", rule.longest)]
    _, faults = rule.decode_characters(name, text)
    if faults:
        return None, faults
    try:
        parse(_decode_json(text))
    except PolicyError as error:
        return None, [Fault(codes.MALFORMED_POLICY_DOCUMENT, name, str(error))]
    return text, ()


def _decode_json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    # Lone surrogates raise UnicodeEncodeError, deep nesting RecursionError.
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"it is not JSON: {error}") from None


PolicyDocument = Annotated[
    str,
    _checked(
        _POLICY.parameter("PolicyDocument", "The policy.", '{"Version":"1","Statement":[]}', required=True),
        _POLICY,
        partial(parse_policy, "PolicyDocument"),
    ),
]
