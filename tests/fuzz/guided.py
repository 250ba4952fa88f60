"""Fuzzes targets one after the other, guided by coverage: `python -m tests.fuzz.guided TARGET --seconds 60`.

Each has a process of its own, forked from this one, which took some seconds to instrument what it imported. A
fault, an input over 100 ms among them, ends it; its folder, of the target's name, has the input and what it
printed.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["waypost"], enable_loader_override=False):
    from tests.fuzz.targets import BROKEN, TARGETS

_ALL = {**TARGETS, **BROKEN}
INPUTS = Path(__file__).parent / "inputs"
PRINTED, EXIT_CODE = "printed.txt", "exit-code.txt"
SLOWEST_S = 0.1
# What a busy machine adds counts only if it comes again.
_TRIES = 3
_LONGEST = 16_384


def main() -> int:
    """Fuzzes, each target until its time is over; returns how many have a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", choices=sorted(_ALL), nargs="+", metavar="target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found = 0
    for name in arguments.targets:
        process = os.fork()
        if not process:
            _write_into(Path(name))
            _fuzz(name, arguments.seconds, arguments.seed)
        _, status = os.waitpid(process, 0)
        found += bool(status)
        Path(name, EXIT_CODE).write_text(str(os.waitstatus_to_exitcode(status)), encoding="utf-8")
    return found


def _write_into(folder: Path) -> None:
    """Makes a folder the process's own, with a file of what it prints."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    printed = os.open(PRINTED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(printed, stream.fileno())


def _fuzz(name: str, seconds: int, seed: int) -> None:
    target, known = _ALL[name], INPUTS / name
    for number, data in enumerate(target.seeds):
        Path(f"seed-{number}").write_bytes(data)
        target.run(data)

    def run(data: bytes) -> None:
        for tries_left in reversed(range(_TRIES)):
            begun = time.process_time()
            target.run(data)
            spent = time.process_time() - begun
            if spent <= SLOWEST_S:
                return
            if not tries_left:
                raise TimeoutError(f"an input of {len(data)} bytes took {spent:.3f} s")

    options = [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", f"-seed={seed}"]
    folders = [".", *([str(known)] if known.is_dir() else [])]
    atheris.Setup([sys.argv[0], *options, "-verbosity=0", *folders], run)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
