"""The code that makes a call again, in each language that has an official client."""

from typing import NamedTuple

from waypost.api.description import CALL_PARAMETERS
from waypost.api.operations.catalogue import EVERY
from waypost.api.product import CAMS
from waypost.api.sdk_code.api_call import ApiCall, CallNotWritableError
from waypost.api.sdk_code.languages import LANGUAGES, Language
from waypost.sandbox.calls import Call


class CodeRow(NamedTuple):
    """A call in one language.

    Attributes:
        code: ready to paste; empty if the call cannot be written.
        problem: a sentence that says why; empty if it can.
    """

    language: Language
    code: str
    problem: str


def code_rows(call: Call, endpoint: str, protocol: str) -> list[CodeRow]:
    """A call in every language, without what belonged to its signature; empty if it names no operation.

    Args:
        endpoint: `host:port`.
        protocol: `http` or `https`.
    """
    if not call.operation or not call.access_key_id:
        return []
    known = EVERY.get(call.operation)
    product = known.operation.product if known is not None else CAMS
    parameters = {name: value for name, value in call.parameters.items() if name not in CALL_PARAMETERS}
    return [_row(language, call, parameters, product.version, endpoint, protocol) for language in LANGUAGES]


def _row(
    language: Language, call: Call, parameters: dict[str, str], version: str, endpoint: str, protocol: str
) -> CodeRow:
    try:
        written = ApiCall(call.operation, version, parameters, endpoint, protocol, call.access_key_id)
        return CodeRow(language, language.code(written), "")
    except CallNotWritableError as error:
        return CodeRow(language, "", str(error))
