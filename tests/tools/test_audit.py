"""An audit without advisories is no verdict, and never a clean one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tools.audit import CLEAN, NO_VERDICT, VULNERABLE, Audit, Findings, Vulnerability, pip_audit, verdict

BAD = Vulnerability("requests", "2.19.1", "CVE-2018-18074")
_KNOWS = Findings(1, [BAD], [])
_BLIND = Findings(0, [], ["requests: Dependency not found"])


def audit(known_bad: Findings, ours: Findings) -> Audit:
    return lambda requirements: known_bad if requirements.name == "known-bad.txt" else ours


@pytest.mark.parametrize(
    ("known_bad", "ours", "code", "line"),
    [
        (_KNOWS, Findings(40, [], []), CLEAN, "40 dependencies: no known vulnerability"),
        (_KNOWS, Findings(40, [BAD], []), VULNERABLE, "requests 2.19.1: CVE-2018-18074"),
        (_BLIND, Findings(40, [], []), NO_VERDICT, "no advisory data: no verdict"),
        (Findings(1, [], []), Findings(40, [], []), NO_VERDICT, "no advisory data: no verdict"),
        (_KNOWS, Findings(39, [], ["x: not found"]), NO_VERDICT, "not audited: x: not found"),
        (_KNOWS, Findings(0, [], []), NO_VERDICT, "no advisory data for all of them: no verdict"),
    ],
)
def test_the_verdict(known_bad: Findings, ours: Findings, code: int, line: str, tmp_path: Path) -> None:
    report: list[str] = []
    assert verdict(audit(known_bad, ours), tmp_path / "run.txt", report.append) == code
    assert line in report
    assert (code == CLEAN) == any("no known vulnerability" in each for each in report)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            {"dependencies": [{"name": "requests", "version": "2.19.1", "vulns": [{"id": BAD.id}]}]},
            _KNOWS,
        ),
        (
            {"dependencies": [{"name": "requests", "skip_reason": "Dependency not found"}], "fixes": []},
            _BLIND,
        ),
        ("not JSON", Findings(0, [], ["pip-audit: it was away"])),
        ([], Findings(0, [], ["pip-audit: it was away"])),
    ],
)
def test_what_pip_audit_prints_is_read(
    output: Any, expected: Findings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    printed = output if isinstance(output, str) else json.dumps(output)
    done = subprocess.CompletedProcess([sys.executable], 1, printed, "a line\nit was away\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert pip_audit(tmp_path / "run.txt") == expected
