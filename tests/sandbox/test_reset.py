"""A reset drops all messages, those under way and those that memory holds included."""

import threading

from tests.processes import start_sandbox
from tests.sdk.callers import FREE, Sandbox

NUMBERS = [f"4917{number:07d}{digits}" for number in range(10) for digits in ("0002", "0004", "0005", "0006")]


def test_nothing_of_before_comes_after_a_reset() -> None:
    with start_sandbox() as process:
        sandbox = Sandbox(process)
        for number in NUMBERS:
            sandbox.send(**FREE, to=number, fall_back_id="S_000001", fall_back_duration=60)
        # Some of these are accepted and handed on while the reset is made.
        sending = threading.Thread(
            target=lambda: [sandbox.send(**FREE, to=number) for number in NUMBERS], daemon=True
        )
        sending.start()
        process.post("/sandbox/reset", {})
        sending.join()
        process.post("/sandbox/reset", {})
        sandbox.advance(7 * 86_400)
        assert all(process.get(f"/sandbox/phones/{number}")["messages"] == [] for number in NUMBERS)
        assert process.get("/sandbox/callbacks")["callbacks"] == []
        message_id = sandbox.send(**FREE, to=NUMBERS[0])
        sandbox.advance(5)
        assert [body["Status"] for body in sandbox.callbacks(message_id)] == ["Sent"]
        assert "Traceback" not in process.log
