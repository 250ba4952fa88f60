"""The shape of an entry of the error catalogue."""

from typing import NamedTuple


class ErrorCode(NamedTuple):
    """One entry of the error catalogue.

    Attributes:
        code: the symbolic code that callers branch on, such as `InvalidParameter.ContentError`.
        status: the HTTP status that it travels with.
        message: the literal first sentence of the answer's `Message`; `{parameter}` in it stands for the
            name of the parameter at fault.
        when: one sentence for the documentation, saying what brings it about.
        remedy: one sentence for the documentation, saying what the caller does about it.
    """

    code: str
    status: int
    message: str
    when: str
    remedy: str
