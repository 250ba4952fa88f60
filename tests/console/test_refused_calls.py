"""Which parameters of a refused call are marked."""

from typing import cast

import pytest

from waypost.api.operations.catalogue import OPERATIONS
from waypost.api.reference.operation_rows import parameter_rows
from waypost.console.refused_calls import (
    RefusedCall,
    call_parameters,
    refused_call_finder,
    wrong_parameters,
)
from waypost.model.identifiers import AccountId
from waypost.storage.call_records import CallRecord
from waypost.storage.contract import Store, StoreUnavailableError

SEND = OPERATIONS["SendChatappMessage"].operation


@pytest.mark.parametrize(
    ("code", "message", "names"),
    [
        ("MissingTo", "", {"To"}),
        ("InvalidTtl", "", {"Ttl"}),
        ("InvalidParameter.ToOnlyNumeric", "", {"To"}),
        ("InvalidParameter.ChannelTypeNotSupport", "", {"ChannelType"}),
        ("Product.Unsubscript", "", set()),
        ("System.LimitControl", "Slow down, To is no matter.", set()),
        # Of several parameters; the message says which.
        ("Unknown.ResourceOwnerId", "", set()),
        ("Unknown.ResourceOwnerId", "TemplateCode: there is no such template.", {"TemplateCode"}),
    ],
)
def test_what_a_code_and_its_message_name(code: str, message: str, names: set[str]) -> None:
    assert set(wrong_parameters(parameter_rows(SEND), code, message)) == names


def test_a_missing_parameter_is_shown_though_it_was_not_sent() -> None:
    listed = call_parameters(SEND, "MissingTo", "", {"From": None, "Secret-In-A-Name": "x"})
    assert [(each.name, each.is_sent, each.is_wrong) for each in listed] == [
        ("From", True, False),
        ("To", False, True),
    ]


def test_what_is_allowed_stands_with_it() -> None:
    [ttl] = call_parameters(SEND, "InvalidTtl", "", {"Ttl": "1"})
    assert (ttl.value, ttl.is_wrong, ttl.allowed) == ("1", True, "30 to 1209600")


class Records:
    """A store that has one record of a call, or is away."""

    def __init__(self, record: CallRecord | None) -> None:
        self.call_records = self
        self._record = record

    async def find(self, request_id: str) -> CallRecord | None:
        if self._record is None:
            raise StoreUnavailableError("away")
        return self._record if request_id == self._record.request_id else None


def record(code: str = "InvalidTtl", operation: str = "SendChatappMessage") -> CallRecord:
    return CallRecord(
        request_id="R-1",
        at=1,
        account_id=AccountId("acme"),
        is_authenticated=True,
        access_key_id="LTAI5tKey",
        operation=operation,
        code=code,
        ms=1,
        peer="192.0.2.1",
        parameters={"Ttl": "1", "To": "49***78", "s3cret-in-the-wrong-place": "x"},
        unknown=("s3cret-in-the-wrong-place",),
    )


async def found(kept: CallRecord | None, request_id: str = "R-1") -> RefusedCall | None:
    return await refused_call_finder(cast(Store, Records(kept)))(request_id)


async def test_a_stranger_sees_names_of_the_description_and_nothing_else() -> None:
    call = await found(record())
    assert call is not None
    assert (call.operation, call.code, call.wrong, call.unknown_count) == (
        "SendChatappMessage",
        "InvalidTtl",
        ["Ttl"],
        1,
    )
    for hidden in ("s3cret", "acme", "LTAI5tKey", "192.0.2.1", "49***78", "'1'"):
        assert hidden not in repr(call)


async def test_what_is_no_refused_call_is_not_found() -> None:
    assert await found(record(code="OK")) is None
    assert await found(record(), "R-2") is None
    # The code is explained though the database is away.
    assert await found(None) is None


async def test_an_operation_that_there_is_not_is_not_named() -> None:
    call = await found(record("InvalidAction.NotFound", "s3cret-in-the-wrong-place"))
    assert call == RefusedCall("R-1", "", "InvalidAction.NotFound", "", (), (), 0)
