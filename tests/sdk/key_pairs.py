"""Calls with a key pair of somebody's own, by the official SDKs of both signatures."""

import json
from collections.abc import Callable

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from aliyunsdkcore.acs_exception.exceptions import ServerException

from tests.processes import Running
from tests.sdk.callers import FREE, FREE_BY_NAME, Sandbox, core_call

Code = Callable[[Running, str, str, str], str]
PHONE = "4915112345678"


def code_by_v3(running: Running, key: str, secret: str, sender: str) -> str:
    """What the current SDK is answered to a message."""
    try:
        answer = Sandbox(running).answer(key=key, secret=secret, **FREE | {"from_": sender, "to": PHONE})
    except AlibabaCloudException as refused:
        return str(refused.code)
    return str(answer["Code"])


def code_by_v1(running: Running, key: str, secret: str, sender: str) -> str:
    """What the older SDK is answered to a message."""
    parameters = FREE_BY_NAME | {"From": sender, "To": PHONE}
    try:
        answer = core_call(Sandbox(running), parameters, key=key, secret=secret)
    except ServerException as refused:
        return str(refused.get_error_code())
    return str(json.loads(answer)["Code"])
