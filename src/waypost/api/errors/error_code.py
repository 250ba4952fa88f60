"""The type of an entry of the error catalogue."""

from typing import NamedTuple


class ErrorCode(NamedTuple):
    """One entry of the error catalogue.

    Attributes:
        code: the code that callers compare, such as `InvalidParameter.ContentError`.
        status: the HTTP status of the answer.
        message: the literal first sentence of `Message` in the answer; `{parameter}` is replaced by the name
            of the parameter at fault.
        when: one sentence on its cause, for the documentation.
        remedy: one sentence on what the caller can do, for the documentation.
    """

    code: str
    status: int
    message: str
    when: str
    remedy: str
