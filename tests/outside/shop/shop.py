"""A shop that sends messages: what somebody else's program looks like."""

import json

from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import (
    SendChatappMassMessageRequest,
    SendChatappMassMessageRequestSenderList,
    SendChatappMessageRequest,
)
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

_TRIES = 3


def send_code(client: Client, to: str, code: str) -> str:
    """Sends a one-time password, by SMS if it is not delivered within twelve hours."""
    request = SendChatappMessageRequest(
        channel_type="viber",
        type="message",
        message_type="text",
        content=json.dumps({"text": f"Your code is {code}."}),
        from_="20001",
        to=to,
        label="transaction",
        ttl=86400,
        fall_back_id="S_000001",
        fall_back_duration=43200,
    )
    for tries_left in reversed(range(_TRIES)):
        try:
            return str(client.send_chatapp_message(request).body.message_id)
        except AlibabaCloudException as refused:
            if refused.code != "System.LimitControl" or not tries_left:
                raise
    raise AssertionError("unreachable")


def offer(client: Client, customers: dict[str, str]) -> None:
    """Sends an offer to each customer, by number."""
    people = [
        SendChatappMassMessageRequestSenderList(to=number, template_params={"name": name, "code": "10"})
        for number, name in customers.items()
    ]
    client.send_chatapp_mass_message(
        SendChatappMassMessageRequest(
            channel_type="viber",
            template_code="sandbox_welcome",
            language="en",
            from_="20001",
            label="promotion",
            sender_list=people,
        )
    )
