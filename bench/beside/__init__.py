"""Waypost's sandbox beside other services for tests: start to ready, size, set-up, and a suite of 20 tests.

    .venv/bin/python -m bench.beside

Each is installed into an environment of its own in a temporary folder, in the versions of `services.py`;
Waypost from the wheel of this folder. stripe-mock is built by the Go toolchain, and left out where there is
none. All of them are on loopback. It takes some minutes and is not run in CI.

- **ready**: from the start of the process until it answers its first request, polled every 2 ms; of
  pytest-httpserver, which has no process, until its server in a fresh interpreter has answered. The median of
  ten, after one that is not counted.
- **size**: the files of the environment without pip and setuptools, after its first run; of stripe-mock its
  program.
- **set-up**: the lines of the suite between `# set-up` and `# tests`.
- **20 tests**: twenty tests that send and, where that can be, look at what came of it, by pytest in a process
  of its own, from start to end: the median of five, after one that is not counted.
"""
