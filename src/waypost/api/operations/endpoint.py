"""Requests, results and endpoints: an endpoint is the description of an operation and its handler.

A handler takes the request; its further parameters are filled from `Dependencies` by name:

    def handle(request: Request[CreateRuleParams], secret_box: SecretBox) -> Result[CreateRuleAnswer]: ...

They are bound once, when the service is composed (`bind`): the signature of a handler lists all that it uses.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple

import msgspec

from waypost.api.caller import Access, Caller, Origin
from waypost.api.description import A, Operation, P
from waypost.api.errors.catalogue import refuse
from waypost.messaging.acceptance import Accept
from waypost.model.configuration import Configuration
from waypost.model.entry_changes import EntryChange
from waypost.model.faults import Fault
from waypost.model.identifiers import MessageId, SpaceId
from waypost.model.message.message import AcceptedCall
from waypost.model.message.sms_limits import SmsLimits
from waypost.storage.changes import Command
from waypost.storage.contract import Store, Transaction
from waypost.storage.secrets import SecretBox


class Request(msgspec.Struct, Generic[P], frozen=True):
    """An authenticated and authorised call.

    Attributes:
        operation: the operation that is called.
        params: the typed parameters; an invalid one has its default.
        faults: the faults of the parameters that the description finds.
        raw_params: name to text of the parameters, as sent, percent-decoded.
        now: business time, milliseconds UTC.
        origin: the network address and the real time of the call.
    """

    operation: Operation[P, Any]
    params: P
    faults: Sequence[Fault]
    raw_params: Mapping[str, str]
    caller: Caller
    configuration: Configuration
    now: int
    origin: Origin

    def on_record(self) -> AcceptedCall:
        """What the messages that the call is accepted by keep of it."""
        origin = self.origin
        unknown = self.operation.unknown(self.raw_params)
        return AcceptedCall(origin.request_id, origin.access_key_id, origin.peer, unknown)

    def refuse(self, faults: Sequence[Fault] = ()) -> None:
        """Refuses the call if `self.faults` or `faults` has any; lists them in the order of the reference.

        Raises:
            ApiError: there is at least one fault.
        """
        refuse(self.operation, [*self.faults, *faults])


class Result(msgspec.Struct, Generic[A], frozen=True):
    """The result of a handler: the answer, and the write to commit before it is sent.

    Attributes:
        answer: the members beside RequestId, Code and Message; None when `write` returns the answer.
        write: runs in a transaction that is committed before the answer is sent; None for a call that needs
            none. It raises `ApiError` for conflicts found in the transaction, and may return an answer that
            replaces `answer`.
        commands: what is written before the answer is sent, with what `write` writes.
        settled: called once with whether `commands` and `write` were written; None where nobody waits.
        changes: what the call changes in the configuration, and what it relied on there. If that has changed
            when it is written, nothing is, and the handler decides again on the present configuration.
    """

    answer: A | None
    write: Callable[[Transaction], A | None] | None = None
    commands: Sequence[Command] = ()
    settled: Callable[[bool], None] | None = None
    changes: Sequence[EntryChange] = ()


class Dependencies(NamedTuple):
    """The dependencies of handlers, bound by the name of the parameter.

    Attributes:
        store: for reading; handlers write through their `Result`.
        next_message_id: generates the id of a message accepted at that time (milliseconds UTC).
        default_ttl: seconds, for a Viber message without Ttl.
        sms_limits: the limits on fallback SMS.
        accept: accepts a message.
        secret_box: encrypts secrets that are stored or issued.
        queue_token_duration: seconds that credentials for a queue are good for.
        file_error: returns why the file at a URL cannot be downloaded, empty if it can; None when files are
            not checked.
    """

    store: Store
    next_message_id: Callable[[int], MessageId]
    default_ttl: int
    sms_limits: SmsLimits
    secret_box: SecretBox
    accept: Accept
    queue_token_duration: int
    file_error: Callable[[str], Awaitable[str]] | None = None


ResourcesOf = Callable[[Mapping[str, str], Caller, Configuration], Sequence[str]]
"""Returns the resources (arns) of a call from its raw parameters; empty for the account as a whole."""


def account_wide(_: Mapping[str, str], __: Caller, ___: Configuration) -> Sequence[str]:
    """No resources: the call concerns the account as a whole."""
    return ()


def space_arn(caller: Caller, space_id: SpaceId, configuration: Configuration) -> str:
    """The arn of a space, `acs:cams:*:<account>:space/<CustSpaceId>`; for an empty id the default space."""
    space = configuration.space(caller.account_id, space_id)
    return f"acs:cams:*:{caller.account_id}:space/{space.id if space is not None else space_id}"


def space_resource(parameter: str) -> ResourcesOf:
    """Returns a function that returns the arn of the space that the call names.

    Args:
        parameter: the one that the handler takes the space from, CustSpaceId or InstanceId. No other may
            count: a call would be allowed for a space that it is not about.
    """

    def resources(
        raw_params: Mapping[str, str], caller: Caller, configuration: Configuration
    ) -> Sequence[str]:
        return (space_arn(caller, SpaceId(raw_params.get(parameter, "")), configuration),)

    return resources


def space_or_account_resource(parameter: str) -> ResourcesOf:
    """As `space_resource`; a call that names no space concerns the account as a whole."""
    of_space = space_resource(parameter)

    def resources(
        raw_params: Mapping[str, str], caller: Caller, configuration: Configuration
    ) -> Sequence[str]:
        return of_space(raw_params, caller, configuration) if raw_params.get(parameter) else ()

    return resources


class Endpoint(msgspec.Struct, frozen=True):
    """An operation and its handler.

    Attributes:
        handle: takes a `Request` and dependencies by name; raises `ApiError` if the call is refused.
        limit: calls per second and account, where the operation has a limit of its own.
        unsubscribed: whether an account that is not subscribed to the service may call it.
        resources: returns the resources of a call, which policies are checked against.
        anyone: whether no permission is needed.
        accepts_messages: whether an accepted call is on record in its messages.
    """

    operation: Operation[Any, Any]
    handle: Callable[..., Result[Any] | Awaitable[Result[Any]]]
    limit: int | None = None
    unsubscribed: bool = False
    resources: ResourcesOf = account_wide
    anyone: bool = False
    accepts_messages: bool = False

    def access(self) -> Access:
        """What a caller needs to carry it out."""
        operation = self.operation
        denied = operation.product.denied
        return Access(operation.name, operation.action, denied, self.unsubscribed, self.anyone)


Handler = Callable[
    [Mapping[str, str], Caller, int, Origin, Configuration], Result[Any] | Awaitable[Result[Any]]
]
"""Carries out a call: raw parameters, caller, business time (ms UTC), origin, configuration snapshot."""


def bind(endpoint: Endpoint, dependencies: Dependencies) -> Handler:
    """Binds the handler of an endpoint to the dependencies that it names.

    Raises:
        AttributeError: `Dependencies` has no attribute of that name.
    """
    operation = endpoint.operation
    names = list(inspect.signature(endpoint.handle).parameters)[1:]
    bound = partial(endpoint.handle, **{name: getattr(dependencies, name) for name in names})

    def handle(
        raw_params: Mapping[str, str], caller: Caller, now: int, origin: Origin, configuration: Configuration
    ) -> Result[Any] | Awaitable[Result[Any]]:
        params, faults = operation.read(raw_params)
        return bound(Request(operation, params, faults, raw_params, caller, configuration, now, origin))

    return handle
