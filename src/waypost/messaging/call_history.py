"""Looks calls up by RequestId, also those that are on record in the messages that they were accepted by."""

import msgspec

from waypost.model.masked_parameters import masked_parameters
from waypost.model.message.message import Message
from waypost.storage.call_records import CallRecord
from waypost.storage.contract import Store

_ACCEPTED = "OK"
_SINGLE, _TO_MANY = "SendChatappMessage", "SendChatappMassMessage"


async def find_call(store: Store, request_id: str) -> CallRecord | None:
    """The call with that RequestId, or None."""
    record = await store.call_records.find(request_id)
    # A call to many is shown by its first message, which names the group of all.
    messages = await store.messages_of_request(request_id, 1)
    if not messages:
        return record
    accepted = _call_of(messages[0])
    if record is None:
        return accepted
    # It was answered before it was known that it would be written after all.
    return msgspec.structs.replace(record, message_id=accepted.message_id)


def _call_of(message: Message) -> CallRecord:
    """The call that a message was accepted by."""
    params = {
        "ChannelType": message.channel,
        "MessageType": message.message_type,
        "From": message.sender,
        "To": message.recipient if not message.group_id else "",
        "TemplateCode": message.template_code,
        "TemplateName": message.template_name,
        "Language": message.language,
        "CustSpaceId": message.space_id,
        "Label": message.label,
        "Ttl": str(message.ttl),
        "Tag": message.tag,
        "TaskId": message.task_id,
        "TrackingData": message.tracking_data,
        "FallBackId": message.fallback.policy_id if message.fallback is not None else "",
    }
    return CallRecord(
        request_id=message.call.request_id,
        at=message.accepted_at,
        account_id=message.account_id,
        is_authenticated=True,
        access_key_id=message.call.access_key_id,
        operation=_TO_MANY if message.group_id else _SINGLE,
        code=_ACCEPTED,
        ms=None,
        message_id=message.group_id or message.message_id,
        peer=message.call.peer,
        parameters=masked_parameters(
            {name: text for name, text in params.items() if text}, ("ChannelType", "Label", "Ttl")
        ),
        unknown=message.call.unknown,
    )
