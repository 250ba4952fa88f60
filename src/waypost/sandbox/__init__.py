"""The sandbox: simulated providers and phones, a clock that can be moved, faults on demand."""
