"""Audits the pinned dependencies for known vulnerabilities: `make audit`.

An auditor without advisories finds nothing, which looks like a clean result. So a pin that is known to be bad
is audited first: if it is not found, there is no verdict.

Exit codes: 0 no known vulnerability, 1 at least one, 2 no advisory data, so that nothing is known.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

CLEAN, VULNERABLE, NO_VERDICT = 0, 1, 2
# CVE-2018-18074: credentials are sent on after a redirect from https to http. An auditor that knows any
# advisories knows this one.
_KNOWN_BAD = "requests==2.19.1"
_RUN_REQUIREMENTS = Path(__file__).parent.parent / "requirements" / "run.txt"


class Vulnerability(NamedTuple):
    """A known vulnerability of a pinned dependency."""

    package: str
    version: str
    id: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}: {self.id}"


class Findings(NamedTuple):
    """What an audit found.

    Attributes:
        audited: how many dependencies were looked up.
        skipped: the dependencies for which there was no data, each with the reason.
    """

    audited: int
    vulnerabilities: Sequence[Vulnerability]
    skipped: Sequence[str]


Audit = Callable[[Path], Findings]


def pip_audit(requirements: Path) -> Findings:
    """Audits a requirements file by pip-audit; without an answer everything counts as skipped."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--no-deps"]
    options = ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    try:
        dependencies = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = done.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
        return Findings(0, [], [f"pip-audit: {last[0]}"])
    return Findings(
        audited=sum("skip_reason" not in each for each in dependencies),
        vulnerabilities=[
            Vulnerability(each["name"], each["version"], found["id"])
            for each in dependencies
            for found in each.get("vulns", ())
        ],
        skipped=[f"{each['name']}: {each['skip_reason']}" for each in dependencies if "skip_reason" in each],
    )


def verdict(audit: Audit, requirements: Path, report: Callable[[str], object]) -> int:
    """The exit code for a requirements file, after the known-bad pin was found.

    Args:
        report: takes the lines of the report.
    """
    with TemporaryDirectory() as folder:
        known_bad = Path(folder) / "known-bad.txt"
        known_bad.write_text(f"{_KNOWN_BAD}\n", encoding="utf-8")
        if not audit(known_bad).vulnerabilities:
            report(f"{_KNOWN_BAD}, which is known to be vulnerable, was not found to be")
            report("no advisory data: no verdict")
            return NO_VERDICT
    findings = audit(requirements)
    for line in (*map(str, findings.vulnerabilities), *(f"not audited: {each}" for each in findings.skipped)):
        report(line)
    if findings.vulnerabilities:
        return VULNERABLE
    if findings.skipped or not findings.audited:
        report("no advisory data for all of them: no verdict")
        return NO_VERDICT
    report(f"{findings.audited} dependencies: no known vulnerability")
    return CLEAN


if __name__ == "__main__":
    raise SystemExit(verdict(pip_audit, _RUN_REQUIREMENTS, lambda line: sys.stdout.write(f"{line}\n")))
