"""A process that writes to a store until it is killed: kind of database and folder are its arguments."""

import asyncio
import sys
from pathlib import Path

from tests.storage.databases import DATABASES
from tests.storage.test_durability import write_until_killed


async def main(kind: str, folder: Path) -> None:
    [database] = [found for found in DATABASES if found.__name__ == kind]
    await write_until_killed(database(folder).open())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
