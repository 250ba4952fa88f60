"""Fuzzes one target guided by coverage: `python -m tests.fuzz.guided TARGET --seconds 60`.

A fault, an input over 100 ms among them, ends the process and leaves the input in the working folder.
"""

import argparse
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["waypost"], enable_loader_override=False):
    from tests.fuzz.targets import TARGETS

INPUTS = Path(__file__).parent / "inputs"
SLOWEST_S = 0.1
# What a busy machine adds counts only if it comes again.
_TRIES = 3
_LONGEST = 16_384


def main() -> None:
    """Fuzzes until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    target = TARGETS[arguments.target]
    known = INPUTS / arguments.target
    for number, seed in enumerate(target.seeds):
        Path(f"seed-{number}").write_bytes(seed)
        target.run(seed)

    def run(data: bytes) -> None:
        for tries_left in reversed(range(_TRIES)):
            begun = time.process_time()
            target.run(data)
            seconds = time.process_time() - begun
            if seconds <= SLOWEST_S:
                return
            if not tries_left:
                raise TimeoutError(f"an input of {len(data)} bytes took {seconds:.3f} s")

    options = [f"-max_total_time={arguments.seconds}", f"-max_len={_LONGEST}", f"-seed={arguments.seed}"]
    folders = [".", *([str(known)] if known.is_dir() else [])]
    atheris.Setup([sys.argv[0], *options, "-verbosity=0", *folders], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
