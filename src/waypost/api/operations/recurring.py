"""What recurs in the operations of cams: rows, codes, and what is wrong with what is not the account's."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from waypost.api.description import Kind, Member, Operation, Parameter, shown, without_effect
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Request, Result
from waypost.api.structured import LARGEST_PAGE, Page
from waypost.model.configuration import Entry
from waypost.model.faults import Fault
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

SOURCE = "https://alibabacloud.com/help/en/chatapp/developer-reference/api-cams-2020-06-06-"
"""Where the official pages are; the name of the operation in small letters completes it."""
ANY_CALL = ("Product.Unsubscript", "Ram.PermissionDeny", "System.LimitControl")
"""What any call of an account can be refused with."""
NOT_YOURS = "Unknown.ResourceOwnerId"
ORIGIN = "api"
"""Who made an entry of the configuration: a call."""
OWNERS = without_effect("OwnerId", "ResourceOwnerId", "ResourceOwnerAccount")
SUCCESS = Member("Success", "Always true.", kind="boolean")
PAGE_ROWS = (
    Parameter("PageIndex", Kind.INTEGER, "The page.", "1", minimum=1, maximum=10**6, default="1"),
    Parameter(
        "PageSize", Kind.INTEGER, "Rows to a page.", "10", minimum=1, maximum=LARGEST_PAGE, default="10"
    ),
)


def texts_of(operation: Operation, request: Request) -> dict[str, str]:
    """The texts of a call that needs no more than its rows say.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = operation.read(request.given)
    refuse(operation, faults)
    return texts


def page_asked(numbers: Mapping[str, int]) -> Page:
    """The page that a call with `PAGE_ROWS` asks for."""
    return Page(numbers.get("PageIndex", 1), numbers.get("PageSize", 10))


E = TypeVar("E", bound=Entry)


def change_entry(
    entry: E, change: Callable[[E], E], shown_as: Callable[[E], Mapping[str, Any]], gone: Fault
) -> Result:
    """Changes an entry as it is when the change is written, since another call may have come in between.

    Args:
        entry: as the caller's snapshot has it.
        change: what it becomes.
        shown_as: the row of the answer, as `Data`.
        gone: what is wrong when it was deleted meanwhile.
    """

    def write(transaction: Transaction) -> Mapping[str, Any]:
        current = transaction.entry(entry_key(entry))
        if not isinstance(current, type(entry)):
            raise from_faults([gone])
        changed = change(current)
        transaction.put_entries([changed], ORIGIN)
        return {"Success": True, "Data": shown_as(changed)}

    return Result({}, write, reconfigures=True)


def space_faults(request: Request, texts: Mapping[str, str]) -> list[Fault]:
    """What is wrong with CustSpaceId, where it is given: that the account has no such space."""
    space_id = texts.get("CustSpaceId", "")
    if not space_id or request.configuration.space(request.caller.account_id, space_id) is not None:
        return []
    return [not_yours("CustSpaceId", space_id, "a space")]


def sender_faults(request: Request, channel: str, sender: str, where: str) -> list[Fault]:
    """What is wrong with a channel's sender: that the account has no such one."""
    if request.configuration.sender(request.caller.account_id, channel, sender) is not None:
        return []
    return [not_yours(where, sender, f"a {channel} sender")]


def not_yours(parameter: str, value: str, what: str, whose: str = "this account") -> Fault:
    """The fault of naming what the account does not have, whether another has it or nobody."""
    return Fault(NOT_YOURS, parameter, f"{shown(value)} is not {what} of {whose}.")


def declared_fault(code: str, parameter: str, value: str) -> Fault:
    """The fault of a change to what the operator's configuration declares."""
    text = f"{shown(value)} is declared by the operator of this service, who alone can change it."
    return Fault(code, parameter, text)
