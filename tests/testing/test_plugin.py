"""The pytest fixture, as a project of a user's has it."""

import re
from pathlib import Path

from tests.processes import start
from tests.testing.project import FAILING, TESTS, run_tests


def test_a_project_without_a_conftest_passes(tmp_path: Path) -> None:
    run = run_tests(tmp_path)
    assert run.returncode == 0, run.stdout
    assert f"{TESTS.count('def test_')} passed" in run.stdout


def test_a_project_without_a_conftest_passes_in_one_process(tmp_path: Path) -> None:
    run = run_tests(tmp_path, "--waypost-in-process")
    assert run.returncode == 0, run.stdout
    assert f"{TESTS.count('def test_')} passed" in run.stdout


def test_the_report_of_a_failure_has_calls_messages_and_callbacks(tmp_path: Path) -> None:
    run = run_tests(tmp_path, tests=FAILING)
    assert run.returncode == 1
    assert "the message to 4915112340001 has state failed, not delivered" in run.stdout
    section = run.stdout.partition(" waypost ---")[2]
    assert re.search(r"call .*SendChatappMessage  OK", section)
    assert "SRVC_NOT_VIBER_USER" in section
    assert re.search(r"callback .*Failed  stored", section)


def test_a_trace_is_attached_to_every_test_on_demand(tmp_path: Path) -> None:
    run = run_tests(tmp_path, "--waypost-trace", "-rP", "-k", "test_a_code")
    assert run.returncode == 0
    assert re.search(r"call .*SendChatappMessage  OK", run.stdout.partition(" waypost ---")[2])


def test_the_state_of_a_failed_test_is_kept_and_can_be_opened(tmp_path: Path) -> None:
    run = run_tests(
        tmp_path, "--waypost-keep-failed", "kept", tests=TESTS.partition("def test_a_code")[0] + FAILING
    )
    assert run.returncode == 1
    [kept] = (tmp_path / "kept").iterdir()
    assert kept.name == "test_program.py-test_that_fails.json"
    assert "waypost sandbox --state kept/test_program.py-test_that_fails.json" in run.stdout
    with start(["sandbox", "--port", "0", "--state", str(kept)]) as opened:
        [message] = opened.get("/sandbox/messages")["messages"]
        assert (message["to"], message["state"]) == ("4915112340001", "failed")
