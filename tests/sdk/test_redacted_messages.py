"""How a message without content looks to a customer, and that its callbacks are not replayed."""

from pathlib import Path
from typing import Any

import pytest

from tests.processes import run_waypost, start_sandbox
from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import call, own
from tests.sdk.test_mass_and_list import page


@pytest.mark.long
def test_lists_have_it_without_number_and_content(tmp_path: Path, phones: Phones) -> None:
    number = phones.new()
    with start_sandbox(tmp_path) as process:
        sandbox = Sandbox(process)
        sent = [sandbox.send(**FREE, to=to, task_id="autumn") for to in (number, phones.new())]
        sandbox.advance(60)
        erased = run_waypost("recipients", "erase", number, "--data", str(tmp_path))
        assert erased.returncode == 0, erased.stderr

        filters: dict[str, Any] = {
            "start_time": 0,
            "page": page(1, 10),
            "channel_type": "viber",
            "business_number": "20001",
            "cust_space_id": "cams-sandbox",
        }
        redacted, whole = call(sandbox, "list_chatapp_message", **filters)["Data"]
        assert [redacted["MessageId"], whole["MessageId"]] == sent
        assert (redacted["UserNumber"], redacted["Message"]) == ("", "{}")
        assert (redacted["MessageStatus"], redacted["BusinessNumber"]) == ("Read", "20001")
        assert whole["Message"] == '{"text":"hello"}'
        by_number = call(sandbox, "list_chatapp_message", **filters, user_number=number)
        assert by_number["Data"] == []

        detail = own(sandbox, "GetChatappMessageDetail", MessageId=sent[0])["Data"]
        assert number not in str(detail)
        assert (detail["State"], detail["TaskId"], detail["Legs"][0]["To"]) == ("read", "autumn", "")
        assert {callback["Status"] for callback in detail["Callbacks"]} == {"Sent", "Delivered", "Read"}

        replayed = own(sandbox, "ReplayCallbacks", MessageId=sent[0])["Data"]
        assert (replayed["ReplayedCount"], replayed["LeftCount"]) == (0, 3)


@pytest.mark.long
def test_what_is_left_for_want_of_content_is_counted(tmp_path: Path, phones: Phones) -> None:
    number = phones.new()
    with start_sandbox(tmp_path, callback_url="http://127.0.0.1:9/") as process:
        sandbox = Sandbox(process)
        message_id = sandbox.send(**FREE, to=number)
        sandbox.advance(3600)
        assert run_waypost("recipients", "erase", number, "--data", str(tmp_path)).returncode == 0
        replayed = own(sandbox, "ReplayCallbacks", MessageId=message_id)["Data"]
        assert (replayed["ReplayedCount"], replayed["LeftCount"], replayed["RedactedCount"]) == (0, 3, 3)
