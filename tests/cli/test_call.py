"""`waypost call`: any operation of any product, against a sandbox."""

import json
from collections.abc import Iterator

import pytest

from tests.processes import Running, run_waypost, start_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


def test_an_operation_of_each_product(sandbox: Running) -> None:
    for action, parameters, member in (
        ("ListInstance", ("PageSize=1",), "Data"),
        ("CreateUser", ("UserName=alice",), "User"),
        ("GetCallerIdentity", (), "AccountId"),
    ):
        done = run_waypost("call", action, *parameters, "--endpoint", sandbox.endpoint)
        assert (done.returncode, done.stderr) == (0, "")
        answer = json.loads(done.stdout)
        assert {"RequestId", member} <= answer.keys()


def test_a_value_may_have_any_characters(sandbox: Running) -> None:
    done = run_waypost(
        *("call", "SendChatappMessage", "ChannelType=viber", "From=20001", "To=4915112345678"),
        *("Type=message", "MessageType=text", "Label=promotion", 'Content={"text":"a=b&c ü"}'),
        *("--endpoint", sandbox.address),
    )
    assert done.returncode == 0, done.stderr
    message = sandbox.get(f"/sandbox/messages/{json.loads(done.stdout)['MessageId']}")
    assert message["content"] == {"text": "a=b&c ü"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("SendChatappMessage",), "MissingChannelType"),
        (("SendChattapMessage",), "InvalidAction.NotFound"),
        (("ListInstance", "--version", "2000-01-01"), "InvalidVersion"),
        (("ListInstance", "--access-key-secret", "no"), "SignatureDoesNotMatch"),
    ],
)
def test_a_refusal_is_printed_and_exits_with_1(
    sandbox: Running, arguments: tuple[str, ...], code: str
) -> None:
    done = run_waypost("call", *arguments, "--endpoint", sandbox.address)
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["Code"] in (code, "NoSuchVersion")
    assert f"{answer['Code']}: " in done.stderr
    assert answer["RequestId"] in done.stderr


@pytest.mark.parametrize("parameters", [("a",), ("=b",), ("A=1", "A=2")], ids=" ".join)
def test_wrong_usage_is_2(parameters: tuple[str, ...]) -> None:
    done = run_waypost("call", "ListInstance", *parameters)
    assert done.returncode == 2
    assert done.stderr


def test_a_service_that_is_not_there_is_1() -> None:
    done = run_waypost("call", "ListInstance", "--endpoint", "http://127.0.0.1:9")
    assert (done.returncode, "waypost sandbox" in done.stderr) == (1, True)
