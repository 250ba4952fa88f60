"""A fault is what one parameter of a call did wrong; a call may have several, and is told all of them."""

from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong with a call.

    Attributes:
        code: the documented error code, as in the catalogue of `waypost.api.errors.catalogue`.
        parameter: the parameter at fault, as the caller wrote its name (`Ttl`, `Content.text`).
        message: one sentence that says what was wrong with the value and what is allowed.
    """

    code: str
    parameter: str
    message: str
