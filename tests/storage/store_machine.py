"""The state machine of Hypothesis for a store: it opens an empty database, and closes it at the end."""

import asyncio
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from tests.storage.databases import DATABASES, Database


@cache
def a_database(kind: Callable[[Path], Database]) -> Database:
    """One for all examples; each begins by clearing it, which is quicker than making a new one."""
    return kind(Path(tempfile.mkdtemp(prefix="waypost-machine-")))


class StoreMachine(RuleBasedStateMachine):
    """Runs what is asynchronous; `write` is one transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()

    @initialize(kind=st.sampled_from(DATABASES))
    def open(self, kind: Any) -> None:
        self.database = a_database(kind)
        self.store = self.database.open(durable=False, inline=True)
        self.run(self.store.clear())

    def teardown(self) -> None:
        self.run(self.store.close())
        self.runner.close()

    def run(self, doing: Any) -> Any:
        return self.runner.run(doing)

    def write(self, change: Any) -> Any:
        async def transact() -> Any:
            return await self.store.transact(change)

        return self.run(transact())
