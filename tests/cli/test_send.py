"""`waypost send` against a sandbox."""

import json
from collections.abc import Iterator

import pytest

from tests.processes import Running, run_waypost, start_sandbox
from waypost.sandbox.fixture import TEMPLATES


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


def test_a_text_is_accepted_and_its_message_id_printed(sandbox: Running) -> None:
    done = run_waypost("send", "--to", "4915112345678", "--text", "ü &?=+", "--endpoint", sandbox.address)
    assert (done.returncode, done.stderr) == (0, "")
    message = sandbox.get(f"/sandbox/messages/{done.stdout.strip()}")
    assert message["content"] == {"text": "ü &?=+"}
    assert message["label"] == "promotion"


def test_every_option_reaches_the_service(sandbox: Running) -> None:
    done = run_waypost(
        *("send", "--to", "4915112340002", "--from", "20001", "--label", "transaction"),
        *("--template", "sandbox_welcome", "--language", "en", "--param", "name=Zoe", "--param", "code=a=b"),
        *("--fall-back-id", "S_000001", "--fall-back-content", "by SMS", "--fall-back-duration", "60"),
        *("--fall-back-rule", "sentFailed", "--ttl", "600", "--tag", "autumn", "--tracking-data", "t:1"),
        *("--task-id", "77", "--space", "cams-sandbox", "--endpoint", sandbox.endpoint, "--json"),
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert set(answer) == {"RequestId", "Code", "Message", "MessageId"}
    message = sandbox.get(f"/sandbox/messages/{answer['MessageId']}")
    assert message["content"] == {"text": "Hello Zoe, your code is a=b."}
    named = ("label", "ttl", "tag", "tracking_data", "task_id", "space_id")
    assert [message[name] for name in named] == ["transaction", 600, "autumn", "t:1", "77", "cams-sandbox"]
    sandbox.advance(62)
    legs = sandbox.get(f"/sandbox/messages/{answer['MessageId']}")["legs"]
    assert [leg["channel"] for leg in legs] == ["viber", "sms"]
    assert sandbox.get("/sandbox/phones/4915112340002")["messages"][-1]["text"] == "by SMS"


@pytest.mark.parametrize(
    ("channel", "to"), [("telegram", "4915112345678"), ("line", "U4af4980629a0123456789abcdef01234")]
)
def test_a_free_message_on_another_channel(sandbox: Running, channel: str, to: str) -> None:
    for content in (("--text", "hi"), ("--content", '{"text":"hi"}', "--message-type", "text")):
        done = run_waypost("send", "--channel", channel, "--to", to, *content, "--endpoint", sandbox.address)
        assert done.returncode == 0, done.stderr
        message = sandbox.get(f"/sandbox/messages/{done.stdout.strip()}")
        assert (message["channel"], message["content"]) == (channel, {"text": "hi"})


@pytest.mark.parametrize(("channel", "code"), TEMPLATES.items())
def test_a_template_on_another_channel(sandbox: Running, channel: str, code: str) -> None:
    done = run_waypost(
        *("send", "--channel", channel, "--to", "4915112345678", "--template", code),
        *("--param", "name=Zoe", "--param", "code=12", "--endpoint", sandbox.address),
    )
    assert done.returncode == 0, done.stderr
    assert sandbox.get(f"/sandbox/messages/{done.stdout.strip()}")["channel"] == channel


def test_the_environment_names_endpoint_and_key(sandbox: Running) -> None:
    environment = {
        "WAYPOST_ENDPOINT": sandbox.address,
        "WAYPOST_ACCESS_KEY_ID": "neighbour",
        "WAYPOST_ACCESS_KEY_SECRET": "neighbour",
    }
    done = run_waypost(
        "send", "--to", "4915112345678", "--from", "30001", "--text", "hi", environment=environment
    )
    assert done.returncode == 0, done.stderr
    assert sandbox.get(f"/sandbox/messages/{done.stdout.strip()}")["account_id"] == "2"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--to", "+49", "--text", "hi"), "ToOnlyNumeric"),
        (("--to", "4915112345678", "--text", "hi", "--access-key-secret", "no"), "SignatureDoesNotMatch"),
        (
            ("--to", "4915112345678", "--text", "hi", "--access-key-id", "nobody"),
            "InvalidAccessKeyId.NotFound",
        ),
        (("--to", "4915112345678", "--text", "hi", "--from", "30001"), "From"),
    ],
)
def test_a_refusal_exits_with_1_and_prints_its_code(
    sandbox: Running, options: tuple[str, ...], error: str
) -> None:
    done = run_waypost("send", *options, "--endpoint", sandbox.address)
    assert done.returncode == 1
    assert done.stdout == ""
    assert error in done.stderr
    assert "RequestId" in done.stderr


def test_a_refusal_as_json_is_the_answer(sandbox: Running) -> None:
    done = run_waypost("send", "--to", "x", "--text", "hi", "--endpoint", sandbox.address, "--json")
    assert done.returncode == 1
    assert {"Code", "Message", "RequestId"} <= json.loads(done.stdout).keys()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "ftp://127.0.0.1", "http://127.0.0.1:x", ""])
def test_an_endpoint_that_is_none_exits_with_1_and_prints_what_to_start(endpoint: str) -> None:
    done = run_waypost("send", "--to", "4915112345678", "--text", "hi", "--endpoint", endpoint)
    assert done.returncode == 1
    assert "waypost sandbox" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--text", "hi", "--template", "t"),
        ("--text", "hi", "--param", "a=b"),
        ("--template", "t", "--param", "a"),
        ("--text", "hi", "--content", "{}"),
        ("--text", "hi", "--message-type", "image"),
        ("--channel", "vyber", "--text", "hi"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(options: tuple[str, ...]) -> None:
    done = run_waypost("send", "--to", "4915112345678", *options)
    assert done.returncode == 2
    assert done.stderr
