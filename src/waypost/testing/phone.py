"""A simulated phone, and what the person who has it does."""

import msgspec

from waypost.testing.control import Control
from waypost.testing.records import PhoneMessage


class Phone:
    """A simulated phone.

    Attributes:
        number: its number, or the person's id on a channel that has no numbers.
    """

    def __init__(self, control: Control, number: str) -> None:
        self.number = number
        self._control = control
        self._path = f"/sandbox/phones/{number}"

    @property
    def messages(self) -> list[PhoneMessage]:
        """What it shows, oldest first."""
        return msgspec.convert(self._control.look(self._path)["messages"], list[PhoneMessage])

    @property
    def texts(self) -> list[str]:
        """The texts of what it shows, oldest first."""
        return [message.text for message in self.messages]

    @property
    def code(self) -> str:
        """The last one-time password: four to eight digits in a text.

        Raises:
            AssertionError: no message has one.
        """
        answer = self._control.look(f"{self._path}/code")
        assert "code" in answer, answer.get("error")
        return str(answer["code"])

    def reply(self, text: str) -> None:
        """Replies to the last message.

        Raises:
            AssertionError: there is none, or it came by SMS.
        """
        answer = self._control.post(f"{self._path}/reply", {"text": text})
        assert "error" not in answer, answer["error"]
