"""What of the outside makes a real service degraded, and that it stays ready."""

import json
from pathlib import Path
from urllib.request import Request

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.faults.databases import call, open_url, status_of
from tests.processes import start_serve, until

TOKEN = "a-token-of-the-operator"


def test_a_provider_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    config = write_config(tmp_path, more="[delivery]\nretry_schedule = [0.1]")
    key = make_key(config)
    with start_serve(config) as running:
        assert status_of(f"{running.address}/healthz")[1]["reasons"] == []
        sent = call(running.port, "380500000801", key=key.id, secret=key.secret)
        assert sent.code == "OK"
        until(lambda: status_of(f"{running.address}/healthz")[1]["reasons"], what="a reason")
        status, health = status_of(f"{running.address}/healthz")
        assert (status, health["status"], health["reasons"]) == (200, "degraded", ["routes_failing"])
        assert health["details"]["routes_failing"] == {"routes": {"viber-main": "unreachable"}}
        assert status_of(f"{running.address}/readyz")[0] == 200
        assert status_of(f"{running.address}/livez") == (200, {"status": "ok"})


def test_a_disk_with_too_little_room_is_not_ready(tmp_path: Path) -> None:
    environment = {"WAYPOST_STORE__MIN_FREE": "1000000000", "WAYPOST_SERVER__STATUS_TOKEN": TOKEN}
    with start_serve(write_config(tmp_path), environment=environment) as running:
        until(lambda: status_of(f"{running.address}/readyz")[0] == 503, what="readiness")
        assert status_of(f"{running.address}/readyz")[1]["reasons"] == ["disk_low"]
        assert status_of(f"{running.address}/livez")[0] == 200
        assert running.log.count("disk.low") == 1
        # Through a proxy only the code is shown, and the details to who has the token.
        for headers, sees in (({}, False), ({"Authorization": f"Bearer {TOKEN}"}, True)):
            request = Request(
                f"{running.address}/healthz", headers={"X-Forwarded-For": "192.0.2.7", **headers}
            )
            with open_url(request, timeout=30) as answer:
                health = json.load(answer)
            assert health["reasons"] == ["disk_low"]
            assert ("min_free_mib" in str(health)) is sees
