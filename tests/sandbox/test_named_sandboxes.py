"""Behind one port each name has a sandbox of its own; a reset makes one what it was at first."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from alibabacloud_cams20200606 import models

from tests.processes import Running, fetch, start_sandbox, until
from tests.sdk.callers import FREE, Sandbox
from tests.sdk.queues import drain, queue

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from aliyunsdkcore.client import AcsClient
    from aliyunsdkcore.request import CommonRequest

PHONE = "4915112345678"
UNKNOWN = {"error": "there is no such message"}
HOURS_12 = 12 * 3600


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    with start_sandbox(limit=0) as running:
        yield running


@pytest.fixture
def sandbox(process: Running) -> Sandbox:
    return Sandbox(process)


def shown(process: Running, name: str, number: str = PHONE) -> list[str]:
    root = f"/@{name}" if name else ""
    process.post(f"{root}/sandbox/clock/advance", {"seconds": 0})
    return [message["text"] for message in process.get(f"{root}/sandbox/phones/{number}")["messages"]]


def ahead_s(process: Running, name: str) -> float:
    clock = process.get(f"/@{name}/sandbox/clock" if name else "/sandbox/clock")
    return round(float(clock["ahead_seconds"]))


def test_nobody_sees_what_another_one_does(process: Running, sandbox: Sandbox) -> None:
    sent = {name: sandbox.send(**FREE, key=f"{name}@sandbox", to=PHONE) for name in ("one", "two")}
    process.post("/@one/sandbox/clock/advance", {"seconds": HOURS_12})
    assert shown(process, "one") == shown(process, "two") == ["hello"]
    assert shown(process, "") == shown(process, "three") == []
    assert (ahead_s(process, "one"), ahead_s(process, "two"), ahead_s(process, "")) == (HOURS_12, 0, 0)
    of_one = process.get("/@one/sandbox/callbacks")["callbacks"]
    assert {callback["message_id"] for callback in of_one} == {sent["one"]}
    assert [callback["body"]["Status"] for callback in of_one] == ["Sent", "Delivered", "Read"]
    assert process.get(f"/@two/sandbox/messages/{sent['one']}") == UNKNOWN


def test_every_key_of_the_fixture_is_there_under_the_name(sandbox: Sandbox) -> None:
    assert sandbox.refused(**FREE, key="keys@denied", to=PHONE).code == "Ram.PermissionDeny"
    assert sandbox.refused(**FREE, key="keys@unsubscribed", to=PHONE).code == "Product.Unsubscript"
    assert sandbox.refused(**FREE, key="keys@sandbox", secret="sandbox", to=PHONE).code == (
        "SignatureDoesNotMatch"
    )
    assert sandbox.refused(**FREE, key="keys@nobody", to=PHONE).code == "InvalidAccessKeyId.NotFound"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_older_sdk_has_its_key_in_the_query_or_the_body(process: Running, method: str) -> None:
    name = f"older-{method}"
    request = CommonRequest()
    request.set_domain(process.endpoint)
    request.set_version("2020-06-06")
    request.set_action_name("SendChatappMessage")
    request.set_protocol_type("http")
    request.set_method(method)
    values = {
        "ChannelType": "viber",
        "Type": "message",
        "MessageType": "text",
        "From": "20001",
        "To": PHONE,
        "Content": '{"text":"hello"}',
        "Label": "promotion",
    }
    for key, value in values.items():
        if method == "GET":
            request.add_query_param(key, value)
        else:
            request.add_body_params(key, value)
    client = AcsClient(f"{name}@sandbox", f"{name}@sandbox", "cn-hangzhou")
    assert json.loads(client.do_action_with_exception(request))["Code"] == "OK"
    assert shown(process, name) == ["hello"]


def test_queues_are_found_by_the_key(process: Running, sandbox: Sandbox) -> None:
    key = "queues@sandbox"
    client = sandbox.client(key)
    client.update_account_webhook(
        models.UpdateAccountWebhookRequest(cust_space_id="cams-sandbox", queue_flag="Y")
    )
    sandbox.send(**FREE, key=key, to=PHONE)
    process.post("/@queues/sandbox/clock/advance", {"seconds": 5})
    received = drain(queue(sandbox, key=key))
    assert [status["Status"] for status in received] == ["Sent", "Delivered", "Read"]
    assert drain(queue(sandbox, key="others@sandbox")) == []


def test_a_reset_makes_it_what_it_was_at_first(process: Running, sandbox: Sandbox) -> None:
    client = sandbox.client("again@sandbox")
    first = sandbox.send(**FREE, key="again@sandbox", to=PHONE)
    client.update_account_webhook(
        models.UpdateAccountWebhookRequest(
            cust_space_id="cams-sandbox", status_callback_url="http://127.0.0.1:9/never"
        )
    )
    process.post("/@again/sandbox/clock/advance", {"seconds": HOURS_12})
    process.post("/@again/sandbox/reset")
    assert shown(process, "again") == []
    assert ahead_s(process, "again") == 0
    assert process.get("/@again/sandbox/callbacks")["callbacks"] == []
    assert process.get(f"/@again/sandbox/messages/{first}") == UNKNOWN
    # The URL that a call set is gone: callbacks are stored again.
    second = sandbox.send(**FREE, key="again@sandbox", to=PHONE)
    process.post("/@again/sandbox/clock/advance", {"seconds": 5})
    stored = process.get(f"/@again/sandbox/callbacks?message_id={second}")["callbacks"]
    assert [callback["body"]["Status"] for callback in stored] == ["Sent", "Delivered", "Read"]


def test_a_closed_one_is_gone_and_its_name_is_free(process: Running, sandbox: Sandbox) -> None:
    # Its receipts come after it is closed, which does not open it again.
    sandbox.send(**FREE, key="short@sandbox", to="4915112340004")
    assert fetch(f"{process.address}/@short/sandbox", method="DELETE") == {"ok": True}
    refused = process.post("/@short/receipts/sandbox-viber/sandbox", {})
    assert refused == {"error": "there is no such sandbox"}
    assert shown(process, "short", "4915112340004") == []


def test_the_home_page_shows_the_keys_of_its_sandbox(process: Running) -> None:
    with urlopen(Request(f"{process.address}/@mine/here", headers={"Accept": "text/html"})) as answer:
        page = answer.read().decode()
    assert "mine@sandbox" in page
    assert f"{process.address}/@mine/sandbox/clock" in page


def test_a_reset_of_a_kept_folder_keeps_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with start_sandbox(tmp_path, limit=0) as running:
        kept = Sandbox(running)
        kept.send(**FREE, to=PHONE)
        kept.advance(HOURS_12)
        running.post("/sandbox/reset")
        assert shown(running, "") == []
        assert ahead_s(running, "") == 0
        kept.send(**FREE, to=PHONE)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    with start_sandbox(tmp_path, limit=0) as running:
        assert shown(running, "") == ["hello"]


@pytest.mark.long
def test_what_is_closed_leaves_nothing_behind() -> None:
    with start_sandbox(limit=0) as running:
        sandbox = Sandbox(running)

        def open_and_close(first: int) -> None:
            names = [f"n{number}" for number in range(first, first + 20)]
            for name in names:
                sandbox.send(**FREE, key=f"{name}@sandbox", to=PHONE)
            for name in names:
                fetch(f"{running.address}/@{name}/sandbox", method="DELETE")

        def descriptors() -> int:
            return len(list(Path(f"/proc/{running.process.pid}/fd").iterdir()))

        # What every sandbox shares is loaded by the first ones.
        for turn in range(2):
            open_and_close(20 * turn)
        resident, files = resident_mb(running), descriptors()
        for turn in range(2, 6):
            open_and_close(20 * turn)
        assert resident_mb(running) < resident + 15
        until(lambda: descriptors() < files + 20, what="its files to be closed")


def resident_mb(running: Running) -> float:
    status = Path(f"/proc/{running.process.pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
