"""Calls of operations without HTTP: the handler as it is bound in the service, by the operation's name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from waypost.api.caller import Caller, Origin
from waypost.api.operations.catalogue import bind_all
from waypost.api.operations.endpoint import Dependencies
from waypost.messaging.acceptance import acceptance
from waypost.model.configuration import Configuration
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.sms_limits import NO_LIMITS
from waypost.storage.contract import Store
from waypost.storage.secrets import SecretBox


async def carry_out(
    operation: str,
    raw_params: Mapping[str, str],
    configuration: Configuration,
    store: Store,
    *,
    now: int = 0,
    next_message_id: Callable[[int], MessageId] = lambda now: MessageId(str(now)),
    file_error: Callable[[str], Awaitable[str]] | None = None,
) -> Any:
    """What a call of the owner of account 1 comes to, before it is written."""
    dependencies = Dependencies(
        store,
        next_message_id,
        120,
        NO_LIMITS,
        SecretBox(bytes(32)),
        lambda message, current: acceptance(message, current, 0),
        3600,
        file_error,
    )
    handle = bind_all(dependencies)[operation]
    result: Any = handle(
        raw_params, Caller(AccountId("1"), None), now, Origin("127.0.0.1", False, 0.0), configuration
    )
    return await result if isinstance(result, Awaitable) else result


def members(answer: object) -> dict[str, Any]:
    """The members of an answer, as JSON has them."""
    found: dict[str, Any] = msgspec.to_builtins(answer)
    return found
