"""A refused call as the page of its error shows it.

A RequestId is no secret: it is in logs, in tickets, and in the address of the page. Whoever opens the page
sees of the call which operation it was of, with which code it was refused, and the names of those parameters
that the operation has. Never a value, never a name that the caller made up (a secret can stand in the wrong
place), and not who called, when, or from where.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from waypost.api.description import AnyOperation
from waypost.api.operations.catalogue import EVERY
from waypost.api.reference.operation_rows import ParameterRow, parameter_rows
from waypost.storage.contract import Store, StoreUnavailableError

_OK = "OK"
_FAMILY = re.compile(r"(?:Missing|Invalid)([A-Za-z][A-Za-z0-9_]*)|InvalidParameter\.([A-Z][A-Za-z]*)\..+")


class CallParameter(NamedTuple):
    """A parameter of a refused call.

    Attributes:
        value: as it was sent; None if it was not sent, or is not shown.
        is_sent: whether the call has it.
        is_wrong: whether the call was refused for it.
        allowed: what is allowed, in words; empty for anything.
    """

    name: str
    value: str | None
    is_sent: bool
    is_wrong: bool
    allowed: str


class RefusedCall(NamedTuple):
    """A refused call.

    Attributes:
        operation: its name; empty if there is none of that name.
        message: the message of its answer; empty if that is not shown.
        parameters: in the order of the description; those that are wrong are here though they were not sent.
        unknown: the names of parameters that the operation does not have; empty if they are not shown.
        unknown_count: how many it has of these.
        signature: the path of what is known about its signature; empty if nothing is.
        form: the path of the explorer's form of it; empty if there is none.
    """

    request_id: str
    operation: str
    code: str
    message: str
    parameters: Sequence[CallParameter]
    unknown: Sequence[str]
    unknown_count: int
    signature: str = ""
    form: str = ""

    @property
    def wrong(self) -> list[str]:
        """The names of the parameters that it was refused for, as far as code and message say."""
        return [parameter.name for parameter in self.parameters if parameter.is_wrong]


FindCall = Callable[[str], Awaitable[RefusedCall | None]]
"""Finds a refused call by its RequestId; None if there is none, or it is no longer kept."""


def refused_call_finder(store: Store) -> FindCall:
    """Finds calls on record, with what a stranger may see of them."""

    async def find(request_id: str) -> RefusedCall | None:
        try:
            record = await store.call_records.find(request_id)
        except StoreUnavailableError:
            # The page explains the code all the same.
            return None
        if record is None or record.code == _OK:
            return None
        endpoint = EVERY.get(record.operation)
        if endpoint is None:
            return RefusedCall(request_id, "", record.code, "", (), (), 0)
        operation = endpoint.operation
        sent: dict[str, str | None] = dict.fromkeys(record.parameters)
        listed = call_parameters(operation, record.code, "", sent)
        # Without values, as all that is shown of it.
        form = f"explorer/{operation.name}"
        unknown = len(record.unknown)
        return RefusedCall(request_id, operation.name, record.code, "", listed, (), unknown, form=form)

    return find


def call_parameters(
    operation: AnyOperation, code: str, message: str, sent: Mapping[str, str | None]
) -> list[CallParameter]:
    """The parameters of a call that the operation has, and those that are wrong.

    Args:
        code, message: of the answer; the message is empty if it is not known.
        sent: the values by name; None for one that is not shown.
    """
    rows = parameter_rows(operation)
    wrong = wrong_parameters(rows, code, message)
    listed = [
        CallParameter(row.name, sent.get(row.name), row.name in sent, row.name in wrong, row.allowed)
        for row in rows
        if row.name in sent or row.name in wrong
    ]
    ignored = [row.name for row in operation.parameters if row.ignored and row.name in sent]
    return listed + [CallParameter(name, sent[name], True, False, "") for name in ignored]


def wrong_parameters(rows: Sequence[ParameterRow], code: str, message: str) -> Collection[str]:
    """The parameters that a call was refused for; empty if code and message do not say.

    A code of one parameter names it. Of one that several have, the message does; without it none is named,
    since a wrong one would be looked at in vain.
    """
    family = _FAMILY.fullmatch(code)
    named = (family[1] or family[2]) if family is not None else ""
    if any(row.name == named for row in rows):
        return {named}
    having = {row.name for row in rows if code in row.codes}
    if message:
        words = set(re.findall(r"[A-Za-z][A-Za-z0-9]*", message))
        return {name for name in having if name in words} or (having if len(having) == 1 else set())
    return having if len(having) == 1 else set()
