"""A fault is what is wrong with one parameter of a call; an error names all that a call has."""

from typing import Final, NamedTuple

from waypost.model.quoting import quoted

NO_VALUE: Final = object()
"""The value of a fault that quotes none, such as that of a missing parameter."""


class Fault(NamedTuple):
    """One thing that is wrong with a call.

    Attributes:
        code: the documented error code, of `waypost.model.codes`.
        parameter: the parameter at fault, as the caller wrote its name (`Ttl`, `Content.text`).
        problem: what is wrong; with a value, what follows it in the sentence (`is not a space`).
        allowed: what is allowed, or what to do (`at most 40 characters are`); may be empty.
        value: the caller's value, to be quoted; `NO_VALUE` for none.
    """

    code: str
    parameter: str
    problem: str
    allowed: str = ""
    value: object = NO_VALUE

    @property
    def message(self) -> str:
        """The sentence for the caller: `'news' is not allowed; allowed are promotion, transaction.`"""
        problem = self.problem if self.value is NO_VALUE else f"{quoted(self.value)} {self.problem}"
        sentence = f"{problem}; {self.allowed}" if self.allowed else problem
        return sentence if sentence.endswith(".") else f"{sentence}."
