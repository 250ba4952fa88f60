"""What of the outside makes a real service degraded, and that it stays ready."""

import json
from pathlib import Path

from tests.attacks.databases import call, status_of
from tests.cli.configs import write_config
from tests.processes import run_waypost, start_serve, until

TOKEN = "a-token-of-the-operator"


def test_a_provider_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    config = write_config(tmp_path, more="[delivery]\nretry_schedule = [0.1]")
    made = run_waypost("keys", "create", "--account", "acme", "--config", str(config), "--json")
    key = json.loads(made.stdout)
    with start_serve(config) as running:
        assert status_of(f"{running.address}/healthz")[1]["reasons"] == []
        sent = call(running.port, "380500000801", key=key["access_key_id"], secret=key["access_key_secret"])
        assert sent.code == "OK"
        until(lambda: status_of(f"{running.address}/healthz")[1]["reasons"], what="a reason")
        status, health = status_of(f"{running.address}/healthz")
        assert (status, health["status"], health["reasons"]) == (200, "degraded", ["routes_failing"])
        assert health["details"]["routes_failing"] == {"routes": {"viber-main": "unreachable"}}
        assert status_of(f"{running.address}/readyz")[0] == 200
        assert status_of(f"{running.address}/livez") == (200, {"status": "ok"})
