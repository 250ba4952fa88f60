"""The text of the statements that a store executes is what SQLAlchemy makes of them today."""

import subprocess
import sys

from waypost.storage.batch_statements import BATCH
from waypost.storage.compilation import compiled_text
from waypost.storage.sql_text import TEXT, sql_text
from waypost.storage.statements import Statements


def test_it_is_what_the_statements_come_to() -> None:
    """Else: `python -m waypost.storage.compilation > src/waypost/storage/sql_text.json`."""
    assert TEXT.read_text(encoding="utf-8") == compiled_text()


def test_a_store_sees_the_attributes_that_it_is_typed_with() -> None:
    def members(of: object) -> dict[str, object]:
        return {
            name: members(value) if hasattr(value, "__dict__") else value for name, value in vars(of).items()
        }

    assert members(sql_text().statements) == members(Statements())
    assert sql_text().batch == BATCH
    assert list(sql_text().batch) == list(BATCH)


def test_the_command_that_makes_it_writes_it() -> None:
    command = [sys.executable, "-m", "waypost.storage.compilation"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr) == (TEXT.read_text(encoding="utf-8"), "")
