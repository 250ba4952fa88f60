"""The situations that a sandbox can begin in, each as a program that sends sees it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from tests.processes import WAYPOST, Running, environment_of, fetch, start
from tests.sdk.callers import FREE, Sandbox
from waypost.sandbox.named_scenarios import BLOCKED, NAMED_SCENARIOS, STOPPED
from waypost.testing import sandbox

PHONE = "4915112345678"


@contextmanager
def begun(name: str) -> Iterator[tuple[Running, Sandbox]]:
    with start(["sandbox", "--port", "0", "--limit", "0", "--scenario", name]) as process:
        yield process, Sandbox(process)


def test_outage() -> None:
    with begun("outage") as (process, caller):
        caller.send(**FREE, to=PHONE, ttl=86_400, fall_back_id="S_000001", fall_back_duration=600)
        caller.advance(660)
        assert [message["channel"] for message in caller.shown(PHONE)] == ["sms"]
        fetch(f"{process.address}/sandbox/disruptions", method="DELETE")
        caller.send(**FREE, to=PHONE)
        caller.advance(60)
        assert [message["channel"] for message in caller.shown(PHONE)] == ["sms", "viber"]
        process.post("/sandbox/reset")
        assert [one["kind"] for one in process.get("/sandbox/disruptions")["providers"]] == ["down"]


def test_busy() -> None:
    def throttled(caller: Sandbox) -> set[str]:
        for number in range(40):
            with suppress(AlibabaCloudException):
                caller.send(**FREE, to=f"49151123{number:02}678", ttl=86_400)
        caller.advance(40_000)
        listed = caller.process.get("/sandbox/calls?code=System.LimitControl")["calls"]
        return {call["parameters"]["To"] for call in listed}

    with begun("busy") as (process, caller):
        refused = throttled(caller)
        assert 0 < len(refused) < 20
        [busy] = process.get("/sandbox/disruptions")["providers"]
        assert busy["hits"] > 0
        messages = process.get("/sandbox/messages?limit=100")["messages"]
        assert {message["state"] for message in messages} == {"read"}
        process.post("/sandbox/reset")
        assert throttled(caller) == refused


def test_opt_outs() -> None:
    with begun("opt-outs") as (process, caller):
        assert caller.refused(**FREE, to=STOPPED).code == "InvalidParameter.ToSuppressed"
        blocked = caller.send(**FREE | {"label": "transaction"}, to=BLOCKED)
        caller.advance(60)
        assert [body["Status"] for body in caller.callbacks(blocked)] == ["Failed"]
        with sandbox(process.address) as named:
            assert Sandbox(process).refused(
                **FREE, to=STOPPED, key=named.access_key_id, secret=named.access_key_secret
            )


def test_late_receipts() -> None:
    with begun("late-receipts") as (_, caller):
        message_id = caller.send(**FREE, to=PHONE, ttl=86_400)
        caller.advance(500)
        assert [body["Status"] for body in caller.callbacks(message_id)] == ["Sent"]
        caller.advance(200)
        assert [body["Status"] for body in caller.callbacks(message_id)] == ["Sent", "Delivered", "Read"]


@pytest.mark.parametrize(
    "options", [["--scenario", "war"], ["--scenario", "busy", "--state", "some.json"]], ids=["name", "state"]
)
def test_wrong_options_are_refused(options: list[str]) -> None:
    refused = subprocess.run(
        [*WAYPOST, "sandbox", "--port", "0", *options],
        capture_output=True,
        text=True,
        env=environment_of(None),
        timeout=60,
        check=False,
    )
    assert refused.returncode == 2
    sentences = " ".join(refused.stderr.split())
    assert f"is none of: {', '.join(NAMED_SCENARIOS)}" in sentences or "cannot be there both" in sentences
