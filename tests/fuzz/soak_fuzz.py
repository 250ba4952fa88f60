"""Half an hour of fuzzing, all targets in turn: `make soak NAME=fuzz ROUNDS=1`.

A round is 30 minutes for all targets together. Inputs that fail are left in the folder that is printed; keep
them in `tests/fuzz/inputs/<target>/` once the fault is mended.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import TARGETS

_ROUND_S = 30 * 60
_START_S = 60
_ROOT = Path(__file__).parents[2]


def fuzz(target: str, seconds: int, seed: int, folder: Path) -> str:
    """Fuzzes a target in a process of its own; what it printed if it found a fault, else empty."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--seconds", str(seconds), "--seed", str(seed)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", target, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds + _START_S,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "src")))},
    )
    return "" if done.returncode == 0 else f"{done.stdout}\n{done.stderr}"


def main(rounds: int, seed: int) -> int:
    """Fuzzes, and returns how many targets have a fault."""
    folder, found = Path(tempfile.mkdtemp(prefix="waypost-fuzz-")), 0
    for round_ in range(rounds):
        for target in TARGETS:
            fault = fuzz(target, _ROUND_S // len(TARGETS), seed + round_, folder / target)
            found += bool(fault)
            sys.stdout.write(f"{target}: {fault or 'nothing found'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"seed {seed}: {found} targets with a fault; inputs in {folder}\n")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Half an hour of fuzzing.")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    raise SystemExit(bool(main(arguments.rounds, arguments.seed)))
