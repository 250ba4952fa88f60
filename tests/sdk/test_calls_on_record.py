"""Every call leaves a record, which its RequestId finds: by ListCalls and by `waypost calls`."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cams20200606.models import SendChatappMassMessageRequestSenderList as Recipient

from tests.processes import run_waypost, start_sandbox, until
from tests.sdk.callers import FREE, FREE_BY_NAME, TEMPLATE, Phones, Sandbox, core_call
from tests.sdk.operations import call, own, own_refused
from tests.sdk.queues import error_of, queue_account

SECRET_TEXT = "the-code-is-4711"
PHONE = "8613800007777"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calls")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Sandbox]:
    with start_sandbox(folder) as process:
        yield Sandbox(process)


def listed(sandbox: Sandbox, request_id: str, **more: Any) -> dict[str, Any]:
    """The call as ListCalls has it, once it is written."""
    [row] = until(
        lambda: own(sandbox, "ListCalls", RequestId=request_id, **more)["Data"], what="the call is listed"
    )
    return dict(row)


def shown(folder: Path, request_id: str) -> dict[str, Any]:
    """The call as the command shows it."""
    done = run_waypost("calls", "show", request_id, "--data", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    fields: dict[str, Any] = json.loads(done.stdout)
    return fields


def test_a_refused_call_is_found_by_its_request_id(service: Sandbox, folder: Path) -> None:
    refused = service.refused(**{**FREE, "to": f"{PHONE}x", "content": f'{{"text":"{SECRET_TEXT}"}}'})
    request_id = refused.body["RequestId"]
    row = listed(service, request_id)
    assert (row["Operation"], row["Code"], row["AccessKeyId"], row["SourceIp"]) == (
        "SendChatappMessage",
        "InvalidParameter.ToOnlyNumeric",
        "sandbox",
        "127.0.0.1",
    )
    assert row["IsAuthenticated"] is True
    assert row["Milliseconds"] >= 0
    assert row["Parameters"]["Label"] == "promotion"
    assert row["Parameters"]["Content"] == f"{len(SECRET_TEXT) + 11} characters"
    fields = shown(folder, request_id.lower())
    assert (fields["code"], fields["account_id"], fields["ms"]) == (row["Code"], "1", row["Milliseconds"])
    assert fields["parameters"] == row["Parameters"]
    assert f"account=1 code={row['Code']}" in service.process.log


def test_an_accepted_message_is_found_by_its_request_id_and_has_what_was_misspelled(
    service: Sandbox, folder: Path
) -> None:
    answer = json.loads(core_call(service, {**FREE_BY_NAME, "To": PHONE, "Lable": "transaction"}))
    [row] = own(service, "ListCalls", RequestId=answer["RequestId"])["Data"]
    assert (row["Code"], row["MessageId"], row["UnknownParameters"]) == ("OK", answer["MessageId"], ["Lable"])
    assert row["Parameters"]["To"] == "8613******777"
    fields = shown(folder, answer["RequestId"])
    assert (fields["message_id"], fields["unknown"], fields["access_key_id"], fields["address"]) == (
        answer["MessageId"],
        ["Lable"],
        "sandbox",
        "127.0.0.1",
    )


def test_a_call_to_many_is_found_by_its_request_id(service: Sandbox) -> None:
    shared: dict[str, Any] = {
        name: value for name, value in TEMPLATE.items() if name not in ("type", "template_params")
    }
    recipients = [Recipient(to=f"{PHONE}{n}", template_params={"name": "Zoe", "code": "1"}) for n in (1, 2)]
    answer = call(service, "send_chatapp_mass_message", **shared, sender_list=recipients)
    row = listed(service, answer["RequestId"])
    assert (row["Operation"], row["MessageId"]) == ("SendChatappMassMessage", answer["GroupMessageId"])


def test_what_a_refused_call_misspelled_is_named_and_its_value_hidden(service: Sandbox) -> None:
    refused = own_refused(service, "CreateSuppression", Too=SECRET_TEXT, ChannelType="viber")
    row = listed(service, refused.body["RequestId"])
    assert row["UnknownParameters"] == ["Too"]
    assert SECRET_TEXT not in str(row)


def test_a_wrong_signature_has_what_was_expected_and_what_was_sent(service: Sandbox, folder: Path) -> None:
    refused = service.refused(**FREE, to=PHONE, secret="not-the-secret")
    expected = refused.message.partition("server string to sign is:")[2]
    row = listed(service, refused.body["RequestId"])
    assert row["IsAuthenticated"] is False
    assert row["StringToSign"] == expected
    assert len(row["Signature"]) == 64
    fields = shown(folder, refused.body["RequestId"])
    assert (fields["string_to_sign"], fields["signature"]) == (expected, row["Signature"])


def test_a_wrong_signature_of_v1_has_its_values_masked(service: Sandbox) -> None:
    content = json.dumps({"text": SECRET_TEXT})
    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        core_call(service, {**FREE_BY_NAME, "To": PHONE, "Content": content}, secret="wrong")
    rows = until(
        lambda: [
            row
            for row in own(service, "ListCalls", Code="SignatureDoesNotMatch")["Data"]
            if row["StringToSign"].startswith("POST&%2F&")
        ]
    )
    assert "Content%3D%2A%2A%2A" in rows[0]["StringToSign"]
    assert "From%3D20001" in rows[0]["StringToSign"]
    assert SECRET_TEXT not in str(rows)


def test_a_call_that_repeats_a_client_token_has_a_record_of_its_own(service: Sandbox) -> None:
    parameters = {**FREE_BY_NAME, "To": PHONE, "ClientToken": "once"}
    first, second = (json.loads(core_call(service, parameters)) for _ in range(2))
    assert first["MessageId"] == second["MessageId"]
    assert listed(service, second["RequestId"])["MessageId"] == first["MessageId"]


def test_the_accepted_calls_of_other_operations_are_listed_by_filters(service: Sandbox, folder: Path) -> None:
    made = own(service, "CreateSuppression", To="8613800001234", ChannelType="viber")
    row = listed(service, made["RequestId"])
    assert (row["Code"], row["Operation"]) == ("OK", "CreateSuppression")
    newest = own(service, "ListCalls", Operation="CreateSuppression", Code="OK", PageSize="1")["Data"]
    assert [each["RequestId"] for each in newest] == [made["RequestId"]]
    before = own(service, "ListCalls", EndTime=row["CreateTime"], Operation="CreateSuppression", Code="OK")
    assert made["RequestId"] not in str(before["Data"])
    done = run_waypost(
        *("calls", "list", "--data", str(folder), "--operation", "CreateSuppression", "--code", "OK"),
        *("--account", "1", "--since", "2020-01-01", "--json"),
    )
    assert json.loads(done.stdout)[0]["request_id"] == made["RequestId"]
    none = run_waypost("calls", "list", "--data", str(folder), "--until", "2020-01-01T00:00:00")
    assert (none.stdout, none.stderr) == ("", "0 calls\n")


def queue_calls(sandbox: Sandbox, **filters: str) -> list[dict[str, Any]]:
    """The requests of the queues' SDK that are on record, the newest first."""
    rows = own(sandbox, "ListCalls", PageSize="1000", **filters)["Data"]
    return [row for row in rows if row["Operation"].startswith("mns:")]


