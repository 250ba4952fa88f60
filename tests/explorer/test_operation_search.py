"""Operations are found by their names, parameters and error codes, the likeliest first."""

from waypost.api.operations.catalogue import EVERY
from waypost.console.explorer.operation_search import operations_with


def names(query: str) -> list[str]:
    return [found.operation.name for found in operations_with(query)]


def test_a_name_comes_before_what_only_mentions_it() -> None:
    assert names("sendchatappm")[0] in ("SendChatappMessage", "SendChatappMassMessage")
    found = names("suppression")
    assert set(found[:3]) == {"CreateSuppression", "DeleteSuppression", "ListSuppressions"}


def test_a_parameter_and_a_code_lead_to_their_operations() -> None:
    ttl = {found.operation.name: found for found in operations_with("Ttl")}
    assert "Ttl" in ttl["SendChatappMessage"].parameters
    code = operations_with("MissingRoleName")
    assert {"GetRole", "DeleteRole"} <= {found.operation.name for found in code}
    assert all("MissingRoleName" in found.codes for found in code)


def test_without_words_all_are_there_and_no_word_finds_nothing() -> None:
    assert names("") == names("   ") == list(EVERY)
    assert names("no-such-word") == []
