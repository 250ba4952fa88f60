"""The recipes for other languages are files that run: with the wheel, and with the SDK or its core.

Where a toolchain or a package is missing, the test of its language is skipped, and so counted as not run.
"""

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import page
from tests.interop.toolchains import CLASSPATH, Toolchain, installed
from tests.outside.environment import Outside

HERE = Path(__file__).parent
GUIDE = "docs/testing-other-languages.md"
SHOWN = (
    *(f"vitest/{name}" for name in ("vitest.config.js", "waypost.js", "shop.js", "shop.test.js")),
    *(f"java/{name}" for name in ("WaypostSandbox.java", "ShopTest.java")),
    *(f"go/{name}" for name in ("waypost_test.go", "shop_test.go")),
)
# The stand-in for the product's package is not the user's.
_COMPILED = 'javac -encoding UTF-8 -d classes -cp "$(cat classpath.txt)" $(find . -name "*.java")'
_JUNIT = (
    'java -cp "$(cat classpath.txt)" org.junit.platform.console.ConsoleLauncher execute'
    " --class-path classes --select-class ShopTest --disable-banner --details=tree"
)
JAVA = Toolchain("Java-recipe", HERE / "java", ("java", "javac", "mvn"), (CLASSPATH, ("sh", "-c", _COMPILED)))
GO = Toolchain("Go-recipe", HERE / "go", ("go",), (("go", "test", "-c", "-o", "recipe", "."),))


@pytest.mark.parametrize("name", SHOWN)
def test_the_guide_shows_the_file_that_is_run(name: str) -> None:
    found = re.search(
        rf"`{re.escape(Path(name).name)}`:\n\n```\w+\n(.*?)^```$", page(GUIDE), re.DOTALL | re.MULTILINE
    )
    assert found is not None
    assert found[1] == (HERE / name).read_text("utf-8")


def test_the_guide_marks_those_that_are_not_run() -> None:
    sections = re.split(r"^## ", page(GUIDE), flags=re.MULTILINE)
    marked = {section.split()[0] for section in sections if "Not run by our tests." in section}
    assert marked == {"PHP", "C#"}


def recipe(outside: Outside, toolchain: Toolchain, *command: str) -> "subprocess.CompletedProcess[str]":
    return outside.run(command, installed(toolchain))


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_recipe_for_java(outside: Outside) -> None:
    done = recipe(outside, JAVA, "sh", "-c", _JUNIT)
    assert re.search(r"\b3 tests successful", done.stdout), done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_recipe_for_go(outside: Outside) -> None:
    done = recipe(outside, GO, "./recipe", "-test.v")
    assert done.stdout.count("--- PASS") == 3, done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("language", ["PHP", "C#"])
def test_a_recipe_that_is_not_run(language: str) -> None:
    assert f"\n## {language} with" in page(GUIDE)
    pytest.skip(f"the packages of {language} cannot be had here: its recipe is not run")
