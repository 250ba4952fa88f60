"""What an operation gets and gives: an endpoint is its description and its handler.

A handler takes the request, and by the names of its further parameters what it needs of `Dependencies`:

    def handle(request: Request[CreateRuleParams], secret_box: SecretBox) -> Result[CreateRuleAnswer]: ...

They are bound once, where the service is composed (`bind`): a handler's signature says all it can touch.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple

from waypost.api.caller import Caller, Origin
from waypost.api.description import A, Operation, P
from waypost.api.errors.catalogue import refuse
from waypost.model.configuration import Configuration
from waypost.model.faults import Fault
from waypost.storage.contract import Store, Transaction
from waypost.storage.secrets import SecretBox


class Request(NamedTuple, Generic[P]):
    """An authenticated, permitted call.

    Attributes:
        operation: what is called.
        params: its parameters, typed; a faulty one has its default.
        faults: what the description found wrong with them.
        raw_params: the parameters as they were sent, decoded.
        now: milliseconds UTC.
        origin: where and when, in real time, the call was made.
    """

    operation: Operation[P, Any]
    params: P
    faults: Sequence[Fault]
    raw_params: Mapping[str, str]
    caller: Caller
    configuration: Configuration
    now: int
    origin: Origin

    def refuse(self, faults: Sequence[Fault] = ()) -> None:
        """Refuses the call if it has faults: the description's and these, in the order of the reference.

        Raises:
            ApiError: there is at least one.
        """
        refuse(self.operation, [*self.faults, *faults])


class Result(NamedTuple, Generic[A]):
    """What a call comes to.

    Attributes:
        answer: the members beside RequestId, Code and Message; None when only `write` can know them.
        write: what is made durable before it is answered; None for a call that changes nothing. It raises
            `ApiError` for what only shows within the transaction, and may return another answer.
        reconfigures: whether the configuration changes, so that the next call has to see it.
    """

    answer: A | None
    write: Callable[[Transaction], A | None] | None = None
    reconfigures: bool = False


class Dependencies(NamedTuple):
    """What handlers can ask for, by name.

    Attributes:
        store: for what is to be looked up in the ledger; never written to directly.
        next_message_id: makes the id of a message accepted now (milliseconds UTC).
        default_ttl: seconds, for a Viber message without Ttl.
        secret_box: encrypts secrets that are kept or handed out.
        file_error: says why the file at a URL cannot be downloaded, or nothing; None when nobody looks.
    """

    store: Store
    next_message_id: Callable[[int], str]
    default_ttl: int
    secret_box: SecretBox
    file_error: Callable[[str], Awaitable[str]] | None = None


ResourcesOf = Callable[[Mapping[str, str], Caller, Configuration], Sequence[str]]
"""What a call is about, as policies name it, from its parameters; empty for the account as a whole."""


def account_wide(_: Mapping[str, str], __: Caller, ___: Configuration) -> Sequence[str]:
    """Nothing in particular: what a call is about that is not about a space of the account."""
    return ()


def space_resource(
    raw_params: Mapping[str, str], caller: Caller, configuration: Configuration
) -> Sequence[str]:
    """The space that a call names as CustSpaceId or InstanceId, the default one without, as policies name it:
    `acs:cams:*:<account>:space/<CustSpaceId>`."""
    named = raw_params.get("CustSpaceId") or raw_params.get("InstanceId") or ""
    space = configuration.space(caller.account_id, named)
    return (f"acs:cams:*:{caller.account_id}:space/{space.id if space is not None else named}",)


def space_or_account_resource(
    raw_params: Mapping[str, str], caller: Caller, configuration: Configuration
) -> Sequence[str]:
    """The space that a call names as CustSpaceId or InstanceId, and the whole account without."""
    named = raw_params.get("CustSpaceId") or raw_params.get("InstanceId")
    return space_resource(raw_params, caller, configuration) if named else ()


class Endpoint(NamedTuple):
    """An operation and its handler.

    Attributes:
        handle: takes a `Request` and dependencies by name; raises `ApiError` for what is wrong with the call.
        limit: calls a second for each account, where the operation has a limit of its own.
        unsubscribed: whether an account without the service may call it.
        resources: what a call is about, for policies.
        anyone: whether no permission is needed.
    """

    operation: Operation[Any, Any]
    handle: Callable[..., Result[Any] | Awaitable[Result[Any]]]
    limit: int | None = None
    unsubscribed: bool = False
    resources: ResourcesOf = account_wide
    anyone: bool = False


Handler = Callable[
    [Mapping[str, str], Caller, Configuration, int, Origin], Result[Any] | Awaitable[Result[Any]]
]
"""Carries out a call: parameters as sent, who calls, the snapshot, the time (ms UTC), the origin."""


def bind(endpoint: Endpoint, dependencies: Dependencies) -> Handler:
    """The endpoint's handler with what it needs beside the request.

    Raises:
        AttributeError: it needs what `Dependencies` has not.
    """
    operation = endpoint.operation
    names = list(inspect.signature(endpoint.handle).parameters)[1:]
    bound = partial(endpoint.handle, **{name: getattr(dependencies, name) for name in names})

    def handle(
        raw_params: Mapping[str, str], caller: Caller, configuration: Configuration, now: int, origin: Origin
    ) -> Result[Any] | Awaitable[Result[Any]]:
        params, faults = operation.read(raw_params)
        return bound(Request(operation, params, faults, raw_params, caller, configuration, now, origin))

    return handle
