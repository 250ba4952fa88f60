"""The sandbox: simulated providers and handsets, a clock that can be moved, faults on demand."""
