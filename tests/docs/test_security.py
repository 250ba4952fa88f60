"""The threat model names tests that there are."""

import re

from tests.docs.pages import ROOT, page


def test_every_line_names_tests_that_there_are() -> None:
    text = page("docs/security.md").partition("## What stops it")[2].partition("## What is left to you")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    headings = [row for row in rows if row.endswith("| tried by |")]
    assert len(rows) - len(headings) > 20
    for row in rows:
        if row in headings:
            continue
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named, row
        for path in named:
            assert (ROOT / path).is_file(), path


def test_every_attack_is_in_the_threat_model() -> None:
    text = page("docs/security.md")
    folders = [ROOT / "tests" / "attacks", ROOT / "tests" / "faults"]
    attacks = {path.name for folder in folders for path in folder.glob("test_*.py")}
    missing = {name for name in attacks - {"test_harness.py"} if name not in text}
    assert not missing
