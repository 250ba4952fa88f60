"""Endpoints still read by texts and numbers; each becomes a typed `endpoint.Endpoint`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from waypost.api.caller import Caller, Origin
from waypost.api.legacy_description import Operation
from waypost.api.operations.endpoint import Dependencies, account_wide
from waypost.api.operations.endpoint import Result as EndpointResult
from waypost.model.configuration import Configuration
from waypost.storage.contract import Store, Transaction
from waypost.storage.secrets import SecretBox


class Request(NamedTuple):
    """An authenticated call."""

    given: Mapping[str, str]
    caller: Caller
    configuration: Configuration
    store: Store
    now: int
    next_message_id: Callable[[int], str]
    default_ttl: int
    origin: Origin
    secret_box: SecretBox
    file_problem: Callable[[str], Awaitable[str]] | None = None


class Result(NamedTuple):
    """What it comes to."""

    answer: Mapping[str, Any]
    write: Callable[[Transaction], Mapping[str, Any] | None] | None = None
    reconfigures: bool = False


class Endpoint(NamedTuple):
    """An operation and its handler."""

    operation: Operation
    handle: Callable[[Request], Result | Awaitable[Result]]
    limit: int | None = None
    unsubscribed: bool = False
    resources: Callable[[Mapping[str, str], Caller, Configuration], Sequence[str]] = account_wide
    anyone: bool = False


def bind_legacy(endpoint: Endpoint, dependencies: Dependencies) -> Any:
    """The handler with its dependencies."""
    d = dependencies

    def handle(texts: Any, caller: Any, configuration: Any, now: int, origin: Any) -> Any:
        found: Any = endpoint.handle(
            Request(
                texts,
                caller,
                configuration,
                d.store,
                now,
                d.next_message_id,
                d.default_ttl,
                origin,
                d.secret_box,
                d.file_error,
            )
        )
        return EndpointResult(*found) if isinstance(found, Result) else _awaited(found)

    return handle


async def _awaited(found: Any) -> Any:
    return EndpointResult(*(await found))
