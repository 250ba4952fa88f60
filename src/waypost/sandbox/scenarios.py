"""The scenarios: the last four digits of a recipient determine what happens to a message to it.

Delays are in sandbox time and begin when the simulated provider accepts the message.
"""

from typing import Literal, NamedTuple

DELIVERED_MS = 1_000
READ_MS = 2_000
FAR_MS = 300_000
REPLIES_AFTER_MS = 2_000


class ReceiptStep(NamedTuple):
    """A receipt that a simulated provider sends.

    Attributes:
        what: `delivered`, `seen` or `expired`.
        after: milliseconds until it is sent; None for the message's time to live.
        occurs_after: milliseconds until the time that it carries; None if that is when it is sent.
    """

    what: Literal["delivered", "seen", "expired"]
    after: int | None
    occurs_after: int | None = None

    def reported_ms(self, ttl_ms: int) -> int:
        """Milliseconds until the receipt is sent, for a message with this time to live."""
        return ttl_ms if self.after is None else self.after

    def occurs_ms(self, ttl_ms: int) -> int:
        """Milliseconds until the time that the receipt carries, for a message with this time to live."""
        return self.reported_ms(ttl_ms) if self.occurs_after is None else self.occurs_after


class Scenario(NamedTuple):
    """What happens to messages to the numbers with certain last digits.

    Attributes:
        digits: the last four digits that select it; empty for the default.
        description: the scenario in words, for the documentation and the pages.
        viber_status: the status with which Viber refuses the message; 0 if it accepts it.
        busy_answers: how often Viber answers "busy" (status 1) before it accepts a message.
        drops_answer: the provider accepts the message and closes the connection without a response.
        receipts: the receipts that the provider then sends, in order.
        received: milliseconds until the message reaches the phone; None for never.
        reply_text: the user's reply, two seconds after the message was accepted; empty for none.
        sms_fails: the SMS gateway accepts a message to the number and then reports failure.
    """

    digits: str
    description: str
    viber_status: int = 0
    busy_answers: int = 0
    drops_answer: bool = False
    receipts: tuple[ReceiptStep, ...] = (ReceiptStep("delivered", DELIVERED_MS), ReceiptStep("seen", READ_MS))
    received: int | None = 0
    reply_text: str = ""
    sms_fails: bool = False

    def within(self, ttl_ms: int) -> "Scenario":
        """The scenario of a message with this time to live: one that would reach the phone later expires."""
        if self.received is None or self.received < ttl_ms:
            return self
        return self._replace(receipts=(ReceiptStep("expired", None),), received=None, reply_text="")

    @property
    def refusal(self) -> Literal["", "unknown", "blocked"]:
        """The reason for which a provider other than Viber refuses a message; empty if it accepts it."""
        return _REFUSALS[self.viber_status]


_REFUSALS: dict[int, Literal["", "unknown", "blocked"]] = {0: "", 8: "blocked", 9: "unknown"}

OTHERWISE = Scenario("", "delivered after 1 s, read after 2 s")
"""The scenario of all other numbers."""

SCENARIOS = (
    Scenario("0001", "not a Viber user", viber_status=9, receipts=(), received=None),
    Scenario("0002", "reaches the phone, and no receipt ever comes", receipts=()),
    Scenario("0003", "delivered after 1 s, never read", receipts=(ReceiptStep("delivered", DELIVERED_MS),)),
    Scenario(
        "0004",
        "the phone is off: delivered after 300 s, not read; expires first if its Ttl runs out before",
        receipts=(ReceiptStep("delivered", FAR_MS),),
        received=FAR_MS,
    ),
    Scenario(
        "0005",
        "never reaches the phone, expires when its Ttl runs out",
        receipts=(ReceiptStep("expired", None),),
        received=None,
    ),
    Scenario("0006", "Viber is busy twice (status 1), then takes it; delivered and read", busy_answers=2),
    Scenario("0007", "Viber takes it and its answer is lost; delivered and read", drops_answer=True),
    Scenario(
        "0008",
        "receipts come doubled and out of order: seen, delivered, seen, delivered",
        receipts=(
            ReceiptStep("seen", READ_MS),
            ReceiptStep("delivered", READ_MS, DELIVERED_MS),
            ReceiptStep("seen", READ_MS),
            ReceiptStep("delivered", READ_MS, DELIVERED_MS),
        ),
    ),
    Scenario("0009", "has blocked the sender (status 8)", viber_status=8, receipts=(), received=None),
    Scenario(
        "0010",
        "delivered after 1 s, and the person replies STOP",
        receipts=(ReceiptStep("delivered", DELIVERED_MS),),
        reply_text="STOP",
    ),
    Scenario(
        "0011",
        "not a Viber user, and the SMS fails too",
        viber_status=9,
        receipts=(),
        received=None,
        sms_fails=True,
    ),
)
"""The scenarios by digits. The SMS gateway delivers to all but 0011 after 1 s."""

_BY_DIGITS = {scenario.digits: scenario for scenario in SCENARIOS}


def scenario_of(recipient: str) -> Scenario:
    """The scenario of a recipient.

    Args:
        recipient: a phone number or another id; its last four characters select the scenario.
    """
    return _BY_DIGITS.get(recipient[-4:], OTHERWISE)
