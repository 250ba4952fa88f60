"""A project of a user's: a program that sends messages, its tests, and no conftest."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from alibabacloud_cams20200606.models import SendChatappMessageRequest


def send_code(client, to, code, **more):
    return client.send_chatapp_message(SendChatappMessageRequest(
        channel_type="viber", type="message", message_type="text", from_="20001", to=to,
        content='{"text": "Your code is %s."}' % code, label="promotion", ttl=86400, **more,
    )).body.message_id
"""

TESTS = """
import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from program import send_code

PHONE, SILENT, NOBODY = "4915112345678", "4915112340002", "4915112340001"


def test_nothing_is_sent(waypost):
    assert waypost.messages == []
    assert waypost.calls == []


def test_a_code(waypost):
    send_code(waypost.client, PHONE, "4711")
    assert waypost.phone(PHONE).code == "4711"
    assert waypost.phone(PHONE).texts == ["Your code is 4711."]
    assert waypost.expect_message(PHONE, state="sent", channel="viber").to == PHONE


def test_an_sms_follows_after_twelve_hours(waypost):
    send_code(waypost.client, SILENT, "4711", fall_back_id="S_000001", fall_back_duration=43200)
    waypost.advance(hours=11)
    assert [message.channel for message in waypost.phone(SILENT).messages] == ["viber"]
    waypost.advance(hours=1)
    assert [message.channel for message in waypost.phone(SILENT).messages] == ["viber", "sms"]


def test_a_throttle(waypost):
    waypost.fail_next("System.LimitControl", operation="SendChatappMessage")
    with pytest.raises(AlibabaCloudException, match="LimitControl"):
        send_code(waypost.client, PHONE, "1")
    send_code(waypost.client, PHONE, "2222")
    assert [call.code for call in waypost.calls] == ["System.LimitControl", "OK"]
    assert [call.parameters["To"] for call in waypost.refused] == [PHONE]


def test_what_a_person_does(waypost):
    message_id = send_code(waypost.client, PHONE, "4711")
    waypost.advance(5)
    waypost.phone(PHONE).reply("Thank you")
    assert waypost.statuses(message_id) == ["Sent", "Delivered", "Read"]
    assert waypost.callbacks[-1].body["Message"] == "Thank you"


def test_a_person_answers_what_was_just_sent(waypost):
    send_code(waypost.client, PHONE, "4711")
    waypost.phone(PHONE).reply("Thank you")
    assert [call.code for call in waypost.calls] == ["OK"]


def test_a_reset(waypost):
    send_code(waypost.client, PHONE, "4711")
    waypost.advance(days=2)
    waypost.reset()
    assert waypost.messages == []
    assert waypost.phone(PHONE).messages == []


def test_a_user_without_permission(waypost):
    with pytest.raises(AlibabaCloudException, match="PermissionDeny"):
        send_code(waypost.client_of("denied"), PHONE, "1")
"""

FAILING = """
from program import send_code


def test_that_fails(waypost):
    send_code(waypost.client, "4915112340001", "4711")
    waypost.expect_message("4915112340001", state="delivered")
"""


def run_tests(folder: Path, *options: str, tests: str = TESTS) -> "subprocess.CompletedProcess[str]":
    """Runs the tests of the project, with `options` of pytest."""
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "test_program.py").write_text(tests, encoding="utf-8")
    # As in a shell of the user's, not as below the test run that this is.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
