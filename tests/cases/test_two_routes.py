"""A sender with two providers, as the guide describes it: a running service, and what each provider gets."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.beside import make_known_key, states
from tests.cli.configs import write_config
from tests.cli.listener import Listener, listening
from tests.processes import Running, run_waypost, start_serve, until

SPARE = """
[routes.viber-spare]
kind = "viber"
url = "{url}"
secret = "viber-receipts-0002"

[[accounts.acme.senders]]
channel = "viber"
id = "20002"
routes = [{{ route = "viber-main", prefixes = ["49"] }}, {{ route = "viber-spare" }}]
"""


@pytest.fixture
def spare() -> Iterator[Listener]:
    with listening({"status": 0, "message_token": 4711}) as provider:
        yield provider


def send(running: Running, config: Path, to: str) -> str:
    pair = make_known_key(config, running)
    keys = ("--access-key-id", pair.id, "--access-key-secret", pair.secret)
    options = ("--endpoint", running.address, "--from", "20002", "--to", to, "--text", "hello")
    done = run_waypost("send", *options, *keys)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_one_provider_does_not_take_the_other_carries(tmp_path: Path, spare: Listener) -> None:
    # Nothing listens at the address of the first one.
    config = write_config(tmp_path, more=SPARE.format(url=spare.url))
    with start_serve(config) as running:
        by_spare, by_both = send(running, config, "380501112233"), send(running, config, "4915112345678")
        until(lambda: len(spare.got) == 2)

        until(lambda: list(states(config).values()) == ["sent", "sent"])
        for message_id, routes in ((by_spare, ["viber-spare"]), (by_both, ["viber-main", "viber-spare"])):
            shown = run_waypost("messages", "show", message_id, "--config", str(config), "--json")
            [leg] = json.loads(shown.stdout)["legs"]
            assert [attempt["route"] for attempt in leg["attempts"]] == routes
