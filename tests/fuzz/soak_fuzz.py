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
from collections.abc import Collection
from pathlib import Path

from tests.fuzz.targets import TARGETS

_ROUND_S = 30 * 60
_START_S, _END_S = 60, 10
_ROOT = Path(__file__).parents[2]


def fuzz(targets: Collection[str], seconds: int, seed: int, folder: Path) -> dict[str, str]:
    """Fuzzes targets, so many seconds each.

    Args:
        folder: gets a folder for each target, with the inputs that fail.

    Returns:
        What was printed about each target that has a fault.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", *targets, "--seconds", str(seconds), "--seed", str(seed)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=(seconds + _END_S) * len(targets) + _START_S,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "src")))},
    )
    found = {
        target: (folder / target / "printed.txt").read_text(encoding="utf-8", errors="replace")
        for target in targets
        if (folder / target / "exit-code.txt").read_text(encoding="utf-8") != "0"
    }
    assert len(found) == done.returncode, f"{done.stdout}\n{done.stderr}"
    return found


def main(rounds: int, seed: int) -> int:
    """Fuzzes, and returns how many targets have a fault."""
    folder, found = Path(tempfile.mkdtemp(prefix="waypost-fuzz-")), 0
    for round_ in range(rounds):
        faults = fuzz(TARGETS, _ROUND_S // len(TARGETS), seed + round_, folder)
        found += len(faults)
        for target in TARGETS:
            sys.stdout.write(f"{target}: {faults.get(target, 'nothing found')}\n")
        sys.stdout.flush()
    sys.stdout.write(f"seed {seed}: {found} targets with a fault; inputs in {folder}\n")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Half an hour of fuzzing.")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    raise SystemExit(bool(main(arguments.rounds, arguments.seed)))
