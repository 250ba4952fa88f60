"""`waypost serve` with a provider that is down and comes back: two lines of the log, a probe at a time, and
what waits goes out in its order."""

import json
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.cli.listener import Push, listening
from tests.cli.test_routes import Caller, row
from tests.processes import run_waypost, start_serve, until

_IMPATIENT = "[delivery]\nretry_schedule = [0.05]\nbreaker_probes = [0.2]\n"


@pytest.mark.long
def test_a_provider_that_is_down_is_a_line_and_one_when_it_is_back(tmp_path: Path) -> None:
    with listening({"status": 0, "message_token": "1"}) as viber:
        config = write_config(tmp_path, viber=viber.url, more=_IMPATIENT)
        with start_serve(config) as running:
            caller = Caller(config, running)
            viber.status = 503
            caller.send(0)
            until(lambda: "provider.down" in running.log, within=30, what="the route rests")
            for number in range(1, 6):
                caller.send(number)
            resting = row(config)
            assert (resting["state"], resting["reason"]) == ("resting", "busy")
            assert resting["waiting"] + resting["in_flight"] == 6
            tried = len(viber.got)
            until(lambda: len(viber.got) >= tried + 5, within=30, what="some probes failed")
            viber.status = 200
            before = len(viber.got)
            until(lambda: len(viber.got) >= before + 6, within=30, what="the provider is back")
            until(lambda: row(config)["waiting"] == 0, within=30, what="all of them are sent")
            received = [json.loads(push.body)["dest"] for push in viber.got[-6:]]
            assert len(set(received)) == 6
            untried = [dest for dest in received if dest not in _tried(viber.got[:-6])]
            assert untried == sorted(untried), "what was never tried goes out in its order"
            until(lambda: "provider.back" in running.log, within=30, what="the provider is back")
            lines = [line for line in running.log.splitlines() if "provider." in line]
            assert [line.count("provider.down") for line in lines] == [1, 0]
            assert "not_accepted" not in running.log
            assert "503" in lines[0]
            shown = run_waypost("messages", "list", "--config", str(config), "--json")
            assert {one["state"] for one in json.loads(shown.stdout)} == {"sent"}


def _tried(pushes: list[Push]) -> set[str]:
    return {json.loads(push.body)["dest"] for push in pushes}


@pytest.mark.long
def test_a_restart_goes_on_resting_and_probes(tmp_path: Path) -> None:
    with listening({"status": 0, "message_token": "1"}) as viber:
        more = "[delivery]\nretry_schedule = [0.05]\nbreaker_probes = [3]\n"
        config = write_config(tmp_path, viber=viber.url, more=more)
        with start_serve(config) as running:
            caller = Caller(config, running)
            viber.status = 503
            caller.send(0)
            until(lambda: "provider.down" in running.log, within=30, what="the route rests")
            tried = len(viber.got)
        viber.status = 200
        with start_serve(config) as running:
            assert row(config)["state"] in ("resting", "active")
            until(lambda: "provider.back" in running.log, within=30, what="the provider is back")
            assert len(viber.got) == tried + 1
            assert row(config)["state"] == "active"
