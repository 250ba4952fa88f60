"""The customer's program: the official SDK with the sandbox as its endpoint, and no code of Waypost."""

import asyncio
import os
from typing import Any

from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import SendChatappMessageRequest
from alibabacloud_tea_openapi.models import Config
from Tea.exceptions import TeaException

# The SDK uses these proxies even for the loopback address, and ignores NO_PROXY.
_PROXIES = ("HTTP_PROXY", "http_proxy")


class RefusedError(Exception):
    """The service refused the call.

    Attributes:
        code: the error code.
        text: the message of the error.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Customer:
    """Sends messages with the SDK.

    Args:
        endpoint: `host:port`.
    """

    def __init__(self, endpoint: str) -> None:
        for name in _PROXIES:
            os.environ.pop(name, None)
        self._client = Client(
            Config(access_key_id="sandbox", access_key_secret="sandbox", endpoint=endpoint, protocol="http")
        )

    async def send(self, **parameters: Any) -> str:
        """Calls SendChatappMessage; returns the MessageId.

        Raises:
            RefusedError: the service responded with an error.
        """
        request = SendChatappMessageRequest(**parameters)
        try:
            response = await asyncio.to_thread(self._client.send_chatapp_message, request)
        except TeaException as refused:
            raise RefusedError(str(refused.code), str(refused.message)) from None
        return str(response.body.message_id)
