"""One wheel and one environment for all tests of a run."""

import fcntl

import pytest

from tests.outside.environment import Outside, made

# The suite of a project that knows nothing of this one: it is run in an environment of its own.
collect_ignore = ["shop"]


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Outside:
    own = tmp_path_factory.getbasetemp()
    # Of several workers, whose folders are in the run's, the first makes it.
    folder = (own if worker_id == "master" else own.parent) / "outside"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            made(folder)
            (folder / "ready").touch()
    [wheel] = folder.glob("dist/waypost-*.whl")
    return Outside(wheel, folder / "venv")
