"""Which service ids the simulated Viber knows: those that its route carries, as of now."""

import pytest

from waypost.model.configuration import Configuration, Sender
from waypost.model.identifiers import AccountId
from waypost.sandbox.viber_services import ViberServices

URL = "http://127.0.0.1:1/receipts/sandbox-viber/sandbox"


def sender(id_: str, *, channel: str = "viber", route: str = "sandbox-viber") -> Sender:
    return Sender(channel=channel, id=id_, account_id=AccountId("1"), route=route)


def services(*senders: Sender) -> ViberServices:
    made = ViberServices("sandbox-viber", URL)
    made.configuration = lambda: Configuration(senders)
    return made


def test_before_the_service_is_there_it_knows_nobody() -> None:
    made = ViberServices("sandbox-viber", URL)
    assert (len(made), list(made), 20001 in made, made.get(20001)) == (0, [], False, None)


@pytest.mark.parametrize(
    ("known", "service_id", "expected"),
    [
        (sender("20001"), 20001, URL),
        (sender("20001"), 20002, None),
        (sender("20001", route="another"), 20001, None),
        (sender("20001", channel="sms"), 20001, None),
    ],
)
def test_the_address_of_a_service(known: Sender, service_id: int, expected: str | None) -> None:
    made = services(known)
    assert made.get(service_id) == expected
    assert (service_id in made) is (expected is not None)
    assert dict(made) == ({20001: URL} if known == sender("20001") else {})


def test_a_service_that_nobody_has_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        services(sender("20001"))[20002]


def test_a_service_that_is_registered_later_is_known_from_then_on() -> None:
    made = services(sender("20001"))
    assert list(made) == [20001]
    made.configuration = lambda: Configuration(
        [sender("20001"), sender("25644"), sender("7", channel="line")]
    )
    assert list(made) == [20001, 25644]
    assert len(made) == 2
