"""The faults of a call: each is one problem with one parameter; the error of a call names them all."""

from typing import Final, NamedTuple

from waypost.model.quoting import quoted

NO_VALUE: Final = object()
"""The value of a fault that quotes none, such as that of a missing parameter."""

_SLOT = "{value}"


class Fault(NamedTuple):
    """One problem with one parameter of a call.

    Attributes:
        code: the documented error code, of `waypost.model.codes`.
        parameter: the parameter at fault, as the caller wrote its name (`Ttl`, `Content.text`).
        problem: what is wrong. With a value, either what follows it in the sentence (`is not a space`), or
            the words around it, with `{value}` where it stands (`To is {value}`).
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
        problem = self.problem
        if self.value is not NO_VALUE:
            problem = self._with_slot().replace(_SLOT, quoted(self.value), 1)
        sentence = f"{problem}; {self.allowed}" if self.allowed else problem
        return sentence if sentence.endswith(".") else f"{sentence}."

    def after(self, words: str) -> "Fault":
        """The same fault with words before its sentence: `for the SMS, To is '+1'; a number is needed.`"""
        return self._replace(problem=f"{words}, {self._with_slot()}")

    def _with_slot(self) -> str:
        """The problem with a place for the value, if there is a value."""
        if self.value is NO_VALUE or _SLOT in self.problem:
            return self.problem
        return f"{_SLOT} {self.problem}"
