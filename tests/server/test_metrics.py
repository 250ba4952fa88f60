"""`/metrics`: what is counted, who may read it, and that the tables of events and metrics are complete."""

import re
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families as parse
from prometheus_client.samples import Sample

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.docs.pages import page
from tests.processes import Running, run_waypost, start_serve, until
from tests.structure.source import log_events
from waypost.model.events import COUNTED_LEVELS, EVENTS
from waypost.server.event_counts import EventCounts
from waypost.server.metric_families import FAMILIES
from waypost.server.metrics import AccountGroups

TOKEN = "a-token-of-the-operator"
GROUPS = '[metrics.groups]\nshops = ["acme"]\n'


def test_every_event_is_logged_at_the_level_of_the_list() -> None:
    levels = {"exception": "error"}
    logged: dict[str, set[str]] = {}
    for method in ("debug", "info", "warning", "error", "exception", "critical"):
        for _, event in log_events(method):
            logged.setdefault(event, set()).add(levels.get(method, method))
    listed = {event.name: {event.level} for event in EVENTS.values()}
    by_bounded_log = {"http.aborted", "http.refused", "http.tls_failed", "http.too_many_connections"}
    assert logged == {name: level for name, level in listed.items() if name not in by_bounded_log}


def test_the_guide_names_every_metric_and_what_it_means() -> None:
    guide = page("docs/operating.md").partition("## Metrics")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(waypost_\w+)` \| (.*) \|$", guide, re.MULTILINE)
    described = {}
    for family in FAMILIES.values():
        labels = ", ".join(f"`{label}`" for label in family.labels)
        described[family.name] = f"{family.kind}{' by ' + labels if labels else ''}: {family.meaning}"
    assert dict(rows) == described


def test_no_label_is_a_message_a_person_or_an_account() -> None:
    labels = {label for family in FAMILIES.values() for label in family.labels}
    assert labels == {
        *("route", "class", "accounts", "outcome", "state"),
        *("stage", "operation", "code", "event"),
    }


def test_events_are_counted_below_the_level_of_the_log_too() -> None:
    counts = EventCounts()
    counts.level = "error"
    for event, more in (("lease.lost", {}), ("provider.down", {"route": "r"}), ("callback.failing", {})):
        assert EVENTS[event].level in COUNTED_LEVELS
        with pytest.raises(structlog.DropEvent):
            counts(None, "", {"event": event, "level": "warning", **more})
    assert counts.counts == {
        ("waypost_leases_lost_total", ()): 1,
        ("waypost_provider_outages_total", ("r",)): 1,
        ("waypost_events_total", ("callback.failing",)): 1,
    }
    counts(None, "", {"event": "call", "level": "info"})
    counts(None, "", {"event": "something.else", "level": "error"})
    assert counts.counts.total() == 3


def test_accounts_are_counted_in_groups() -> None:
    assert AccountGroups({}).name_of("acme") == "all"  # type: ignore[arg-type]
    groups = AccountGroups({"shops": ["acme", "globex"]})  # type: ignore[list-item]
    assert [groups.name_of(name) for name in ("acme", "globex", "initech")] == [  # type: ignore[arg-type]
        "shops",
        "shops",
        "other",
    ]


def ask(running: Running, path: str, **headers: str) -> tuple[int, str]:
    """The status and the text of a GET request."""
    try:
        with urlopen(Request(running.address + path, headers=headers), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def samples(running: Running, path: str = "/metrics", **headers: str) -> list[Sample]:
    status, text = ask(running, path, **headers)
    assert status == 200
    return [sample for family in parse(text) for sample in family.samples]


def value(found: list[Sample], name: str, **labels: str) -> float | None:
    values = [each.value for each in found if each.name == name and each.labels.items() >= labels.items()]
    return sum(values) if values else None


@pytest.fixture
def config(tmp_path: Path) -> Path:
    more = f'{GROUPS}\n[server]\nstatus_token = "{TOKEN}"\n[callbacks]\nretry_schedule = [60]\n'
    more += "[delivery]\nbreaker_least = 1\n"
    return write_config(tmp_path, more=more)


def test_a_service_counts_its_work(config: Path) -> None:
    key = make_key(config)

    def sent(running: Running, *options: str) -> Any:
        keys = ("--access-key-id", key.id, "--access-key-secret", key.secret)
        return run_waypost("send", "--endpoint", running.address, "--to", "4915112345678", *keys, *options)

    with start_serve(config) as running:
        assert sent(running, "--text", "hello").returncode == 0
        assert sent(running, "--text", "hello", "--from", "30001").returncode != 0

        def tried() -> list[Sample] | None:
            found = samples(running)
            return found if value(found, "waypost_provider_outages_total", route="viber-main") else None

        # Nothing listens at the provider's address.
        found = until(tried)
        lane = {"route": "viber-main", "accounts": "shops"}
        assert (value(found, "waypost_outcomes_total", **lane, outcome="unreachable") or 0) >= 1
        assert value(found, "waypost_in_flight", **lane) in (0, 1)
        assert value(found, "waypost_calls_total", operation="SendChatappMessage", code="OK") == 1
        assert value(found, "waypost_calls_total", operation="SendChatappMessage") == 2
        assert value(found, "waypost_accept_seconds_count") == 1
        assert (value(found, "waypost_flush_seconds_count") or 0) > 1
        assert value(found, "waypost_provider_outages_total", route="viber-main") == 1
        states = ("open", "half_open")
        assert (
            sum(value(found, "waypost_route_state", route="viber-main", state=each) or 0 for each in states)
            == 1
        )
        assert value(found, "waypost_route_state", route="sms-main", state="paused") == 0
        assert (value(found, "process_cpu_seconds_total") or 0) > 0
        assert {each.name.removesuffix("_created") for each in found if "4915112345678" in str(each)} == set()
        assert not [each for each in found if "acme" in each.labels.values()]


def test_only_the_operator_reads_it(config: Path) -> None:
    with start_serve(config) as running:
        assert ask(running, "/metrics")[0] == 200
        # A proxy on this machine connects from it for everybody.
        status, text = ask(running, "/metrics", **{"X-Forwarded-For": "192.0.2.7"})
        assert status == 403
        assert "waypost_" not in text
        right = {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {TOKEN}"}
        assert ask(running, "/metrics", **right)[0] == 200


@pytest.mark.parametrize(
    ("groups", "mistake"),
    [
        ('shops = ["acme", "globex"]', "globex"),
        ('shops = ["acme"]\nstaff = ["acme"]', "metrics.groups.shops"),
    ],
)
def test_groups_are_checked(tmp_path: Path, groups: str, mistake: str) -> None:
    checked = run_waypost(
        "check", "--config", str(write_config(tmp_path, more=f"[metrics.groups]\n{groups}\n"))
    )
    assert checked.returncode == 2, checked.stdout
    assert mistake in checked.stdout + checked.stderr
