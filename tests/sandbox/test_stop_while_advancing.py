"""SIGTERM while the clock is being moved: the request is answered, and the process ends cleanly."""

import http.client
import json
import signal
import socket
import threading

import pytest

from tests.processes import start_sandbox
from tests.sdk.callers import FREE, Sandbox


@pytest.mark.long
def test_a_stop_ends_an_advance_that_waits() -> None:
    answers: list[tuple[int, str]] = []
    # It accepts pushes and never answers them, so that the advance waits.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/status"
        with start_sandbox(callback_url=url) as running:

            def advance() -> None:
                connection = http.client.HTTPConnection(running.endpoint, timeout=30)
                connection.request("POST", "/sandbox/clock/advance", json.dumps({"seconds": 1000}))
                answer = connection.getresponse()
                answers.append((answer.status, json.loads(answer.read())["error"]))
                connection.close()

            Sandbox(running).send(**FREE, to="4915112340003")
            waiting = threading.Thread(target=advance)
            waiting.start()
            pushed, _ = silent.accept()
            with pushed:
                running.process.send_signal(signal.SIGTERM)
                assert running.stop() == 0
            waiting.join(10)
            assert "Traceback" not in running.log
    assert answers == [(503, "the sandbox is being stopped")]
