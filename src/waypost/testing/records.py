"""What a test looks at, as values."""

from typing import Any

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was accepted.

    Attributes:
        message_id: its MessageId.
        account_id: the account that it was sent by.
        accepted_at: milliseconds UTC of the sandbox's time.
        channel, message_type: as in the call.
        sender, to: `From` and `To` of the call.
        state: what became of it: `queued`, `submitting`, `in_doubt`, `sent`, `delivered`, `read`, `failed` or
            `expired`.
    """

    message_id: str
    account_id: str
    accepted_at: int
    channel: str
    message_type: str
    sender: str = msgspec.field(name="from")
    to: str
    state: str


class PhoneMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a phone shows.

    Attributes:
        channel: the channel that brought it.
        sender: the sender's id on the channel.
        text: its text.
        media: the URL of its image, video or file; empty if it has none.
        message_id: the MessageId; None if Waypost did not send it.
        leg: the number of the way that it came by: 0 for the channel of the call, 1 and on for a fallback.
        state: `received`, `delivered` or `read`, as the provider knows.
        at: when it came, milliseconds UTC of the sandbox's time.
        buttons: what stands on its buttons, its quick replies and the rows of its list.
    """

    channel: str
    sender: str = msgspec.field(name="from")
    text: str
    media: str
    message_id: str | None
    leg: int | None
    state: str
    at: int
    buttons: list[str] = []


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the API that was answered.

    Attributes:
        request_id: the RequestId of the answer.
        at: milliseconds UTC of the sandbox's time.
        account_id: the caller's account; empty if the signature was wrong.
        operation: the Action.
        code: `OK`, or the code that it was refused with.
        message: of a refused call, what was wrong.
        message_id: the MessageId or GroupMessageId; empty if there is none.
        parameters: by name.
        unknown: parameters that the operation does not know, such as a misspelled one.
        cause: of a call that was refused for its signature, what is wrong with that; else empty.
    """

    request_id: str
    at: int
    account_id: str
    access_key_id: str
    operation: str
    code: str
    message: str
    message_id: str
    parameters: dict[str, str]
    unknown: list[str]
    cause: str = ""


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A callback about a message, or about what a person wrote.

    Attributes:
        kind: `ChatAppStatus`, `ChatAppInbound` or `ChatAppAudit`.
        message_id: None for what a person wrote.
        at: when it was made, milliseconds UTC of the sandbox's time.
        url: where it is pushed to; None if the account has no URL, and it is only stored.
        state: `stored`, `waiting`, `delivered` or `dead`.
        tries: how often it was pushed without success.
        error: why the last try failed; None if none did.
        body: the object that is pushed.
    """

    id: int
    kind: str
    account_id: str
    message_id: str | None
    at: int
    url: str | None
    state: str
    tries: int
    error: str | None
    body: dict[str, Any]
