"""A bench's process whose bytecode is counted: `python -m bench.traced COUNTS MODULE ARGUMENTS…`.

SIGUSR1 begins to count; SIGUSR2 ends it and writes COUNTS, a JSON array of [file, function, instructions,
calls].
"""

import json
import os
import runpy
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any


class Tracer:
    """Counts the instructions of every function of Python that runs while it is on, in all threads."""

    def __init__(self, counts: Path) -> None:
        self._counts = counts
        self._instructions: Counter[CodeType] = Counter()
        self._calls: Counter[CodeType] = Counter()
        self._on = False

    def begin(self, *_: object) -> None:
        self._on = True

    def end(self, *_: object) -> None:
        self._on = False
        rows = [
            (code.co_filename, code.co_qualname, count, self._calls[code])
            for code, count in self._instructions.most_common()
        ]
        partial = self._counts.with_suffix(".partial")
        partial.write_text(json.dumps(rows), encoding="utf-8")
        partial.rename(self._counts)

    def enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Called by the interpreter for each new frame."""
        if not self._on:
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        self._calls[frame.f_code] += 1
        return self._step

    def _step(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode":
            self._instructions[frame.f_code] += 1
        return self._step


def main() -> None:
    counts, module = sys.argv[1:3]
    tracer = Tracer(Path(counts))
    signal.signal(signal.SIGUSR1, tracer.begin)
    signal.signal(signal.SIGUSR2, tracer.end)
    threading.settrace(tracer.enter)
    sys.settrace(tracer.enter)
    sys.argv = [os.fspath(module), *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
