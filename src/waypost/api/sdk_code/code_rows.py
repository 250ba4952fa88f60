"""A call as code in every language that there is."""

from collections.abc import Mapping
from typing import NamedTuple

from waypost.api.description import CALL_PARAMETERS
from waypost.api.operations.catalogue import EVERY
from waypost.api.product import CAMS
from waypost.api.sdk_code.api_call import ApiCall, CallNotWritableError
from waypost.api.sdk_code.languages import LANGUAGES, Language

LONGEST_CALL = 8 * 1024
"""Of a longer call, in characters of its values, no code is shown: there are twelve of it on a page."""


class CodeRow(NamedTuple):
    """A call in one language.

    Attributes:
        code: ready to paste; empty if the call cannot be written.
        problem: a sentence that says why; empty if it can.
    """

    language: Language
    code: str
    problem: str


def rows_of_code(
    operation: str, parameters: Mapping[str, str], endpoint: str, protocol: str, access_key_id: str
) -> list[CodeRow]:
    """A call in every language, without what belonged to its signature.

    Args:
        endpoint: `host:port`.
        protocol: `http` or `https`.
    """
    known = EVERY.get(operation)
    version = (known.operation.product if known is not None else CAMS).version
    own = {name: value for name, value in parameters.items() if name not in CALL_PARAMETERS}
    return [
        _row(language, operation, version, own, endpoint, protocol, access_key_id) for language in LANGUAGES
    ]


def _row(
    language: Language,
    operation: str,
    version: str,
    parameters: dict[str, str],
    endpoint: str,
    protocol: str,
    access_key_id: str,
) -> CodeRow:
    if sum(map(len, parameters.values())) > LONGEST_CALL:
        return CodeRow(language, "", f"The call has more than {LONGEST_CALL:,} characters.")
    try:
        written = ApiCall(operation, version, parameters, endpoint, protocol, access_key_id)
        return CodeRow(language, language.code(written), "")
    except CallNotWritableError as error:
        return CodeRow(language, "", str(error))
