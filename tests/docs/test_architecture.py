"""The pages about the code match it: packages, files, import rules and dependencies."""

import re
import tomllib

import pytest

from tests.docs.pages import ROOT, page

SOURCE = ROOT / "src" / "waypost"
PAGES = ("ARCHITECTURE.md", "docs/contributing.md")
ROOMS = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
# Rooms that are to come, and folders that a reader makes by the page.
TO_COME = frozenset({"testing/", "storage/postgresql/"})


def paths(name: str) -> list[str]:
    """What a page has between backticks and is a path: `model/message/leg.py`, `delivery/`."""
    found = re.findall(r"`([a-z0-9_.]+(?:/[A-Za-z0-9_.]+)*(?:/|\.(?:py|md|toml|html|css|txt)))`", page(name))
    return sorted(set(found) - TO_COME)


@pytest.mark.parametrize("name", PAGES)
def test_the_files_and_folders_that_are_named_exist(name: str) -> None:
    named = paths(name)
    assert len(named) > 10
    rooms = [SOURCE, *(path.parent for path in SOURCE.rglob("__init__.py")), ROOT, ROOT / "docs"]
    # A file may be named alone where its room is the subject; a path with a folder is from a root.
    missing = [
        path
        for path in named
        if not any((folder / path).exists() for folder in ((SOURCE, ROOT) if "/" in path[:-1] else rooms))
    ]
    assert missing == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_its_place_in_the_layout(room: str) -> None:
    assert re.search(rf"^\| (`\w+/`, )*`{room}/`", page("ARCHITECTURE.md"), re.MULTILINE)


def test_every_import_rule_is_explained() -> None:
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    rows = re.findall(r"^\| ([^|]+) \| ", page("ARCHITECTURE.md"), re.MULTILINE)
    assert [contract["name"] for contract in contracts if contract["name"] not in rows] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    table = page("ARCHITECTURE.md").partition("## Dependencies")[2].partition("## ")[0].lower()
    names = [re.split(r"[^a-z0-9_-]", line.lower())[0] for line in project["dependencies"]]
    assert [name for name in names if name not in table] == []