def test_requests_of_the_queues_sdk_are_on_record(service: Sandbox) -> None:
    consumer = queue_account(service.process.address)
    consumer.list_queue()
    error = error_of(consumer.get_queue("nobodys").get_attributes)
    until(lambda: len(queue_calls(service)) == 2, what="both are listed")
    rows = queue_calls(service)
    assert [(row["Operation"], row["Code"]) for row in rows] == [
        ("mns:GetQueueAttributes", "QueueNotExist"),
        ("mns:ListQueue", "OK"),
    ]
    assert rows[0]["RequestId"] == error.req_id
    assert rows[0]["Parameters"] == {"QueueName": "nobodys"}
    assert {(row["IsAuthenticated"], row["AccessKeyId"], row["SourceIp"]) for row in rows} == {
        (True, "sandbox", "127.0.0.1")
    }
    assert rows[0]["Milliseconds"] >= 0


def test_a_wrong_signature_of_the_queues_sdk_is_on_record_with_what_was_expected(service: Sandbox) -> None:
    refused = error_of(queue_account(service.process.address, secret="wrong").list_queue)
    assert refused.type == "SignatureDoesNotMatch"
    row = listed(service, refused.req_id)
    assert (row["Operation"], row["Code"], row["IsAuthenticated"]) == (
        "mns:ListQueue",
        "SignatureDoesNotMatch",
        False,
    )
    assert row["StringToSign"].startswith("GET\n")
    assert row["StringToSign"].endswith("\n/queues")
    assert len(row["Signature"]) == 28


