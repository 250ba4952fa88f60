"""The older SDK's CommonRequest, which signs by V1: POST and GET, query and form, JSON and XML."""

import json
import warnings
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from tests.sdk.callers import FREE_BY_NAME, Phones, Sandbox, core_call

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from aliyunsdkcore.acs_exception.exceptions import ServerException

ODD = {**FREE_BY_NAME, "Content": json.dumps({"text": "50% + a&b=c ~*'() 你好"})}
QUERY_ONLY = {"Content": ODD["Content"]}
REST = {name: value for name, value in ODD.items() if name != "Content"}


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [("POST", ODD, {}), ("GET", ODD, {}), ("POST", {}, ODD), ("POST", QUERY_ONLY, REST)],
    ids=["POST query", "GET", "POST form", "POST query and form"],
)
def test_a_call_is_taken_however_it_is_sent(
    sandbox: Sandbox, phones: Phones, method: str, query: dict[str, str], body: dict[str, str]
) -> None:
    number = phones.new()
    to = {"To": number}
    query, body = (query, {**body, **to}) if body else ({**query, **to}, body)
    answer = json.loads(core_call(sandbox, query, body=body, method=method))
    assert (answer["Code"], answer["Message"]) == ("OK", "OK")
    assert answer["RequestId"]
    assert [(shown["message_id"], shown["text"]) for shown in sandbox.phone(number)] == [
        (answer["MessageId"], "50% + a&b=c ~*'() 你好")
    ]


def refused(sandbox: Sandbox, query: dict[str, str], **more: Any) -> ServerException:
    with pytest.raises(ServerException) as caught:
        core_call(sandbox, query, **more)
    return caught.value


def test_a_refusal(sandbox: Sandbox) -> None:
    error = refused(sandbox, FREE_BY_NAME)
    assert (error.get_http_status(), error.get_error_code()) == (400, "MissingTo")
    assert "To is mandatory for this action." in error.get_error_msg()
    assert error.get_request_id()


def test_the_client_finds_out_itself_that_its_secret_is_wrong(sandbox: Sandbox, phones: Phones) -> None:
    # It compares the string to sign at the end of our message with its own; CommonRequest forgets its own.
    call = {**ODD, "To": phones.new()}
    error = refused(sandbox, call, secret="guess", generated=True)
    assert error.get_error_code() == "InvalidAccessKeySecret"
    error = refused(sandbox, call, secret="guess")
    assert error.get_error_code() == "SignatureDoesNotMatch"
    assert " server string to sign is:POST&%2F&AccessKeyId%3Dsandbox" in error.get_error_msg()


def test_a_request_of_a_generated_sdk(sandbox: Sandbox, phones: Phones) -> None:
    assert json.loads(core_call(sandbox, {**ODD, "To": phones.new()}, generated=True))["Code"] == "OK"


def test_an_unknown_operation(sandbox: Sandbox) -> None:
    error = refused(sandbox, ODD, action="SendPigeon")
    assert (error.get_http_status(), error.get_error_code()) == (404, "InvalidAction.NotFound")


def test_xml(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    answer = ElementTree.fromstring(core_call(sandbox, {**ODD, "To": number}, form="XML"))
    assert answer.tag == "SendChatappMessageResponse"
    assert answer.findtext("Code") == "OK"
    assert [shown["message_id"] for shown in sandbox.phone(number)] == [answer.findtext("MessageId")]


def test_an_error_in_xml(sandbox: Sandbox) -> None:
    answer = ElementTree.fromstring(core_call(sandbox, ODD, form="XML"))
    assert (answer.tag, answer.findtext("Code")) == ("Error", "MissingTo")
    assert "To: it is missing" in answer.findtext("Message", "")
    assert answer.findtext("RequestId")
    assert answer.findtext("HostId") == sandbox.process.endpoint


def test_another_format(sandbox: Sandbox) -> None:
    assert json.loads(core_call(sandbox, ODD, form="YAML"))["Code"] == "InvalidParameter.Format"
