"""A process is killed while the SMS gateway holds its request: what is sent again, and what is not."""

import json
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from bench.signed import requests

from tests.beside import make_key, states
from tests.cli.configs import write_config
from tests.crash.callers import answer_to, connect
from tests.processes import Running, run_waypost, start_serve, until
from tests.upgrade.providers import HANG, REFUSE, Providers

LABELS = {"380500000501": "transaction", "380500000502": "promotion"}
_POLICY = """
[[accounts.acme.fallbacks]]
id = "S_000009"
name = "SMS"
rules = [{ name = "sms", channel = "sms", sender = "Acme" }]

[delivery]
in_doubt_wait = 0.5
"""


@pytest.fixture
def providers() -> Iterator[Providers]:
    with closing(Providers(1000)) as listening:
        for recipient in LABELS:
            listening.plans["viber", recipient] = _plan(REFUSE)
            listening.plans["sms", recipient] = _plan(HANG)
        yield listening


def _plan(*answers: str) -> "deque[str]":
    return deque(answers)


@pytest.mark.long
@pytest.mark.parametrize("resends", [True, False])
def test_a_transaction_is_sent_again_once_and_a_promotion_never(
    tmp_path: Path, providers: Providers, resends: bool
) -> None:
    more = _POLICY + ("" if resends else 'resend_in_doubt = ["viber"]\n')
    config = write_config(tmp_path, viber=f"{providers.url}/viber", more=more)
    config.write_text(
        config.read_text(encoding="utf-8").replace(
            "http://127.0.0.1:9/cgi-bin/sendsms", f"{providers.url}/sms/sendsms"
        ),
        encoding="utf-8",
    )
    key = make_key(config)
    with start_serve(config) as running:
        messages = send(running, key.id, key.secret)
        until(lambda: len(sms(providers)) == 2, what="two requests at the gateway")
        running.kill()
    with start_serve(config) as running:
        until(lambda: "submitting" not in states(config).values(), what="the doubt")
        expected = sorted([*LABELS, "380500000501"] if resends else LABELS)
        until(lambda: len(sms(providers)) == len(expected), what="the second request")
        # What would be sent again is due after half a second.
        passed = time.monotonic() + 1.0
        until(lambda: time.monotonic() > passed)
        assert sorted(sms(providers)) == expected
        assert shown(config, messages[1]) == "in_doubt"


def send(running: Running, key: str, secret: str) -> list[str]:
    messages = []
    with connect(running.port) as connection:
        for recipient, label in LABELS.items():
            [request] = requests(
                1,
                running.port,
                key=key,
                secret=secret,
                To=recipient,
                Label=label,
                FallBackId="S_000009",
                FallBackContent="your code",
            )
            answer = answer_to(connection, request)
            assert answer["Code"] == "OK", answer
            messages.append(answer["MessageId"])
    return messages


def sms(providers: Providers) -> Sequence[str]:
    """The recipients of the requests at the SMS gateway."""
    return [submission.recipient for submission, _ in providers.asked if submission.channel == "sms"]


def shown(config: Path, message_id: str) -> str:
    """The state of the fallback's leg."""
    done = run_waypost("messages", "show", message_id, "--config", str(config), "--json")
    return str(json.loads(done.stdout)["legs"][1]["state"])
