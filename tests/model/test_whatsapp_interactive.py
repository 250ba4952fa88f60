"""WhatsApp's interactive messages: the members that each kind needs, and how long they may be."""

import json
from typing import Any

import pytest

from waypost.model.content.check import check_content
from waypost.model.content.whatsapp import INTERACTIVE_TYPES, check_interactive

ERROR = "InvalidParameter.ContentError"
BODY = {"text": "Which?"}
# Kind to the action it needs (providers/whatsapp.md, and Meta's pages of each).
ACTIONS: dict[str, dict[str, Any]] = {
    "button": {"buttons": [{"type": "reply"}]},
    "list": {"button": "Choose", "sections": [{"rows": []}]},
    "cta_url": {"parameters": {"url": "https://a.example"}},
    "product": {"catalog_id": "1", "product_retailer_id": "2"},
    "product_list": {"catalog_id": "1", "sections": [{"title": "a"}]},
    "flow": {"parameters": {"flow_id": "1"}},
    "carousel": {"cards": [{}, {}]},
    "catalog_message": {},
    "location_request_message": {},
    "address_message": {},
    "call_permission_request": {},
}
NAMED = {"name": "send"}


def least(kind: str) -> dict[str, Any]:
    """The least that an interactive message of that kind holds."""
    parts: dict[str, Any] = {"type": kind, "action": ACTIONS[kind] or NAMED}
    if kind != "product":
        parts["body"] = BODY
    if kind == "product_list":
        parts["header"] = {"type": "text", "text": "Ours"}
    return parts


def faults_of(content: dict[str, Any]) -> list[tuple[str, str, str]]:
    _, faults = check_content("whatsapp", "interactive", json.dumps(content), None)
    return [(fault.code, fault.parameter, fault.message) for fault in faults]


def parameters(content: dict[str, Any]) -> list[str]:
    return [parameter for _, parameter, _ in faults_of(content)]


def test_the_kinds_are_those_of_the_cloud_api() -> None:
    assert set(ACTIONS) == INTERACTIVE_TYPES


@pytest.mark.parametrize("kind", ACTIONS)
def test_each_kind_passes_with_the_least_it_needs(kind: str) -> None:
    content, faults = check_content("whatsapp", "interactive", json.dumps(least(kind)), None)
    assert (content, faults) == (least(kind), [])


@pytest.mark.parametrize(
    ("kind", "member"), [(kind, name) for kind, action in ACTIONS.items() for name in action]
)
@pytest.mark.parametrize("empty", [None, "", [], {}], ids=["null", "''", "[]", "{}"])
def test_a_member_of_its_action_that_is_missing_is_named(kind: str, member: str, empty: object) -> None:
    action = {**ACTIONS[kind], "extra": 1, member: empty}
    sentence = f"`action.{member}` is missing; an interactive {kind} needs it."
    faults = faults_of({**least(kind), "action": action})
    assert (ERROR, "Content.action", sentence) in faults
    assert {fault[1] for fault in faults} == {"Content.action"}


@pytest.mark.parametrize("kind", [kind for kind in ACTIONS if kind != "product"])
def test_all_kinds_but_a_product_need_a_body(kind: str) -> None:
    content = least(kind)
    del content["body"]
    sentence = f"`body` is missing; an interactive {kind} needs it."
    assert faults_of(content) == [(ERROR, "Content.body", sentence)]


def test_a_product_has_no_header_and_a_product_list_must_have_one() -> None:
    header = {"type": "text", "text": "Ours"}
    assert parameters({**least("product"), "header": header}) == ["Content.header"]
    without = least("product_list")
    del without["header"]
    assert parameters(without) == ["Content.header"]
    assert parameters({**least("button"), "header": header}) == []


@pytest.mark.parametrize(
    ("kind", "changes", "wrong"),
    [
        ("button", {"body": {"text": "b" * 1024}}, []),
        ("button", {"body": {"text": "b" * 1025}}, ["body"]),
        ("button", {"footer": {"text": "f" * 60}}, []),
        ("button", {"footer": {"text": "f" * 61}}, ["footer"]),
        ("button", {"body": {"text": ""}}, ["body"]),
        ("button", {"body": {"text": 7}}, ["body"]),
        ("button", {"footer": {"words": "x"}}, ["footer"]),
        ("product", {"body": {"text": "b" * 1025}}, ["body"]),
        ("button", {"action": {"buttons": [{}] * 3}}, []),
        ("button", {"action": {"buttons": [{}] * 4}}, ["action"]),
        ("list", {"action": {"button": "b", "sections": [{}] * 10}}, []),
        ("list", {"action": {"button": "b", "sections": [{}] * 11}}, ["action"]),
        ("list", {"action": {"button": "b", "sections": {"title": "t"}}}, ["action"]),
        ("product_list", {"action": {"catalog_id": "1", "sections": [{}] * 11}}, ["action"]),
        ("flow", {"action": {"parameters": {"a": 1}, "buttons": [{}] * 4}}, ["action"]),
        ("button", {"body": {"text": "b" * 1025}, "footer": {"text": "f" * 61}}, ["body", "footer"]),
    ],
)
def test_lengths(kind: str, changes: dict[str, Any], wrong: list[str]) -> None:
    assert parameters({**least(kind), **changes}) == [f"Content.{name}" for name in wrong]


def test_what_is_wrong_with_a_field_itself_is_answered_before_the_shape() -> None:
    assert parameters({"type": "button", "action": "x", "body": {"text": "b" * 1025}}) == ["Content.action"]


def test_without_type_and_action_only_the_texts_can_be_checked() -> None:
    assert check_interactive({}) == []
    assert [fault.parameter for fault in check_interactive({"footer": {"text": "f" * 61}})] == [
        "Content.footer"
    ]


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ({"formatted_name": "Zoe Z", "first_name": "Zoe"}, True),
        ({"formatted_name": "Zoe Z", "last_name": "Z", "first_name": ""}, True),
        ({"formatted_name": "Zoe Z"}, False),
        ({"formatted_name": "Zoe Z", "first_name": ""}, False),
        ({"formatted_name": "", "first_name": "Zoe", "last_name": "Z"}, False),
        ("Zoe", False),
    ],
    ids=ascii,
)
def test_the_name_of_a_contact(name: object, fine: bool) -> None:
    listed = [{"name": {"formatted_name": "Ann A", "first_name": "Ann"}}, {"name": name}]
    _, faults = check_content("whatsapp", "contacts", json.dumps(listed), None)
    sentence = "`contacts[1].name` needs formatted_name and one more part, such as first_name."
    found = [(fault.code, fault.parameter, fault.message) for fault in faults]
    assert found == ([] if fine else [(ERROR, "Content.contacts", sentence)])


def test_a_carousel_is_checked_as_an_interactive_one() -> None:
    for action, wrong in (
        ({"cards": [{}]}, []),
        ({"cards": []}, ["Content.action"]),
        ({"x": 1}, ["Content.action"]),
    ):
        _, faults = check_content("whatsapp", "carousel", json.dumps({"action": action}), None)
        assert [fault.parameter for fault in faults] == wrong
