"""Consumers of receipts as the service's samples write them: a token by dybaseapi, then the queue SDK."""

import json
import warnings
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from alibabacloud_dybaseapi20170525 import models
from alibabacloud_dybaseapi20170525.client import Client
from alibabacloud_tea_openapi.models import Config
from mns.queue import Queue

from tests.sdk.access import OWNER, Credentials
from tests.sdk.callers import Sandbox
from tests.sdk.queues import STATUS, queue_account

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from aliyunsdkcore.client import AcsClient
    from aliyunsdkdybaseapi.request.v20170525.QueryTokenForMnsQueueRequest import QueryTokenForMnsQueueRequest

SHANGHAI = timezone(timedelta(hours=8))


class Token(NamedTuple):
    """The answer of QueryTokenForMnsQueue; times with the zone that the official pullers read them in."""

    credentials: Credentials
    created: datetime
    expires: datetime

    def queue(self, sandbox: Sandbox, name: str = f"Alicom-Queue-1-{STATUS}") -> Queue:
        return queue_account(sandbox.process.address, *self.credentials).get_queue(name)


def _token(body: dict[str, Any]) -> Token:
    assert (body["Code"], body["RequestId"] != "") == ("OK", True)
    row = body["MessageTokenDTO"]
    created, expires = (
        datetime.strptime(row[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        for name in ("CreateTime", "ExpireTime")
    )
    credentials = Credentials(row["AccessKeyId"], row["AccessKeySecret"], row["SecurityToken"])
    return Token(credentials, created, expires)


def token(
    sandbox: Sandbox,
    message_type: str | None = STATUS,
    queue_name: str | None = None,
    by: Credentials = OWNER,
    signature: str = "",
) -> Token:
    """A token by the current SDK, which signs by V3, or by V1 with the signature `v2`."""
    config = Config(
        access_key_id=by.key,
        access_key_secret=by.secret,
        security_token=by.token or None,
        endpoint=sandbox.process.endpoint,
        protocol="http",
        signature_algorithm=signature or None,
    )
    request = models.QueryTokenForMnsQueueRequest(message_type=message_type, queue_name=queue_name)
    return _token(Client(config).query_token_for_mns_queue(request).body.to_map())


def token_of_the_older_sdk(sandbox: Sandbox, version: str = "2017-05-25", method: str = "POST") -> Token:
    """A token by the generated request of the older SDK, which signs by V1."""
    request = QueryTokenForMnsQueueRequest()
    request.set_endpoint(sandbox.process.endpoint)
    request.set_protocol_type("http")
    request.set_version(version)
    request.set_method(method)
    request.set_accept_format("JSON")
    request.set_MessageType(STATUS)
    answer = AcsClient("sandbox", "sandbox", "cn-hangzhou").do_action_with_exception(request)
    return _token(json.loads(answer))
