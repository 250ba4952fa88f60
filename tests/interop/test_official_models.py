"""Typed clients can decode every answer and send every parameter, as the official models have them.

The models of Go, Java and C# are generated from the same descriptions as those of Python. What deviates
stands in one list here, with its reason.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests.interop.official_models import Typed, members, model
from waypost.api.description import Kind, Parameter
from waypost.api.members import Member
from waypost.api.operations.catalogue import EVERY

_EXTRA = "an extra member or parameter of ours, which a typed client does not see or send"
_OWN = "a name of the product's documents that this version of the model has not"
_NO_EFFECT = "taken without effect, as every parameter that is not listed"
DEVIATIONS = {
    "GetAuditRequestByTypeUnAudit:.Data.Reason is not in the model": _EXTRA,
    "SendChatappMessage.FallBackTo is not in the model": _EXTRA,
    "SendChatappMessage.ClientToken is not in the model": _EXTRA,
    "SendChatappMassMessage.ClientToken is not in the model": _EXTRA,
    "ListChatappTemplate.ArchiveType is not in the model": _OWN,
    "UpdateInstance.ResourceGroupId is not in the model": _OWN,
    "SendChatappMessage.Category is in the model alone": _NO_EFFECT,
    "SendChatappMessage.TokenType is in the model alone": _NO_EFFECT,
    "SendChatappMessage.AdAccountId is in the model alone": _NO_EFFECT,
    "SendChatappMessage.MessageCampaignId is in the model alone": _NO_EFFECT,
}
"""What differs from the official models, and why that breaks no client."""

ANSWERED = [name for name in EVERY if model(EVERY[name].operation.product.name, f"{name}ResponseBody")]
CALLED = [name for name in EVERY if model(EVERY[name].operation.product.name, f"{name}Request")]
_STRUCTURED = {Kind.JSON, Kind.OBJECT, Kind.LIST}
_SENT = {
    "string": {Kind.STRING, *_STRUCTURED},
    "integer": {Kind.INTEGER},
    "boolean": {Kind.STRING},
    "object": {Kind.JSON, Kind.OBJECT},
    "array": {Kind.LIST},
    "texts": {Kind.LIST, Kind.JSON},
}


def answer_deviations(
    product: str, class_: type[Any], answered: Iterable[Member], place: str
) -> Iterator[str]:
    """What an answer, nested members included, has that its model has not, or of another type."""
    known = members(product, class_)
    for member in answered:
        path = f"{place}.{member.name}"
        typed = known.get(member.name)
        if typed is None:
            yield f"{path} is not in the model"
        elif typed.kind != member.kind:
            yield f"{path} is {member.kind}, in the model {typed.kind}"
        elif typed.model is not None and member.members:
            yield from answer_deviations(product, typed.model, member.members, path)


def parameter_deviations(
    known: dict[str, Typed], described: Iterable[Parameter], place: str
) -> Iterator[str]:
    """What parameters an operation has and its model has not, or the other way round, or of another type."""
    rows = {row.name: row for row in described}
    for name, row in rows.items():
        if name not in known:
            if not row.ignored:
                yield f"{place}.{name} is not in the model"
        elif not row.ignored:
            typed = known[name]
            booleans = {"true", "false"} if typed.kind == "boolean" else None
            if row.kind not in _SENT[typed.kind] or (booleans and set(row.allowed) != booleans):
                yield f"{place}.{name} is {row.kind.value}, in the model {typed.kind}"
    for name in known.keys() - rows.keys():
        yield f"{place}.{name} is in the model alone"


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_has_the_names_and_types_of_its_model(name: str) -> None:
    operation = EVERY[name].operation
    class_ = model(operation.product.name, f"{name}ResponseBody")
    assert class_ is not None
    found = answer_deviations(operation.product.name, class_, operation.answer, f"{name}:")
    assert [each for each in found if each not in DEVIATIONS] == []


@pytest.mark.parametrize("name", CALLED)
def test_the_parameters_have_the_names_and_types_of_their_model(name: str) -> None:
    operation = EVERY[name].operation
    class_ = model(operation.product.name, f"{name}Request")
    assert class_ is not None
    found = parameter_deviations(members(operation.product.name, class_), operation.parameters, name)
    assert [each for each in found if each not in DEVIATIONS] == []


def test_no_deviation_is_listed_that_is_gone() -> None:
    found: set[str] = set()
    for name in EVERY:
        operation = EVERY[name].operation
        product = operation.product.name
        answer, request = model(product, f"{name}ResponseBody"), model(product, f"{name}Request")
        if answer is not None:
            found.update(answer_deviations(product, answer, operation.answer, f"{name}:"))
        if request is not None:
            found.update(parameter_deviations(members(product, request), operation.parameters, name))
    assert found == DEVIATIONS.keys()


def test_no_operation_of_the_official_api_goes_without_a_model() -> None:
    assert len(ANSWERED) > 60
    assert set(EVERY) - set(ANSWERED) == set(EVERY) & {
        name for name in EVERY if EVERY[name].operation.source == ""
    }
