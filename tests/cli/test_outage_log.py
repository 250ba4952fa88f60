"""`waypost serve` with a provider that is down and comes back: two lines, whatever number of attempts."""

import json
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.processes import run_waypost, start_serve, until

_IMPATIENT = "[delivery]\nretry_schedule = [0.05]\n"


@pytest.mark.long
def test_a_provider_that_is_down_is_a_line_and_one_when_it_is_back(tmp_path: Path) -> None:
    with listening({"status": 0, "message_token": "1"}) as viber:
        config = write_config(tmp_path, viber=viber.url, more=_IMPATIENT)
        made = run_waypost("keys", "create", "--account", "acme", "--config", str(config), "--json")
        key = json.loads(made.stdout)
        with start_serve(config) as running:
            viber.status = 503
            for number in range(3):
                sent = run_waypost(
                    *("send", "--to", f"491511234567{number}", "--text", "hi", "--ttl", "300"),
                    *("--endpoint", running.address, "--access-key-id", key["access_key_id"]),
                    *("--access-key-secret", key["access_key_secret"]),
                )
                assert sent.returncode == 0, sent.stderr
            until(lambda: len(viber.got) > 200, within=30, what="200 attempts failed")
            viber.status = 200
            # The provider is only believed to be well some seconds after its last failure.
            send_again = ("send", "--to", "4915112345679", "--text", "hi", "--endpoint", running.address)
            credentials = ("--access-key-id", key["access_key_id"], "--access-key-secret")

            def is_back() -> bool:
                run_waypost(*send_again, *credentials, key["access_key_secret"])
                return "provider.back" in running.log

            until(is_back, within=30, what="the provider is back")
            lines = [line for line in running.log.splitlines() if "provider." in line]
            assert [line.count("provider.down") for line in lines] == [1, 0]
            assert "not_accepted" not in running.log
            assert "503" in lines[0]
