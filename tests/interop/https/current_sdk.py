"""Sends by the current SDK as a program of production does, but for the endpoint; then without blocking."""

import asyncio
import os

from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import SendChatappMessageRequest
from alibabacloud_tea_openapi.models import Config

client = Client(
    Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        endpoint=os.environ["WAYPOST_ENDPOINT"].removeprefix("https://"),
    )
)
request = SendChatappMessageRequest(
    channel_type="viber",
    type="message",
    message_type="text",
    content='{"text": "hello"}',
    from_="20001",
    to="4915112345678",
    label="promotion",
)
print(client.send_chatapp_message(request).body.code)
print(asyncio.run(client.send_chatapp_message_async(request)).body.code)
