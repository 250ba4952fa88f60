"""Takes a service whose time stands still from one due moment to the next, with receipts in between."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from tests.processes import STARTED_WITHIN, Running, environment_of
from tests.upgrade.providers import Providers, Submission, Webhook, receipt

_open = build_opener(ProxyHandler({})).open


@contextmanager
def still_service(
    script: Sequence[str], config: Path, start: int, environment: Mapping[str, str]
) -> Iterator[Running]:
    """The process: `script` is its program, `start` the time at which it stands, in milliseconds UTC."""
    process = subprocess.Popen(
        [sys.executable, *script, str(config), str(start)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_of({"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment}),
    )
    running = Running(process)
    try:
        running.wait_ready(STARTED_WITHIN)
        yield running
    finally:
        running.stop()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


class Driver:
    """What happens outside of the service, in an order that is always the same.

    Args:
        then: by channel and recipient, the receipts of each message that is taken from now on.
    """

    def __init__(
        self, running: Running, providers: Providers, then: Mapping[tuple[str, str], Sequence[str]]
    ) -> None:
        self._running = running
        self._providers = providers
        self._then = then
        self._reported = len(providers.asked)

    def settle(self) -> dict[str, Any]:
        """Returns when nothing is due: what time it is, and when something will be."""
        shown: dict[str, Any] = self._running.get("/still")
        return shown

    def deliver(self, webhook: Webhook) -> None:
        """Sends a provider's webhook, and waits until it is processed."""
        request = Request(self._running.address + webhook.path, webhook.body, webhook.headers)
        with _open(request, timeout=30) as answer:
            assert answer.status == 200
        self.settle()

    def report(self) -> bool:
        """The receipts of all that was newly taken; whether there were any."""
        submissions = self._providers.asked
        new, self._reported = submissions[self._reported :], len(submissions)
        for submission, answer in new:
            for kind in () if answer else self._then.get((submission.channel, submission.recipient), ()):
                self.deliver(self.receipt(submission, kind))
        return bool(new)

    def receipt(self, of: Submission, kind: str) -> Webhook:
        """A receipt as of now."""
        return receipt(of, kind, self.settle()["now"])

    def move(self, to: int) -> None:
        """Time passes, from one due moment to the next, until `to` (milliseconds UTC)."""
        while True:
            due = self.settle()["due"]
            if self.report():
                continue
            if due is None or due > to:
                break
            self._running.post("/still/move", {"to": due})
        self._running.post("/still/move", {"to": to})
        while self.report():
            self.settle()

    def finish(self) -> None:
        """Time passes until there is no work left."""
        while (due := self.settle()["due"]) is not None or self.report():
            if due is not None:
                self.move(due)
