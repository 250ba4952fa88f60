"""The comparison with other services for tests: what of its table can be counted, and its own suite."""

import os
import re
import subprocess
import sys

import pytest
from bench.beside.__main__ import set_up_lines
from bench.beside.services import SERVICES, Service

from tests.docs.pages import page


def test_the_table_has_each_service_with_the_lines_of_its_set_up() -> None:
    section = page("docs/testing.md").partition("## Beside others")[2]
    rows = re.findall(
        r"^\| ([a-z][a-z-]+) \| ([\d.]+) s \| (\d+) MB \| (\d+) \| ([\d.]+) s \|", section, re.MULTILINE
    )
    assert {name: int(lines) for name, _, _, lines, _ in rows} == {
        service.name: set_up_lines(service.suite.read_text("utf-8")) for service in SERVICES
    }


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_each_suite_has_twenty_tests(service: Service) -> None:
    suite = service.suite.read_text("utf-8")
    assert suite.count("def test_") == 1
    assert 'parametrize("number", range(20))' in suite


def test_the_suite_of_waypost_passes() -> None:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SERVICES[0].suite.name]
    done = subprocess.run(
        command,
        cwd=SERVICES[0].suite.parent,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert re.search(r"^20 passed", done.stdout, re.MULTILINE), done.stdout
