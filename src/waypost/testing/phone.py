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
        self._act("reply", {"text": text})

    def tap(self, text: str) -> None:
        """Taps the button, quick reply or row of a list with a text, of the latest message that has it.

        Raises:
            AssertionError: there is none, or a tap of it sends nothing, as of a link.
        """
        self._act("tap", {"text": text})

    def read(self) -> None:
        """Reads the last message, and all before it of the same sender.

        Raises:
            AssertionError: there is none, or its channel does not report to senders what was read.
        """
        self._act("read", {})

    def block(self) -> None:
        """Blocks the sender of the last message: further ones fail as that provider reports it.

        Raises:
            AssertionError: there is no message, or it came by SMS.
        """
        self._act("block", {})

    def unblock(self) -> None:
        """Ends what `block` began.

        Raises:
            AssertionError: there is no message, or it came by SMS.
        """
        self._act("unblock", {})

    def _act(self, action: str, body: dict[str, str]) -> None:
        # What is on its way reaches the phone first.
        self._control.post("/sandbox/clock/advance", {"seconds": 0})
        answer = self._control.post(f"{self._path}/{action}", body)
        assert "error" not in answer, answer["error"]
