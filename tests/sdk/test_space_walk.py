"""Spaces are isolated: a user held to one space by policy calls every operation with what another space has.

Each row of the isolation test's table about something that a space has is called as it is, and with every
way to name the spaces in CustSpaceId and InstanceId, the wrong parameter included. The user learns nothing:
a call is denied, or answered like one about what does not exist.
"""

from typing import Any, NamedTuple

import pytest

from tests.processes import Running
from tests.sdk.access import policy, user_with
from tests.sdk.callers import Raw, Sandbox, exchange, signed_headers
from tests.sdk.test_viber_senders import opened
from tests.sdk.test_walk import comparable
from tests.sdk.walk import KINDS, ROWS, Foreign, Listed, Nothing, filled, new_name, taken
from waypost.api.operations.catalogue import OPERATIONS

OWNER, HERE = "sandbox", "cams-sandbox"
DENIED = "Ram.PermissionDeny"
_TEMPLATE = {
    "Category": "MARKETING",
    "Language": "en",
    "Components": '[{"Type":"BODY","Text":"Hello"}]',
}
_PHONE = "8613912347778"
_RECORD = '{"BusinessAccountName":"Walk","IndustryInvolved":"Retail","MessageDestinationCountry":["DE"]}'
_ACCOUNT_WIDE = {"fallback", "rule", "chain", "suppressed", "cancellation"}
_OF_SPACES = [
    pytest.param(operation, row, id=f"{operation}-{row.kind}".replace(" ", "-"))
    for operation in OPERATIONS
    for row in ROWS[operation]
    if isinstance(row, Foreign) and row.kind not in _ACCOUNT_WIDE
]


class Walk(NamedTuple):
    """The user, the other space, and what is there, by kind."""

    key: str
    secret: str
    there: str
    things: dict[str, str]


@pytest.fixture(scope="module")
def walk(process: Running) -> Walk:
    sandbox = Sandbox(process)

    def made(operation: str, **params: str) -> Any:
        return taken(sandbox, operation, OWNER, **params)

    def template(channel: str) -> dict[str, str]:
        data: dict[str, str] = made(
            "CreateChatappTemplate", **_TEMPLATE, TemplateType=channel, Name=new_name(), CustSpaceId=there
        )["Data"]
        return data

    there, empty = (
        made("CreateInstance", ChannelType="VIBER", InstanceName="Walk")["Data"]["InstanceId"] for _ in "12"
    )
    viber = template("VIBER")
    shared = {"ChannelType": "viber", "From": "20001", "CustSpaceId": there, "Label": "promotion"}
    sent = made(
        "SendChatappMessage",
        **shared,
        Type="message",
        MessageType="text",
        To=_PHONE,
        Content='{"text":"hello"}',
    )
    things = {
        "space": there,
        "sender": opened(sandbox, there),
        "template": viber["TemplateCode"],
        "template name": viber["TemplateName"],
        "whatsapp template": template("WHATSAPP")["TemplateCode"],
        "message": sent["MessageId"],
        "call": sent["RequestId"],
        "group": made(
            "SendChatappMassMessage",
            **shared,
            TemplateCode="sandbox_welcome",
            Language="en",
            SenderList=f'[{{"To":"{_PHONE}","TemplateParams":{{"name":"Zoe","code":"1"}}}}]',
        )["GroupMessageId"],
        "request": made("AddAuditViberOpen", CustSpaceId=empty, AuditRecord=_RECORD)["Data"]["RequestNo"],
    }
    _, user = user_with(sandbox, policy("cams:*", Resource=f"acs:cams:*:1:space/{HERE}"))
    return Walk(user.key, user.secret, there, things)


def call(sandbox: Sandbox, operation: str, walk: Walk, params: dict[str, str]) -> Raw:
    more = {"x-acs-action": operation, "x-acs-version": "2020-06-06"}
    target, headers = signed_headers(sandbox, params, key=walk.key, secret=walk.secret, more=more)
    return exchange(sandbox, target, headers)


def ways(params: dict[str, str], there: str) -> list[dict[str, str]]:
    """The call as it is, and with the spaces named in all ways; an empty value is sent as one."""
    values = (None, "", HERE, there)
    overlays = [{"CustSpaceId": one, "InstanceId": other} for one in values for other in values]
    named = [{name: value for name, value in overlay.items() if value is not None} for overlay in overlays]
    return [params, *({**params, **overlay} for overlay in named if overlay)]


