"""The way of a call through the gateway: when it is answered, and what is stored before."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from tests.api.signed_calls import FakeNonceLog, Keys, v3_call
from tests.api.vectors import ACCESS_KEY_ID, SECRET
from waypost.api.authentication import prepare_key
from waypost.api.call_recorder import CallBounds, CallRecorder
from waypost.api.caller import Caller
from waypost.api.gate import Gate
from waypost.api.gateway import ApiGateway
from waypost.api.http_messages import HttpAnswer, HttpRequest
from waypost.api.nonces import NonceGuard
from waypost.api.operations.endpoint import Dependencies
from waypost.api.operations.messages.send_chatapp_message import SendChatappMessageAnswer
from waypost.api.throttle import FailedSignatures, Throttle
from waypost.clock import SystemClock
from waypost.messaging.acceptance import Acceptance, acceptance
from waypost.model import codes
from waypost.model.configuration import Account, Configuration, Sender, Space
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.message import Message
from waypost.model.message.sms_limits import NO_LIMITS
from waypost.server.call_log import CallLog
from waypost.storage.changes import Change, ClaimNonce, Command, Refusal
from waypost.storage.contract import Store, StoreUnavailableError, UnknownOutcomeError
from waypost.storage.live_configuration import LiveConfiguration
from waypost.storage.secrets import SecretBox

ONE = AccountId("1")
CONFIGURATION = Configuration(
    [
        Account(id=ONE),
        Space(id=SpaceId("s"), account_id=ONE, default=True),
        Sender(channel="viber", id="20001", account_id=ONE, route="r"),
    ]
)
SEND = (
    "ChannelType=viber&Content=%7B%22text%22%3A%22hello%22%7D&From=20001&Label=transaction&MessageType=text"
    "&To=491510000002&Type=message"
)


class PendingStore:
    """A store whose transactions end when the test says so, and that has used no client token."""

    def __init__(self) -> None:
        self.transactions: list[asyncio.Future[Any]] = []
        self.commands: list[Sequence[Command]] = []
        self.client_tokens = self

    def apply(self, changes: Sequence[Change], *, bounded: bool = False) -> asyncio.Future[Any]:
        return self._begin([command for change in changes for command in change.commands])

    def transact(self, change: Callable[[Any], Any], *, bounded: bool = False) -> asyncio.Future[Any]:
        written = WrittenCommands(self)
        change(written)
        return self._begin(written.commands)

    def claim(self, *_: object) -> None:
        """A client token that was not used before."""

    def _begin(self, commands: Sequence[Command]) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        self.transactions.append(future)
        self.commands.append(commands)
        return future

    async def find(self, *_: object) -> None:
        return None


class WrittenCommands:
    """A transaction that records the commands that are written in it."""

    def __init__(self, client_tokens: PendingStore) -> None:
        self.client_tokens = client_tokens
        self.commands: list[Command] = []

    def write(self, *commands: Command) -> None:
        self.commands += commands


class Service:
    """A gateway with one account, and the answers it gave."""

    def __init__(self) -> None:
        self.store = PendingStore()
        key = prepare_key(ACCESS_KEY_ID, SECRET, True, Caller(ONE, None))
        self.gate = Gate(
            Keys(key), NonceGuard(FakeNonceLog()), Throttle({}), FailedSignatures(), lambda: CONFIGURATION
        )
        self.recorder = CallRecorder(
            cast(Store, self.store), SystemClock(), lambda: CONFIGURATION, CallBounds(100, 10), CallLog()
        )
        self.gateway = ApiGateway(
            self.gate,
            Dependencies(
                cast(Store, self.store),
                lambda _: MessageId("2027011528800000000042000"),
                120,
                NO_LIMITS,
                SecretBox(bytes(32)),
                self.accept,
                3600,
            ),
            SystemClock(),
            configuration=cast(LiveConfiguration, None),
            recorder=self.recorder,
            public_url="",
        )
        self.answers: list[HttpAnswer] = []
        self.written: list[bool] = []

    def accept(self, message: Message, configuration: Configuration) -> Acceptance:
        return Acceptance(acceptance(message, configuration, 0).commands, self.written.append)

    def call(self, query: str = SEND, nonce: str = "n", **more: Any) -> None:
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        signed = v3_call(query, headers={"x-acs-date": date, "x-acs-signature-nonce": nonce})
        headers = [(name.encode(), value.encode()) for name, value in signed.headers.items()]
        request = HttpRequest("POST", "/", query.encode(), headers, "192.0.2.1", **more)
        self.gateway.handle(request, self.answers.append)

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(answer.status, json.loads(answer.body)["Code"]) for answer in self.answers]

    def nonces_of(self, transaction: int) -> int:
        """How many nonces a transaction claims."""
        return sum(isinstance(command, ClaimNonce) for command in self.store.commands[transaction])


async def turn_of_the_loop() -> None:
    await asyncio.sleep(0)


async def test_a_call_is_answered_once_it_is_durable_and_only_then() -> None:
    service = Service()
    service.call()
    await turn_of_the_loop()
    assert service.answers == []
    service.store.transactions[0].set_result([None])
    await turn_of_the_loop()
    assert service.codes == [(200, "OK")]
    assert service.nonces_of(0) == 1


async def test_an_ordinary_call_starts_no_task() -> None:
    service = Service()
    service.call()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_call_that_has_to_wait_is_answered_when_it_is_durable() -> None:
    service = Service()
    service.call(SEND.replace("&Content", "&ClientToken=t&Content"))
    assert service.store.transactions == []
    await turn_of_the_loop()
    service.store.transactions[0].set_result(None)
    await turn_of_the_loop()
    assert service.codes == [(200, "OK")]


async def test_a_message_is_handed_on_if_it_was_written() -> None:
    service = Service()
    service.call()
    service.store.transactions[0].set_result([None])
    await turn_of_the_loop()
    assert service.written == [True]


async def test_a_message_that_was_not_written_is_not_handed_on() -> None:
    service = Service()
    service.call()
    service.call(SEND.replace("&Content", "&ClientToken=t&Content"), nonce="m")
    await turn_of_the_loop()
    unwritten, repeated = service.store.transactions
    unwritten.set_exception(StoreUnavailableError("full"))
    # Between its look-up and its transaction, another call has used the token.
    repeated.set_result(SendChatappMessageAnswer(message_id=MessageId("1")))
    await turn_of_the_loop()
    assert service.written == [False, False]
    assert json.loads(service.answers[1].body)["MessageId"] == "1"


@pytest.mark.parametrize(
    ("late", "written"),
    [([None], True), ([Refusal.NONCE_USED], False), (StoreUnavailableError("failed"), False)],
)
async def test_a_call_whose_flush_hangs_is_answered_and_settled_when_it_is_known(
    late: Any, written: bool
) -> None:
    service = Service()
    service.call()
    await turn_of_the_loop()
    outcome = asyncio.get_running_loop().create_future()
    service.store.transactions[0].set_exception(UnknownOutcomeError("hung", outcome))
    await turn_of_the_loop()
    assert service.codes == [(503, "ServiceUnavailable")]
    assert b"It may have been accepted" in service.answers[0].body
    assert service.written == []
    if isinstance(late, Exception):
        outcome.set_exception(late)
    else:
        outcome.set_result(late)
    await turn_of_the_loop()
    assert service.written == [written]
    assert len(service.answers) == 1


async def test_the_nonce_of_a_refused_call_is_durable_before_the_refusal() -> None:
    service = Service()
    service.call(SEND.replace("To=491510000002", "To=1"))
    await turn_of_the_loop()
    assert service.answers == []
    assert service.nonces_of(0) == 1
    service.store.transactions[0].set_result([None])
    await turn_of_the_loop()
    assert service.codes == [(400, codes.PHONE_NUMBER_ERROR)]


async def test_a_nonce_is_used_up_while_its_call_is_under_way() -> None:
    service = Service()
    service.call()
    service.call()
    assert service.codes == [(400, "SignatureNonceUsed")]


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreUnavailableError("full"), "ServiceUnavailable"), (KeyError("a fault of ours"), "InternalError")],
)
async def test_a_call_that_was_not_stored_is_not_answered_ok(error: Exception, code: str) -> None:
    service = Service()
    service.call()
    service.store.transactions[0].set_exception(error)
    await turn_of_the_loop()
    assert [found for _, found in service.codes] == [code]


async def test_a_refusal_whose_nonce_was_not_stored_is_a_failure() -> None:
    service = Service()
    service.call(SEND.replace("To=491510000002", "To=1"))
    service.store.transactions[0].set_exception(StoreUnavailableError("full"))
    await turn_of_the_loop()
    assert [code for _, code in service.codes] == ["ServiceUnavailable"]


async def test_a_body_that_is_too_long_is_refused() -> None:
    service = Service()
    service.call(is_too_long=True)
    assert service.codes == [(400, "InvalidParameter")]


async def test_closing_refuses_new_calls_and_waits_for_those_under_way() -> None:
    service = Service()
    service.call()
    closing = asyncio.ensure_future(service.gate.close())
    await turn_of_the_loop()
    service.call(nonce="another")
    assert [code for _, code in service.codes] == ["ServiceUnavailable"]
    await turn_of_the_loop()
    assert not closing.done()
    service.store.transactions[0].set_result([None])
    await closing
    assert [code for _, code in service.codes] == ["ServiceUnavailable", "OK"]