def test_another_account_finds_none_of_it(service: Sandbox) -> None:
    sent = service.answer(**FREE, to=PHONE)
    refused = service.refused(**FREE, to="x")
    listed(service, refused.body["RequestId"])
    for request_id in (sent["RequestId"], refused.body["RequestId"]):
        assert own(service, "ListCalls", key="neighbour", RequestId=request_id)["Data"] == []
    calls = own(service, "ListCalls", key="neighbour", PageSize="1000")["Data"]
    assert refused.body["RequestId"] not in str(calls)


def test_nothing_of_secrets_or_content_is_in_the_records(service: Sandbox, folder: Path) -> None:
    service.refused(**{**FREE, "to": f"{PHONE}x", "content": f'{{"text":"{SECRET_TEXT}"}}'})
    service.refused(**FREE, to=PHONE, secret="not-the-secret", key="the-secret-in-the-wrong-place")
    end = service.refused(**FREE, to=f"{PHONE}y")
    listed(service, end.body["RequestId"])
    with closing(sqlite3.connect(folder / "waypost.db")) as connection:
        rows = str(connection.execute("SELECT * FROM call_record").fetchall())
    assert end.body["RequestId"] in rows
    for hidden in (SECRET_TEXT, PHONE, "not-the-secret", "the-secret-in-the-wrong-place", "hello"):
        assert hidden not in rows
        assert hidden not in service.process.log


def test_what_no_call_has_is_not_found(service: Sandbox, folder: Path) -> None:
    done = run_waypost("calls", "show", "no-such-call", "--data", str(folder))
    assert (done.returncode, done.stderr) == (1, "waypost: there is no call no-such-call on record\n")
    wrong = run_waypost("calls", "list", "--data", str(folder), "--since", "yesterday")
    assert wrong.returncode == 2
    assert "allowed is 2026-11-23" in wrong.stderr


def test_a_kill_takes_no_request_id_of_an_accepted_message(tmp_path: Path, phones: Phones) -> None:
    with start_sandbox(tmp_path) as process:
        sandbox = Sandbox(process)
        written = sandbox.refused(**FREE, to="x").body["RequestId"]
        listed(sandbox, written)
        answers = [sandbox.answer(**FREE, to=phones.new()) for _ in range(20)]
        process.kill()
    for answer in answers[:1] + answers[-1:]:
        assert shown(tmp_path, answer["RequestId"])["message_id"] == answer["MessageId"]
    assert shown(tmp_path, written)["code"] == "InvalidParameter.ToOnlyNumeric"


def test_a_stop_writes_what_was_answered(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as process:
        refused = Sandbox(process).refused(**FREE, to="x")
        process.stop()
    assert shown(tmp_path, refused.body["RequestId"])["code"] == "InvalidParameter.ToOnlyNumeric"