@pytest.mark.parametrize(("operation", "row"), _OF_SPACES)
def test_a_user_of_one_space_reaches_nothing_of_another(
    sandbox: Sandbox, walk: Walk, operation: str, row: Foreign
) -> None:
    theirs, nobodys = walk.things[row.kind], KINDS[row.kind].nobodys
    (naming,) = (name for name, value in row.params.items() if "<id>" in value)
    for foreign, absent in zip(
        ways(filled(sandbox, OWNER, row.params, theirs), walk.there),
        ways(filled(sandbox, OWNER, row.params, nobodys), walk.there),
        strict=True,
    ):
        if theirs not in foreign[naming]:
            # Another space is named instead, and the call is an ordinary one.
            continue
        answer = call(sandbox, operation, walk, foreign)
        if answer.json.get("Code") == DENIED:
            continue
        assert row.kind != "space", foreign
        other = call(sandbox, operation, walk, absent)
        assert comparable(answer, theirs) == comparable(other, nobodys), foreign


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_of_the_account_as_a_whole_is_denied(sandbox: Sandbox, walk: Walk, operation: str) -> None:
    described = OPERATIONS[operation].operation
    named = {row.name for row in described.parameters if not row.ignored}
    for row in ROWS[operation]:
        if isinstance(row, Foreign) and row.kind not in _ACCOUNT_WIDE:
            continue
        params = {} if isinstance(row, Nothing) else filled(sandbox, OWNER, row.params, "S_000001")
        for attempt in ways(params, walk.there):
            if isinstance(row, Listed):
                answer = call(sandbox, operation, walk, attempt)
                assert not [one for one in walk.things.values() if one in _listed(answer)], attempt
            if not named & {"CustSpaceId", "InstanceId"}:
                assert call(sandbox, operation, walk, attempt).json["Code"] == DENIED, attempt


def _listed(answer: Raw) -> str:
    return str(answer.json.get("Data", "")) + str(answer.json.get("ListTemplate", ""))


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("UpdateInstance", {"InstanceId": "<there>", "CustSpaceId": HERE, "InstanceName": "Taken"}),
        ("DeleteInstance", {"InstanceId": "<there>", "CustSpaceId": HERE}),
        ("UpdatePhoneWebhook", {"CustSpaceId": HERE, "PhoneNumber": "<sender>", "HttpFlag": "N"}),
        ("UpdatePhoneWebhook", {"CustSpaceId": HERE, "PhoneNumber": "20001", "HttpFlag": "N"}),
        ("UpdatePhoneWebhook", {"CustSpaceId": "<there>", "PhoneNumber": "<sender>", "HttpFlag": "N"}),
        ("UpdateAccountWebhook", {"CustSpaceId": "<there>", "InstanceId": HERE, "HttpFlag": "N"}),
        ("GetViberByRequestNo", {"RequestNo": "<request>"}),
        ("GetViberByRequestNo", {"RequestNo": "<request>", "InstanceId": HERE}),
        ("GetChatappMessageDetail", {"MessageId": "<message>"}),
        ("GetChatappMessageDetail", {"MessageId": "<message>", "InstanceId": HERE}),
    ],
)
def test_what_would_reach_into_another_space_is_refused(
    sandbox: Sandbox, walk: Walk, operation: str, params: dict[str, str]
) -> None:
    places = {"there": walk.there, **walk.things}
    for name, value in places.items():
        params = {key: text.replace(f"<{name}>", value) for key, text in params.items()}
    answer = call(sandbox, operation, walk, params)
    assert answer.json["Code"] in (DENIED, "Unknown.ResourceOwnerId"), answer.body


def test_a_number_of_a_space_is_listed_there_alone(sandbox: Sandbox, walk: Walk) -> None:
    senders = taken(sandbox, "ListViberServiceMessage", OWNER, CustSpaceId=walk.there)["Data"]
    assert walk.things["sender"] in {row["ServiceId"] for row in senders}
    senders = call(sandbox, "ListViberServiceMessage", walk, {"CustSpaceId": HERE}).json["Data"]
    assert {row["ServiceId"] for row in senders} & {"20001", walk.things["sender"]} == {"20001"}
