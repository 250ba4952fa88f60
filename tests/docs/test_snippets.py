"""The programs in the guides run, and the facts in their tables are those of the code."""

import re
import subprocess
import sys
import time
import tomllib
from importlib.resources import files

import pytest

from tests.docs.pages import GENERATED, GUIDES, ROOT, anchors, blocks, headings, links, page
from tests.processes import environment_of, run_waypost, start_sandbox
from tests.sdk.callers import FREE, Sandbox
from tests.sdk.operations import call
from tests.structure.source import log_events
from waypost.api.queues.errors import QUEUE_ERRORS
from waypost.connectors.registry import PROVIDERS
from waypost.delivery.notifier import callback_signature
from waypost.model.message.failures import SendFailure
from waypost.sandbox import fixture
from waypost.sandbox.control import PHONE_ACTIONS
from waypost.sandbox.scenarios import OTHERWISE, SCENARIOS
from waypost.storage.records import CallbackState


def _without_proxies() -> dict[str, str]:
    environment = environment_of(None)
    for name in ("HTTP_PROXY", "http_proxy"):
        environment.pop(name, None)
    return environment


def test_the_program_in_the_readme() -> None:
    [program] = blocks("README.md", "python")
    with start_sandbox() as sandbox:
        done = subprocess.run(
            [sys.executable, "-c", program.replace("127.0.0.1:8080", sandbox.endpoint)],
            env=_without_proxies(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        code, message_id = done.stdout.split()
        sandbox.advance(2)
        assert code == "OK"
        assert sandbox.get(f"/sandbox/messages/{message_id}")["state"] == "delivered"
        assert [each["channel"] for each in sandbox.get("/sandbox/phones/4915112340001")["messages"]] == [
            "sms"
        ]


def test_the_program_in_the_guide_to_sending() -> None:
    [program] = blocks("docs/sending.md", "python")
    with start_sandbox() as sandbox:
        done = subprocess.run(
            [sys.executable, "-c", program.replace("127.0.0.1:8080", sandbox.endpoint)],
            env=_without_proxies(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.split()[0] == "OK"
        sandbox.advance(300)
        phone = sandbox.get("/sandbox/phones/4915112340001")["messages"]
        assert [message["channel"] for message in phone] == ["sms"]


def test_the_programs_on_access_run_one_after_the_other() -> None:
    programs = blocks("docs/access.md", "python")
    with start_sandbox() as sandbox:
        whole = "\n".join(programs).replace("127.0.0.1:8080", sandbox.endpoint)
        # The networks of the example are nobody's.
        assert whole.count("203.0.113.0/24") == 1
        whole = whole.replace("203.0.113.0/24", "127.0.0.0/8")
        done = subprocess.run(
            [sys.executable, "-c", whole],
            env=_without_proxies(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    _, session, denied = done.stdout.splitlines()
    assert session.startswith("STS.")
    assert denied == "Ram.PermissionDeny SessionPolicy ImplicitDeny newsletter:spring"


def test_the_check_of_a_signature() -> None:
    program, _, _ = blocks("docs/callbacks.md", "python")
    names: dict[str, object] = {}
    exec(program, names)
    is_genuine = names["is_genuine"]
    assert callable(is_genuine)
    now = int(time.time() * 1000)
    header = callback_signature("secret", now, b"[{}]")
    assert is_genuine("secret", header, b"[{}]")
    assert not is_genuine("secret", header, b"[{} ]")
    assert not is_genuine("other", header, b"[{}]")
    assert not is_genuine("secret", callback_signature("secret", now - 600_000, b"[{}]"), b"[{}]")
    assert not is_genuine("secret", "", b"[{}]")
    assert not is_genuine("secret", "t=x,v1=y", b"[{}]")


def test_the_scenarios_are_those_of_the_sandbox() -> None:
    readme = page("README.md")
    for scenario in SCENARIOS:
        assert f"| `{scenario.digits}` | {scenario.description} |" in readme
        assert f"| `{scenario.digits}` |" in page("docs/sandbox.md")
    assert f"| anything else | {OTHERWISE.description} |" in readme


def test_the_fixture_is_that_of_the_sandbox() -> None:
    readme = page("README.md")
    for key in fixture.KEYS:
        assert f"| `{key.id}` |" in readme
    for account in fixture.ACCOUNTS.values():
        named = [sender.id for sender in account.senders]
        named += [fallback.id for fallback in account.fallbacks]
        named += [template.code for template in account.templates]
        for each in (*named, *account.spaces):
            assert f"`{each}`" in readme


def test_the_error_codes_of_callbacks_are_those_of_the_code() -> None:
    guide = page("docs/callbacks.md")
    for failure in SendFailure:
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{failure.facts.wire_code}` |"))
        assert failure.facts.customer_text in row


def test_every_field_of_a_callback_is_in_the_guide() -> None:
    guide = page("docs/callbacks.md")
    source = page("src/waypost/model/message/statuses.py")
    for name in re.findall(r'"([A-Z]\w+)":|fields\["(\w+)"\]', source):
        assert f"`{''.join(name)}`" in guide


def test_every_control_endpoint_is_in_the_guide() -> None:
    guide = page("README.md") + page("docs/sandbox.md")
    sources = sorted((ROOT / "src/waypost/sandbox").glob("*.py"))
    paths = {
        path
        for source in sources
        for path in re.findall(r'Route\("(/sandbox/[^"]*)"', source.read_text(encoding="utf-8"))
    }
    paths |= {f"/sandbox/phones/{{number}}/{action}" for action in PHONE_ACTIONS}
    assert len(paths) > 20
    for path in paths:
        start, *rest = re.split(r"\{\w+(?::\w+)?\}", path)
        assert re.search(re.escape(start) + r"[^/\s]*" + "".join(map(re.escape, rest)), guide), path


def test_every_setting_is_in_the_guide_and_explained_in_the_file() -> None:
    text = files("waypost.config").joinpath("waypost.default.toml").read_text(encoding="utf-8")
    guide = page("docs/operating.md")
    lines = text.splitlines()
    for section, keys in tomllib.loads(text).items():
        for key in keys:
            assert f"`{section}.{key}`" in guide
            [place] = [
                number
                for number, line in enumerate(lines)
                if line.startswith(f"{key} =") and _section(lines, number) == section
            ]
            assert lines[place - 1].startswith("#"), f"{section}.{key} has no comment above it"


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_provider_s_route_is_explained_in_the_file_and_in_the_guide(kind: str) -> None:
    text = files("waypost.config").joinpath("waypost.default.toml").read_text(encoding="utf-8")
    tables = re.split(r"^#   \[routes\.", text, flags=re.MULTILINE)
    [table] = [each for each in tables if f'kind = "{kind}"' in each]
    keys = PROVIDERS[kind].settings.__struct_fields__
    assert [key for key in keys if not re.search(rf"^#   {key} = ", table, re.MULTILINE)] == []
    assert f'`kind = "{kind}"`' in page("docs/operating.md")


def _section(lines: list[str], number: int) -> str:
    return next(line for line in reversed(lines[:number]) if line.startswith("[")).strip("[]")


@pytest.mark.parametrize("name", [*GUIDES, "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    for link in links(name):
        assert ((ROOT / name).parent / link).exists(), f"{name}: {link}"


@pytest.mark.parametrize("name", [*GUIDES, *GENERATED, "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_to_a_heading_lead_to_one(name: str) -> None:
    for link, anchor in anchors(name):
        target = ((ROOT / name).parent / link) if link else ROOT / name
        assert anchor in headings(str(target)), f"{name}: {link}#{anchor}"


def test_the_changelog_has_this_version() -> None:
    version = run_waypost("version").stdout.split()[1]
    assert re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", page("CHANGELOG.md"), re.MULTILINE
    )


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    headings = re.findall(r"^#+ .*$", page("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] == ["# Changelog", "## [Unreleased]"]
    released = r"## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d"
    kinds = "### (Added|Changed|Deprecated|Removed|Fixed|Security)"
    assert [each for each in headings[2:] if not re.fullmatch(f"{released}|{kinds}", each)] == []


def test_every_state_of_a_callback_is_in_the_guide() -> None:
    for state in CallbackState:
        assert f"| `{state.value}` | " in page("docs/callbacks.md")


def test_every_event_worth_an_alarm_is_in_the_guide() -> None:
    guide = page("docs/operating.md").partition("## Logs")[2].partition("\n## ")[0]
    events = {
        event for place, event in log_events("warning", "error", "exception") if "sandbox/" not in place
    }
    assert len(events) > 10
    assert [event for event in sorted(events) if f"`{event}`" not in guide] == []


def test_the_queue_service_s_codes() -> None:
    text = page("docs/callbacks.md")
    for code, fault in QUEUE_ERRORS.items():
        assert f"| `{code}` | {fault.status} | {fault.when} |" in text


@pytest.mark.parametrize("consumer", [1, 2], ids=["with a token", "with an access key"])
def test_the_consumers_of_a_queue(consumer: int) -> None:
    program = blocks("docs/callbacks.md", "python")[consumer]
    with start_sandbox() as sandbox:
        client = Sandbox(sandbox)
        call(client, "update_account_webhook", cust_space_id="cams-sandbox", queue_flag="Y")
        message_id = client.send(**FREE, to="4915112340003")
        sandbox.advance(5)
        # The first reads one message at a time, the second all there are.
        for status in ("Sent", "Delivered", "") if consumer == 1 else ("Delivered", ""):
            done = subprocess.run(
                [sys.executable, "-c", program.replace("127.0.0.1:8080", sandbox.endpoint)],
                env=_without_proxies(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert (message_id in done.stdout, status in done.stdout) == (bool(status), True), done.stderr
            program = program.replace("wait_seconds=20", "wait_seconds=0").replace(
                "message(20)", "message(1)"
            )
