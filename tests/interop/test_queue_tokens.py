"""Receipts are read by queue as the service's own samples read them, over a renewal of the token."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from mns.queue import Message, QueueMeta

from tests.interop.queue_tokens import Token, token, token_of_the_older_sdk
from tests.interop.toolchains import NODE, installed
from tests.sdk.access import OWNER, Credentials, assumed, fixed, policy, ram, role_with, sts, user_with
from tests.sdk.callers import FREE, Phones, Sandbox, refusal
from tests.sdk.operations import call
from tests.sdk.queues import AUDIT, INBOUND, STATUS, drain, error_of, object_of, queue, received

ASK = policy("dybaseapi:QueryTokenForMnsQueue")
Asks = Callable[[Sandbox], Token]
CLIENTS = [
    pytest.param(token, id="V3"),
    pytest.param(partial(token, signature="v2"), id="V1"),
    pytest.param(token_of_the_older_sdk, id="older SDK"),
    pytest.param(partial(token_of_the_older_sdk, method="GET"), id="older SDK, GET"),
    pytest.param(partial(token_of_the_older_sdk, version="2018-05-01"), id="older version"),
]


@pytest.fixture
def space(sandbox: Sandbox) -> str:
    """A space whose receipts are put in queues, which are empty."""
    made = call(sandbox, "create_instance", channel_type="VIBER", instance_name="Queued")
    space = str(made["Data"]["InstanceId"])
    call(sandbox, "update_account_webhook", cust_space_id=space, queue_flag="Y")
    sandbox.advance(31)
    drain(queue(sandbox))
    return space


def sent(sandbox: Sandbox, phones: Phones, space: str) -> str:
    """A message that comes to Sent and Delivered."""
    message_id = sandbox.send(**FREE, to=phones.new("0003"), cust_space_id=space)
    sandbox.advance(5)
    return message_id


@pytest.mark.parametrize("ask", CLIENTS)
def test_receipts_are_read_over_a_renewal(sandbox: Sandbox, phones: Phones, space: str, ask: Asks) -> None:
    message_id = sent(sandbox, phones, space)
    first, renewed = ask(sandbox), ask(sandbox)
    assert first.credentials != renewed.credentials
    got = []
    for reading, deleting in ((first, renewed), (renewed, renewed)):
        message = reading.queue(sandbox).receive_message(10)
        got.append(object_of(message))
        deleting.queue(sandbox).delete_message(message.receipt_handle)
    assert [(one["MessageId"], one["Status"]) for one in got] == [
        (message_id, "Sent"),
        (message_id, "Delivered"),
    ]
    assert error_of(renewed.queue(sandbox).receive_message).type == "MessageNotExist"


@pytest.mark.long
@pytest.mark.timeout(400)
def test_receipts_are_read_by_the_official_packages_of_node(
    sandbox: Sandbox, phones: Phones, space: str
) -> None:
    folder = installed(NODE)
    message_id = sent(sandbox, phones, space)
    read = subprocess.run(
        ["node", "queue_reader.js", sandbox.process.address, "sandbox", "sandbox", "1", STATUS],
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=40,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    first, second, end = json.loads(read.stdout)
    assert [(one["MessageId"], one["Status"]) for one in (first, second)] == [
        (message_id, "Sent"),
        (message_id, "Delivered"),
    ]
    assert end == "MNSMessageNotExistError"


def test_a_token_is_good_for_an_hour_in_the_time_of_shanghai(sandbox: Sandbox, space: str) -> None:
    made = token(sandbox)
    assert made.expires - made.created == timedelta(hours=1)
    assert abs(made.created - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_token_may_read_its_queue_and_nothing_else(sandbox: Sandbox, phones: Phones, space: str) -> None:
    sent(sandbox, phones, space)
    made = token(sandbox)
    own = made.queue(sandbox)
    assert [object_of(one)["Status"] for one in own.batch_peek_message(16)] == ["Sent", "Delivered"]
    assert object_of(own.peek_message())["Status"] == "Sent"
    first, second = received(own)
    hidden = own.change_message_visibility(first.receipt_handle, 60)
    own.delete_message(hidden.receipt_handle)
    own.batch_delete_message([second.receipt_handle])
    refusals = [
        error_of(own.get_attributes),
        error_of(own.set_attributes, QueueMeta()),
        error_of(own.send_message, Message("x")),
        error_of(own.delete),
        *(
            error_of(made.queue(sandbox, f"Alicom-Queue-{account}-{kind}").receive_message)
            for account, kind in (("1", INBOUND), ("1", AUDIT), ("2", STATUS), ("9", STATUS))
        ),
    ]
    assert {refused.type for refused in refusals} == {"AccessDenied"}
    for operation in (
        lambda: sts(sandbox, "get_caller_identity", by=made.credentials),
        lambda: ram(sandbox, "list_users", by=made.credentials),
        lambda: token(sandbox, by=made.credentials),
    ):
        with pytest.raises(AlibabaCloudException) as raised:
            operation()
        assert raised.value.code in ("Ram.PermissionDeny", "NoPermission")


@pytest.mark.parametrize(
    ("message_type", "queue_name", "code"),
    [
        (None, None, "MissingMessageType"),
        ("SmsReport", None, "InvalidMessageType"),
        (STATUS, f"Alicom-Queue-2-{STATUS}", "InvalidQueueName"),
        (STATUS, f"Alicom-Queue-9-{STATUS}", "InvalidQueueName"),
        (STATUS, f"Alicom-Queue-1-{INBOUND}", "InvalidQueueName"),
    ],
)
def test_what_has_no_token(
    sandbox: Sandbox, space: str, message_type: str | None, queue_name: str | None, code: str
) -> None:
    with pytest.raises(AlibabaCloudException) as raised:
        token(sandbox, message_type, queue_name)
    refused = refusal(raised.value, "QueryTokenForMnsQueue")
    assert (refused.status, refused.code) == (400, code)
    assert token(sandbox, STATUS, f"Alicom-Queue-1-{STATUS}").credentials.token


def test_a_queue_that_is_not_on_has_no_token(sandbox: Sandbox) -> None:
    with pytest.raises(AlibabaCloudException) as raised:
        token(sandbox, by=fixed("neighbour"))
    refused = refusal(raised.value, "QueryTokenForMnsQueue")
    assert refused.code == "QueueNotEnabled"
    assert "Alicom-Queue-2-ChatAppStatus" in refused.message


def test_who_may_have_one(sandbox: Sandbox, space: str) -> None:
    _, without = user_with(sandbox, policy("mns:*"))
    name, user = user_with(sandbox, ASK, policy("sts:AssumeRole"))
    session = assumed(sandbox, user, role_with(sandbox, ASK))
    with pytest.raises(AlibabaCloudException) as raised:
        token(sandbox, by=without)
    assert refusal(raised.value, "QueryTokenForMnsQueue").code == "Ram.PermissionDeny"
    readers = {who: token(sandbox, by=who).queue(sandbox) for who in (user, session)}
    for reader in readers.values():
        assert error_of(reader.receive_message).type == "MessageNotExist"
    _removed(sandbox, name, user)
    assert error_of(readers[user].receive_message).type == "AccessDenied"
    assert error_of(readers[session].receive_message).type == "MessageNotExist"


def _removed(sandbox: Sandbox, name: str, user: Credentials) -> None:
    for kept in ram(sandbox, "list_policies_for_user", user_name=name)["Policies"]["Policy"]:
        ram(
            sandbox,
            "detach_policy_from_user",
            user_name=name,
            policy_name=kept["PolicyName"],
            policy_type=kept["PolicyType"],
        )
    ram(sandbox, "delete_access_key", user_name=name, user_access_key_id=user.key)
    ram(sandbox, "delete_user", user_name=name)
    assert user != OWNER
