"""Waypost for the tests of programs that send messages: a whole service, phones, and a clock that moves.

With pytest there is a fixture, `waypost`:

    def test_a_code_is_sent(waypost):
        my_program.send_code("4915112345678", client=waypost.client)
        assert waypost.phone("4915112345678").code == "1234"

and for everything else a context manager, `sandbox()`. What is imported from here is kept stable.
"""

from waypost.testing.disruptions import Disruption, Provider
from waypost.testing.phone import Phone
from waypost.testing.process import SandboxProcess
from waypost.testing.records import Call, Callback, Message, PhoneMessage
from waypost.testing.sandbox import Sandbox, sandbox
from waypost.testing.thread import SandboxThread

__all__ = [
    "Call",
    "Callback",
    "Disruption",
    "Message",
    "Phone",
    "PhoneMessage",
    "Provider",
    "Sandbox",
    "SandboxProcess",
    "SandboxThread",
    "sandbox",
]
