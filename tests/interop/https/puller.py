"""Reads receipts as the official puller does: a token by HTTPS, then the queue SDK, at the same port."""

import json
import os

from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import SendChatappMessageRequest, UpdateAccountWebhookRequest
from alibabacloud_dybaseapi20170525.client import Client as TokenClient
from alibabacloud_dybaseapi20170525.models import QueryTokenForMnsQueueRequest
from alibabacloud_tea_openapi.models import Config
from mns.account import Account

url = os.environ["WAYPOST_ENDPOINT"]
config = Config(
    access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    endpoint=url.removeprefix("https://"),
)
client = Client(config)
client.update_account_webhook(UpdateAccountWebhookRequest(cust_space_id="cams-sandbox", queue_flag="Y"))
sent = client.send_chatapp_message(
    SendChatappMessageRequest(
        channel_type="viber",
        type="message",
        message_type="text",
        content='{"text": "hello"}',
        from_="20001",
        to="4915112340003",
        label="promotion",
    )
)
question = QueryTokenForMnsQueueRequest(message_type="ChatAppStatus")
token = TokenClient(config).query_token_for_mns_queue(question).body.to_map()["MessageTokenDTO"]
account = Account(url, token["AccessKeyId"], token["AccessKeySecret"], token["SecurityToken"])
queue = account.get_queue("Alicom-Queue-1-ChatAppStatus")
# Receipts of other messages may be before it.
read = ""
while read != sent.body.message_id:
    message = queue.receive_message(30)
    queue.delete_message(message.receipt_handle)
    read = json.loads(message.message_body)["MessageId"]
print("read")
