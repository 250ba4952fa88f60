"""What every operation is given and gives back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from waypost.api.caller import Caller, Origin
from waypost.api.description import Operation
from waypost.model.configuration import Configuration
from waypost.storage.contract import Store, Transaction
from waypost.storage.secrets import SecretBox


class Request(NamedTuple):
    """An authenticated, permitted call.

    Attributes:
        given: its parameters, decoded.
        store: for what is to be looked up in the ledger; never written to directly.
        now: milliseconds UTC.
        next_message_id: makes the id of a message accepted now.
        default_ttl: seconds, for a Viber message without Ttl.
        origin: where and when, in real time, the call was made.
        box: encrypts secrets that are kept or handed out.
        file_problem: says why the file at a URL cannot be downloaded, or nothing; None when nobody looks.
    """

    given: Mapping[str, str]
    caller: Caller
    configuration: Configuration
    store: Store
    now: int
    next_message_id: Callable[[int], str]
    default_ttl: int
    origin: Origin
    box: SecretBox
    file_problem: Callable[[str], Awaitable[str]] | None = None


class Result(NamedTuple):
    """What a call comes to.

    Attributes:
        answer: the members beside RequestId, Code and Message.
        write: what is made durable before it is answered; None for a call that changes nothing. It raises
            `ApiError` for what only shows within the transaction, and may return other members to answer.
        reconfigures: whether the configuration changes, so that the next call has to see it.
    """

    answer: Mapping[str, Any]
    write: Callable[[Transaction], Mapping[str, Any] | None] | None = None
    reconfigures: bool = False


def account_wide(_: Mapping[str, str], __: Caller, ___: Configuration) -> Sequence[str]:
    """Nothing in particular: what a call is about that is not about a space of the account."""
    return ()


def space_resource(given: Mapping[str, str], caller: Caller, configuration: Configuration) -> Sequence[str]:
    """The space that a call names as CustSpaceId or InstanceId, the default one without, as policies name it:
    `acs:cams:*:<account>:space/<CustSpaceId>`."""
    named = given.get("CustSpaceId") or given.get("InstanceId") or ""
    space = configuration.space(caller.account_id, named)
    return (f"acs:cams:*:{caller.account_id}:space/{space.id if space is not None else named}",)


def space_or_account_resource(
    given: Mapping[str, str], caller: Caller, configuration: Configuration
) -> Sequence[str]:
    """The space that a call names as CustSpaceId or InstanceId, and the whole account without."""
    named = given.get("CustSpaceId") or given.get("InstanceId")
    return space_resource(given, caller, configuration) if named else ()


class Endpoint(NamedTuple):
    """An operation and its handler.

    Attributes:
        handle: raises `ApiError` for what is wrong with the call; may look things up in the store.
        limit: calls a second for each account, where the operation has a limit of its own.
        unsubscribed: whether an account without the service may call it.
        resources: what a call is about, as policies name it, from its parameters; empty for the account as a
            whole.
        anyone: whether no permission is needed.
    """

    operation: Operation
    handle: Callable[[Request], Result | Awaitable[Result]]
    limit: int | None = None
    unsubscribed: bool = False
    resources: Callable[[Mapping[str, str], Caller, Configuration], Sequence[str]] = account_wide
    anyone: bool = False
