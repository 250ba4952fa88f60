"""The magic table: the last four digits of a recipient decide how a message to it ends.

Delays are business time, counted from the moment the simulated provider took the message.
"""

from typing import Literal, NamedTuple

DELIVERED_MS = 1_000
READ_MS = 2_000
FAR_MS = 300_000


class ReceiptStep(NamedTuple):
    """One thing the simulated Viber tells about a message it took.

    Attributes:
        what: `delivered`, `seen` or `expired`.
        after: milliseconds until it is told; None for the message's time to live.
        occurs_after: milliseconds until it happened, by the time it carries; None for when it is told.
    """

    what: Literal["delivered", "seen", "expired"]
    after: int | None
    occurs_after: int | None = None


class Scenario(NamedTuple):
    """One row: what happens to messages for one kind of number.

    Attributes:
        digits: the last four digits that call for it; empty for every other number.
        description: the row in words, for the documentation and the pages.
        viber_status: what Viber answers instead of taking it; 0 for taking it.
        busy_answers: how often Viber answers "busy" (status 1) before it takes a message.
        drops_answer: Viber takes the message and the connection goes away instead of an answer.
        receipts: what Viber tells afterwards, in the order of telling.
        received: milliseconds until the phone shows the message, as `received`; None for never.
        reply_text: what the person writes back, two seconds after the message was taken; empty for nothing.
        sms_fails: an SMS to the number is taken by the gateway and then fails.
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

    @property
    def refusal(self) -> Literal["", "unknown", "blocked"]:
        """Why a provider other than Viber does not take a message, in words it has its own code for."""
        return _REFUSALS[self.viber_status]


_REFUSALS: dict[int, Literal["", "unknown", "blocked"]] = {0: "", 8: "blocked", 9: "unknown"}

OTHERWISE = Scenario("", "delivered after 1 s, read after 2 s")
"""What happens to every number that no row names."""

SCENARIOS = (
    Scenario("0001", "not a Viber user", viber_status=9, receipts=(), received=None),
    Scenario("0002", "reaches the phone, and no receipt ever comes", receipts=()),
    Scenario("0003", "delivered after 1 s, never read", receipts=(ReceiptStep("delivered", DELIVERED_MS),)),
    Scenario(
        "0004",
        "the phone is off: delivered after 300 s, not read",
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
"""The rows with a number of their own. On the SMS gateway all but 0011 are delivered after 1 s."""

_BY_DIGITS = {scenario.digits: scenario for scenario in SCENARIOS}


def scenario_of(recipient: str) -> Scenario:
    """The row for a recipient.

    Args:
        recipient: a phone number or another id; only its last four characters count.
    """
    return _BY_DIGITS.get(recipient[-4:], OTHERWISE)
