"""Fuzzing: whatever bytes come from outside are taken or refused, quickly.

`targets.py` has what is fuzzed and where the search begins, `inputs/` what was found once. `test_inputs.py`
replays both in each run, and fuzzes for a minute in the long tier; `make soak NAME=fuzz` goes on for half an
hour.
"""
