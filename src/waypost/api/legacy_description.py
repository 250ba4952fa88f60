"""Operations that are still read by texts and numbers; each becomes a typed `description.Operation`."""

from collections.abc import Mapping

from waypost.api.description import (
    AnyOperation,
    Kind,
    Parameter,
    not_allowed,
    not_fitting,
    not_in_range,
    read_integer,
    text_fits,
    within,
)
from waypost.api.members import Member
from waypost.api.product import CAMS, Product
from waypost.model.faults import Fault


class Operation(AnyOperation):
    """An operation of the API.

    Args:
        name: the Action.
        parameters: in the order of the reference.
        answer: the members of the answer beside RequestId, and Code and Message where the product has them.
        errors: codes it can answer, beyond its parameters' and the gateway's own.
        source: the address of the document it follows; empty for an operation of Waypost's own.
        product: whose it is.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        parameters: tuple[Parameter, ...],
        answer: tuple[Member, ...],
        errors: tuple[str, ...],
        source: str,
        product: Product = CAMS,
    ) -> None:
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.answer = answer
        self.errors = errors
        self.source = source
        self.product = product
        self._places = {row.name: place for place, row in enumerate(parameters)}
        self._by_name = {row.name: row for row in parameters if not row.ignored}
        self._required = [row for row in parameters if row.required]
        self._conditional = [row for row in parameters if row.required_when is not None]
        self._plain = frozenset(
            row.name
            for row in self._by_name.values()
            if row.kind is not Kind.INTEGER and not row.allowed and row.longest is None
        )
        self._folded = {
            row.name: {value.lower(): value for value in row.allowed} for row in parameters if row.allowed
        }

    def read(  # type: ignore[override]
        self, given: Mapping[str, str]
    ) -> tuple[dict[str, str], dict[str, int], list[Fault]]:
        """Reads a call's parameters by the table.

        An empty value counts as absent: callers send them (live-observations.md, section 5). Unknown names
        are passed over.

        Returns:
            The texts by name, values out of a fixed set in their documented case; the integers by name; and
            what was wrong, in the order of the table's kinds of fault.
        """
        texts: dict[str, str] = {}
        numbers: dict[str, int] = {}
        faults: list[Fault] = []
        for name, text in given.items():
            if not text:
                continue
            if name in self._plain:
                texts[name] = text
            elif (folded := self._folded.get(name)) is not None:
                value = folded.get(text.lower())
                if value is None:
                    row = self._by_name[name]
                    faults.append(not_allowed(row, text))
                else:
                    texts[name] = value
            elif name not in self._by_name:
                continue
            elif (row := self._by_name[name]).longest is not None:
                if text_fits(text, row):
                    texts[name] = text
                else:
                    faults.append(not_fitting(row, text))
            else:
                number = read_integer(text)
                if number is None or not within(number, row):
                    faults.append(not_in_range(row, text))
                else:
                    numbers[name] = number
        for row in self._required:
            if not given.get(row.name):
                faults.append(Fault(row.missing_code, row.name, "it is missing; every call needs it."))
        for row in self._conditional:
            assert row.required_when is not None
            if texts.get(row.required_when[0]) == row.required_when[1] and not given.get(row.name):
                name, value = row.required_when
                faults.append(Fault(row.missing_code, row.name, f"it is missing; {name}={value} needs it."))
        return texts, numbers, faults
