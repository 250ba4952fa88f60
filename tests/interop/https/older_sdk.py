"""Sends by the older SDK (V1) by HTTPS."""

import json
import os

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

key = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]
client = AcsClient(key, os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], "ap-southeast-1")
endpoint = os.environ["WAYPOST_ENDPOINT"].removeprefix("https://")
request = CommonRequest(domain=endpoint, version="2020-06-06", action_name="SendChatappMessage")
request.set_protocol_type("https")
request.set_method("POST")
for name, value in {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "From": "20001",
    "To": "4915112345678",
    "Content": '{"text": "hello"}',
    "Label": "promotion",
}.items():
    request.add_query_param(name, value)
print(json.loads(client.do_action_with_exception(request))["Code"])
