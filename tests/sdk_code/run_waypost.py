"""Runs `waypost` once for each list of arguments, a JSON list of them on standard input."""

import json
import sys

from waypost.cli.application import application_for

for arguments in json.load(sys.stdin):
    try:
        application_for(arguments)(arguments, standalone_mode=False)
    except SystemExit:
        # How a refused call ends; whether it arrived is seen in the sandbox.
        continue
