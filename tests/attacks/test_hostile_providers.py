"""A provider or a customer's URL that hangs, drips, is endless or slow fills its own width alone."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from bench.signed import requests

from tests.attacks.harness import Attacked, neighbour_process
from tests.attacks.hostile_servers import (
    Answer,
    HostileServer,
    drip,
    endless_body,
    endless_headers,
    hang,
    hostile,
    interim,
    nested,
    right,
    slow,
)
from tests.attacks.neighbour import Caller
from tests.beside import make_key
from tests.crash.callers import answer_to, connect
from tests.processes import Running, start_serve, until

ROUTE_WIDTH = 64
CALLS = 300
MOST_LOGGED = 200_000
_LEAST = 40
_OTHER_CALLS = 20
ANSWERS = [
    *(pytest.param(answer, id=answer.__name__) for answer in (hang, interim)),
    *(
        pytest.param(answer, id=answer.__name__, marks=pytest.mark.long)
        for answer in (drip, endless_headers, endless_body, nested, slow)
    ),
]

_CONFIG = """
[server]
# What hangs is under way to the end; the stop is not what is measured.
stop_timeout = 4.0

[store]
data = {data}

[limits]
calls_per_second = 0

[delivery]
concurrency = {width}
# The width alone: a route that rests would ask such a provider for one answer at a time.
breaker_threshold = 0.0

[routes.hostile]
kind = "viber"
url = {hostile}
secret = "hostile-receipts"
timeout = 5.0

[routes.good]
kind = "viber"
url = {good}
secret = "good-receipts"

[routes.other]
kind = "viber"
url = {other}
secret = "other-receipts"

[accounts.1]
status_url = {attackers_url}
senders = [
  {{ channel = "viber", id = "20001", route = "hostile" }},
  {{ channel = "viber", id = "20002", route = "good" }},
  {{ channel = "viber", id = "20003", route = "other" }},
]

[accounts.2]
status_url = {neighbours_url}
senders = [{{ channel = "viber", id = "30001", route = "good" }}]
"""


@contextmanager
def attacked_service(
    folder: Path, *, provider: HostileServer, customer: HostileServer, good: HostileServer, path: str = ""
) -> Iterator[tuple[Attacked, str]]:
    """`waypost serve` for an account whose provider and URL are hostile, and for a neighbour; and the secret
    of the first."""
    with neighbour_process() as neighbour:
        config = folder / "waypost.toml"
        values = {
            "data": str(folder / "data"),
            "hostile": f"{provider.address}/send",
            "good": f"{good.address}/send",
            "other": f"{good.address}/other",
            "attackers_url": f"{customer.address}/{path}",
            "neighbours_url": neighbour.callback_url,
        }
        literals = {name: json.dumps(value) for name, value in values.items()}
        config.write_text(_CONFIG.format(width=ROUTE_WIDTH, **literals), encoding="utf-8")
        keys = [make_key(config, account, id_=f"key-{account}").secret for account in ("1", "2")]
        with start_serve(config) as running:
            caller = Caller(
                port=running.port, key="key-2", secret=keys[1], sender="30001", last_status="Sent", rate=40.0
            )
            yield Attacked(running, neighbour, caller), keys[0]


def call(port: int, secret: str, count: int, *, sender: str) -> None:
    """Calls as fast as they are answered; each is accepted."""
    with connect(port) as connection:
        for request in requests(count, port, key="key-1", secret=secret, From=sender):
            assert answer_to(connection, request)["Code"] == "OK"


def log_of_trouble(running: Running) -> int:
    """The characters of the log without the line that each accepted call has."""
    return sum(len(line) for line in running.log.splitlines() if "[info     ] call " not in line)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_provider_fills_its_own_width(tmp_path: Path, answer: Answer) -> None:
    with (
        hostile(answer) as provider,
        hostile(right) as good,
        attacked_service(tmp_path, provider=provider, customer=good, good=good) as (attacked, secret),
        attacked.measured(),
    ):
        call(attacked.running.port, secret, CALLS, sender="20001")
        until(lambda: provider.requests >= _LEAST, what="the width of the account on the route")
        # The same account's messages by another provider, such as its fallback SMS, do not wait for it.
        call(attacked.running.port, secret, _OTHER_CALLS, sender="20003")
        until(lambda: good.paths["/other"] >= _OTHER_CALLS, within=3.0, what="another provider's requests")
    assert provider.at_once <= ROUTE_WIDTH
    assert log_of_trouble(attacked.running) < MOST_LOGGED


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_customers_url_fills_its_own_width(tmp_path: Path, answer: Answer) -> None:
    with (
        hostile(answer) as customer,
        hostile(right) as good,
        attacked_service(tmp_path, provider=good, customer=customer, good=good) as (attacked, secret),
        attacked.measured(),
    ):
        callers = [
            threading.Thread(
                target=call, args=(attacked.running.port, secret, CALLS), kwargs={"sender": "20002"}
            )
            for _ in range(4)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        until(lambda: customer.requests >= 1, what="a push")
    assert customer.at_once <= 8
    assert log_of_trouble(attacked.running) < MOST_LOGGED


WEBHOOKS = {
    "nested": (b"[" * 60_000, 400),
    "nested objects": (b'{"a":' * 60_000, 400),
    "long": (b" " * 1_048_576, 400),
    "too long": (b" " * 1_048_577, 413),
    "numbers": (b'{"message_token":1,"message_status":0,"message_time":' + b"9" * 4000 + b"}", 200),
    # The document can be read, and nobody needs what this number says.
    "endless number": (b'{"message_token":' + b"9" * 100_000 + b"}", 200),
}


def test_webhooks_behind_the_right_secret_are_refused_and_hold_nobody_up(tmp_path: Path) -> None:
    with (
        hostile(right) as good,
        attacked_service(tmp_path, provider=good, customer=good, good=good) as (attacked, _),
        attacked.measured(),
        closing(HTTPConnection("127.0.0.1", attacked.running.port, timeout=30)) as connection,
    ):
        for _ in range(20):
            for body, status in WEBHOOKS.values():
                connection.request("POST", "/receipts/hostile/hostile-receipts", body)
                response = connection.getresponse()
                response.read()
                assert response.status == status
    assert log_of_trouble(attacked.running) < MOST_LOGGED
