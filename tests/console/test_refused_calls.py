"""Which parameters of a refused call are marked."""

import pytest

from waypost.api.operations.catalogue import OPERATIONS
from waypost.api.reference.operation_rows import parameter_rows
from waypost.console.refused_calls import call_parameters, wrong_parameters

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
