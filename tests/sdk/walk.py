"""The table of the isolation test: for every operation, how it can name an object of another account.

Whoever adds an operation adds its rows here, or the walk fails with a hint. A row's values may hold

    <id>          the identifier: once the neighbour's, once one that nobody has
    <sender>      the Viber sender of whoever calls       <space>  their space
    <mine:user>   a thing of that kind, made for whoever calls
    <new>         a name that nobody has yet
"""

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.sdk.callers import Raw, Sandbox, exchange, signed_headers
from waypost.api.operations.catalogue import EVERY

STRANGER, NEIGHBOUR = "sandbox", "neighbour"
PLACES = {
    "sandbox": {"sender": "20001", "space": "cams-sandbox"},
    "clerk": {"sender": "20001", "space": "cams-sandbox"},
    "neighbour": {"sender": "30001", "space": "cams-neighbour"},
}
ACCOUNTS = {"sandbox": "1", "clerk": "1", "neighbour": "2"}
_numbers = itertools.count(1)
_PHONE = "8613912347777"
_ANYONE = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"RAM":["acs:ram::2:root"]}}]}'
)
_BODY = '[{"Type":"BODY","Text":"Hello"}]'
_RECIPIENTS = json.dumps([{"To": _PHONE, "TemplateParams": {"name": "Zoe", "code": "1"}}])


_RECORD = '{"BusinessAccountName":"Walk","IndustryInvolved":"Retail","MessageDestinationCountry":["DE"]}'


class Foreign(NamedTuple):
    """An operation that names something.

    Attributes:
        kind: of `KINDS`.
        params: its parameters.
        by: the key of the stranger.
        proof: whether the neighbour's own call is answered otherwise than for what nobody has, which shows
            that the row is about something.
    """

    kind: str
    params: Mapping[str, str]
    by: str = STRANGER
    proof: bool = True


class Listed(NamedTuple):
    """An operation that lists what an account has of a kind: the neighbour sees it, a stranger does not."""

    kind: str
    params: Mapping[str, str] = {}


class Nothing(NamedTuple):
    """An operation that can name nothing that exists; and why."""

    why: str


class Kind(NamedTuple):
    """What can be another's.

    Attributes:
        make: makes one for the owner of a key; its identifier.
        nobodys: an identifier of the same form that nobody has.
    """

    make: Callable[[Sandbox, str], str]
    nobodys: str


def call(sandbox: Sandbox, operation: str, key: str, params: Mapping[str, str]) -> Raw:
    """Calls an operation of any product by its names on the wire."""
    more = {"x-acs-action": operation, "x-acs-version": EVERY[operation].operation.product.version}
    target, headers = signed_headers(sandbox, params, key=key, more=more)
    return exchange(sandbox, target, headers)


def taken(sandbox: Sandbox, operation: str, key: str, **params: str) -> dict[str, Any]:
    """Calls what is taken; the answer."""
    answer = call(sandbox, operation, key, params)
    assert answer.status == 200, answer.body
    return answer.json


def new_name() -> str:
    return f"walk{next(_numbers)}"


def _space(sandbox: Sandbox, key: str) -> str:
    return str(
        taken(sandbox, "CreateInstance", key, ChannelType="VIBER", InstanceName="Walk")["Data"]["InstanceId"]
    )


def _template(sandbox: Sandbox, key: str, channel: str = "VIBER") -> dict[str, Any]:
    answer = taken(
        sandbox,
        "CreateChatappTemplate",
        key,
        TemplateType=channel,
        Category="MARKETING",
        Name=new_name(),
        Language="en",
        Components=_BODY,
    )
    data: dict[str, Any] = answer["Data"]
    return data


def _group(sandbox: Sandbox, key: str) -> str:
    return str(taken(sandbox, "SendChatappMassMessage", key, **filled(sandbox, key, _MASS))["GroupMessageId"])


def _message(sandbox: Sandbox, key: str) -> str:
    return str(taken(sandbox, "SendChatappMessage", key, **filled(sandbox, key, _SEND))["MessageId"])


def _call(sandbox: Sandbox, key: str) -> str:
    return str(taken(sandbox, "SendChatappMessage", key, **filled(sandbox, key, _SEND))["RequestId"])


def _rule(sandbox: Sandbox, key: str) -> str:
    params = {"RuleName": new_name(), "ChannelType": "viber", "SenderId": PLACES[key]["sender"]}
    return str(taken(sandbox, "CreateFallbackRule", key, **params)["Data"]["RuleId"])


def _chain(sandbox: Sandbox, key: str) -> str:
    steps = json.dumps([{"RuleId": _rule(sandbox, key)}])
    answer = taken(sandbox, "CreateFallbackPolicy", key, PolicyName=new_name(), Steps=steps)
    return str(answer["Data"]["FallBackId"])


def _suppressed(sandbox: Sandbox, key: str) -> str:
    number = f"86139{next(_numbers):08}"
    taken(sandbox, "CreateSuppression", key, To=number)
    return number


def _request(sandbox: Sandbox, key: str) -> str:
    params = {"CustSpaceId": _space(sandbox, key), "AuditRecord": _RECORD}
    return str(taken(sandbox, "AddAuditViberOpen", key, **params)["Data"]["RequestNo"])


def _user(sandbox: Sandbox, key: str) -> str:
    return str(taken(sandbox, "CreateUser", key, UserName=new_name())["User"]["UserName"])


def _access_key(sandbox: Sandbox, key: str) -> str:
    user = _user(sandbox, key)
    return str(taken(sandbox, "CreateAccessKey", key, UserName=user)["AccessKey"]["AccessKeyId"])


def _policy(sandbox: Sandbox, key: str) -> str:
    name = new_name()
    return str(
        taken(sandbox, "CreatePolicy", key, PolicyName=name, PolicyDocument=_ANYONE)["Policy"]["PolicyName"]
    )


def _role(sandbox: Sandbox, key: str) -> str:
    answer = taken(sandbox, "CreateRole", key, RoleName=new_name(), AssumeRolePolicyDocument=_TRUST)
    return str(answer["Role"]["RoleName"])


def _cancellation(sandbox: Sandbox, key: str) -> str:
    return str(taken(sandbox, "CancelMessages", key, TaskId=new_name())["Data"]["CancelId"])


KINDS: dict[str, Kind] = {
    "space": Kind(_space, "cams-nobodysspace"),
    "sender": Kind(lambda _, key: PLACES[key]["sender"], "30009"),
    "fallback": Kind(lambda _, key: {"neighbour": "S_000002"}.get(key, "S_000001"), "S_999999"),
    "template": Kind(lambda sandbox, key: str(_template(sandbox, key)["TemplateCode"]), "9" * 19),
    "whatsapp template": Kind(
        lambda sandbox, key: str(_template(sandbox, key, "WHATSAPP")["TemplateCode"]), "9" * 19
    ),
    "template name": Kind(lambda sandbox, key: str(_template(sandbox, key)["TemplateName"]), "walk-none"),
    "group": Kind(_group, "2026112300000000000000000"),
    "message": Kind(_message, "2026112300000000000000000"),
    "rule": Kind(_rule, "R_999999"),
    "chain": Kind(_chain, "S_999999"),
    "suppressed": Kind(_suppressed, "8613999999999"),
    "request": Kind(_request, "9" * 19),
    "user": Kind(_user, "walk-nobody"),
    "key": Kind(_access_key, "WPnobodysnobodysnobo"),
    "policy": Kind(_policy, "walk-nobody"),
    "role": Kind(_role, "walk-nobody"),
    "cancellation": Kind(_cancellation, "9" * 18),
    "call": Kind(_call, "00000000-0000-0000-0000-000000000000"),
    "queue": Kind(
        lambda _, key: f"Alicom-Queue-{ACCOUNTS[key]}-ChatAppStatus", "Alicom-Queue-9-ChatAppStatus"
    ),
}


def filled(sandbox: Sandbox, key: str, params: Mapping[str, str], id_: str = "") -> dict[str, str]:
    """The parameters of a row for whoever calls."""

    def value(text: str) -> str:
        for name, place in PLACES[key].items():
            text = text.replace(f"<{name}>", place)
        for kind in KINDS:
            if f"<mine:{kind}>" in text:
                text = text.replace(f"<mine:{kind}>", KINDS[kind].make(sandbox, key))
        return text.replace("<new>", new_name() if "<new>" in text else "").replace("<id>", id_)

    return {name: value(text) for name, text in params.items()}


_SEND = {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "From": "<sender>",
    "To": _PHONE,
    "Content": '{"text":"hello"}',
    "Label": "promotion",
}
_FALLBACK = {"FallBackId": "<id>", "FallBackContent": "hello"}
_MASS = {
    "ChannelType": "viber",
    "TemplateCode": "sandbox_welcome",
    "Language": "en",
    "From": "<sender>",
    "Label": "promotion",
    "SenderList": _RECIPIENTS,
}
_MESSAGES = {
    "ChannelType": "viber",
    "BusinessNumber": "<sender>",
    "CustSpaceId": "<space>",
    "Page": '{"Index":1,"Size":10}',
    "StartTime": "0",
}
_IN_SPACE = {"CustSpaceId": "<id>"}
_ENGLISH = {"Language": "en"}
_CHANGE = {**_ENGLISH, "Components": _BODY}
_CREATE = {**_CHANGE, "TemplateType": "VIBER", "Category": "MARKETING", "Name": "<new>"}


def _of_template(params: Mapping[str, str]) -> tuple[Foreign, ...]:
    return (
        Foreign("template", {**params, "TemplateCode": "<id>"}),
        Foreign("template name", {**params, "TemplateName": "<id>"}),
        Foreign("space", {**params, **_IN_SPACE, "TemplateCode": "<mine:template>"}),
    )


_COPY = {"SceneTemplateName": "<new>", "Language": "en"}
_SWITCH = {**_ENGLISH, "TemplateType": "WHATSAPP", "CustSpaceId": "<space>", "AllowSend": "false"}
_METRIC = {"Start": "0", "End": "1763955968000"}


def _archive(code: str) -> dict[str, str]:
    return {
        "TemplateList": f'[{{"TemplateCode":"{code}","Language":"en"}}]',
        "ArchiveType": "ARCHIVED",
        "ChannelType": "WHATSAPP",
        "CustSpaceId": "<space>",
    }


_RULE = {"RuleName": "walked", "ChannelType": "viber", "SenderId": "<id>"}
_BY_RULE = '[{"RuleId":"<id>"}]'
_BY_SENDER = '[{"RuleName":"walked","ChannelType":"viber","SenderId":"<id>"}]'
_SUPPRESSION = {"To": _PHONE, "ChannelType": "viber", "From": "<id>"}
_CUSTOM = {"PolicyType": "Custom"}
_OF_POLICY = (Foreign("policy", {**_CUSTOM, "PolicyName": "<id>"}),)
_VERSION = (Foreign("policy", {**_CUSTOM, "PolicyName": "<id>", "VersionId": "v1"}),)
_SYSTEM = {"PolicyType": "System", "PolicyName": "AliyunRAMReadOnlyAccess"}
_OF_USER = (Foreign("user", {"UserName": "<id>"}),)
_OF_ROLE = (Foreign("role", {"RoleName": "<id>"}),)
_OWN_USER = {**_CUSTOM, "UserName": "<mine:user>", "PolicyName": "<id>"}
_OWN_ROLE = {**_CUSTOM, "RoleName": "<mine:role>", "PolicyName": "<id>"}

ROWS: dict[str, tuple[Foreign | Listed | Nothing, ...]] = {
    "SendChatappMessage": (
        Foreign("space", {**_SEND, **_IN_SPACE}),
        Foreign("sender", {**_SEND, "From": "<id>"}),
        Foreign("fallback", {**_SEND, **_FALLBACK}),
        Foreign("template", {**_SEND, **_ENGLISH, "Type": "template", "TemplateCode": "<id>"}),
        Foreign("template name", {**_SEND, **_ENGLISH, "Type": "template", "TemplateName": "<id>"}),
    ),
    "SendChatappMassMessage": (
        Foreign("space", {**_MASS, **_IN_SPACE}),
        Foreign("sender", {**_MASS, "From": "<id>"}),
        Foreign("fallback", {**_MASS, **_FALLBACK}),
        Foreign("template", {**_MASS, "TemplateCode": "<id>"}),
        Foreign("template name", {**_MASS, "TemplateCode": "", "TemplateName": "<id>"}),
    ),
    "ListChatappMessage": (
        Foreign("space", {**_MESSAGES, **_IN_SPACE}),
        Foreign("sender", {**_MESSAGES, "BusinessNumber": "<id>"}),
        Foreign("group", {**_MESSAGES, "GroupMessageId": "<id>"}),
        # Nothing was sent by the template yet, so its owner's list is as empty.
        Foreign("template", {**_MESSAGES, "TemplateCode": "<id>"}, proof=False),
    ),
    "CreateChatappTemplate": (Foreign("space", {**_CREATE, **_IN_SPACE}),),
    "ModifyChatappTemplate": _of_template(_CHANGE),
    "GetChatappTemplateDetail": _of_template(_ENGLISH),
    "ListChatappTemplate": (
        Foreign("template", {"Code": "<id>"}),
        Foreign("template name", {"Name": "<id>"}),
        Foreign("space", _IN_SPACE),
    ),
    "DeleteChatappTemplate": _of_template(_ENGLISH),
    "CopyTemplate": (
        Foreign("template", {**_COPY, "SceneTemplateCode": "<id>"}),
        Foreign("space", {**_COPY, **_IN_SPACE, "SceneTemplateCode": "<mine:template>"}),
    ),
    "ArchiveChatappTemplate": (
        Foreign("whatsapp template", _archive("<id>")),
        Foreign("space", {**_archive("<mine:whatsapp template>"), **_IN_SPACE}),
    ),
    "ModifyChatappTemplateProperties": (
        Foreign("whatsapp template", {**_SWITCH, "TemplateCode": "<id>"}),
        Foreign("space", {**_SWITCH, **_IN_SPACE, "TemplateCode": "<mine:whatsapp template>"}),
    ),
    "GetChatappTemplateMetric": (
        # Nothing was sent by it yet, so its owner's figures are as few.
        Foreign("template", {**_METRIC, "TemplateCode": "<id>"}, proof=False),
        Foreign("space", {**_METRIC, **_IN_SPACE}),
    ),
    "GetChatappMessageDetail": (
        Foreign("message", {"MessageId": "<id>"}),
        # The owner of the space has not that message either.
        Foreign("space", {**_IN_SPACE, "MessageId": "2026112300000000000000000"}, proof=False),
    ),
    "ReplayCallbacks": (Foreign("message", {"MessageId": "<id>"}),),
    "CancelMessages": (
        Foreign("space", {**_IN_SPACE, "TaskId": "walked"}),
        # Whether there is something to cancel, the call does not say.
        Foreign("group", {"GroupMessageId": "<id>"}, proof=False),
        Foreign("template", {"TemplateCode": "<id>"}, proof=False),
    ),
    "GetCancellation": (Foreign("cancellation", {"CancelId": "<id>"}),),
    "CreateFallbackRule": (Foreign("sender", _RULE),),
    "UpdateFallbackRule": (
        Foreign("rule", {"RuleId": "<id>", "RuleName": "walked"}),
        Foreign("sender", {**_RULE, "RuleId": "<mine:rule>"}),
    ),
    "ListFallbackRules": (Listed("rule", {"PageSize": "1000"}),),
    "DeleteFallbackRule": (Foreign("rule", {"RuleId": "<id>"}),),
    "CreateFallbackPolicy": (
        Foreign("rule", {"PolicyName": "walked", "Steps": _BY_RULE}),
        Foreign("sender", {"PolicyName": "walked", "Steps": _BY_SENDER}),
    ),
    "UpdateFallbackPolicy": (
        Foreign("chain", {"FallBackId": "<id>", "PolicyName": "walked"}),
        Foreign("rule", {"FallBackId": "<mine:chain>", "Steps": _BY_RULE}),
        Foreign("sender", {"FallBackId": "<mine:chain>", "Steps": _BY_SENDER}),
    ),
    "GetFallbackPolicy": (Foreign("chain", {"FallBackId": "<id>"}),),
    "ListFallbackPolicies": (Listed("chain", {"PageSize": "1000"}),),
    "DeleteFallbackPolicy": (Foreign("chain", {"FallBackId": "<id>"}),),
    "CreateSuppression": (Foreign("sender", _SUPPRESSION),),
    "DeleteSuppression": (
        Foreign("sender", _SUPPRESSION),
        Foreign("suppressed", {"To": "<id>"}),
    ),
    "ListSuppressions": (
        Foreign("sender", {"ChannelType": "viber", "From": "<id>"}, proof=False),
        Foreign("suppressed", {"To": "<id>"}),
        Listed("suppressed", {"PageSize": "1000"}),
    ),
    "ListCalls": (Foreign("call", {"RequestId": "<id>"}),),
    "QueryChatappPhoneNumbers": (Foreign("space", _IN_SPACE),),
    "UpdatePhoneWebhook": (
        Foreign("space", {**_IN_SPACE, "PhoneNumber": "<sender>", "QueueFlag": "N"}),
        Foreign("sender", {"CustSpaceId": "<space>", "PhoneNumber": "<id>", "QueueFlag": "N"}),
    ),
    "UpdateAccountWebhook": (Foreign("space", {**_IN_SPACE, "QueueFlag": "N"}),),
    "AddAuditViberOpen": (Foreign("space", {**_IN_SPACE, "AuditRecord": _RECORD}),),
    # A space without a sender is answered like one that is not there; so is a request of another space.
    "AddAddressRecoverSuspend": (Foreign("space", {**_IN_SPACE, "RequestType": "recover"}, proof=False),),
    "UpdateAuditRequest": (
        Foreign(
            "request", {"CustSpaceId": "<space>", "RequestNo": "<id>", "AuditRecord": _RECORD}, proof=False
        ),
        Foreign("space", {**_IN_SPACE, "RequestNo": "<mine:request>", "AuditRecord": _RECORD}, proof=False),
    ),
    "GetViberByRequestNo": (
        Foreign("request", {"RequestNo": "<id>"}),
        Foreign("space", {**_IN_SPACE, "RequestNo": "<mine:request>"}, proof=False),
    ),
    "GetAuditRequestByTypeUnAudit": (Foreign("space", {**_IN_SPACE, "RequestType": "open"}),),
    "GetViberPauseTimes": (Foreign("space", _IN_SPACE),),
    "ListViberServiceMessage": (
        Foreign("space", _IN_SPACE),
        Listed("sender", {"CustSpaceId": "<space>"}),
    ),
    "CreateInstance": (Nothing("it makes a space under a new id"),),
    "UpdateInstance": (Foreign("space", {"InstanceId": "<id>", "InstanceName": "Walked"}),),
    "QueryInstance": (Foreign("space", {"InstanceId": "<id>"}),),
    "ListInstance": (
        Foreign("space", {"InstanceId": "<id>"}),
        Listed("space", {"PageSize": "1000"}),
    ),
    "DeleteInstance": (Foreign("space", {"InstanceId": "<id>"}),),
    "GetChatappOpenStatus": (Nothing("it is about the caller's account"),),
    "OpenChatappService": (Nothing("it is about the caller's account"),),
    "CreateUser": (Nothing("a name is free in one account whoever has it in another"),),
    "GetUser": _OF_USER,
    "UpdateUser": (Foreign("user", {"UserName": "<id>", "NewComments": "x"}),),
    "ListUsers": (Listed("user", {"MaxItems": "1000"}),),
    "DeleteUser": _OF_USER,
    "CreateAccessKey": _OF_USER,
    "UpdateAccessKey": (
        Foreign("user", {"UserName": "<id>", "UserAccessKeyId": "WPany", "Status": "Inactive"}),
        # The neighbour's own call names no user either, so it is about the owner's keys.
        Foreign("key", {"UserAccessKeyId": "<id>", "Status": "Inactive"}, proof=False),
    ),
    "ListAccessKeys": _OF_USER,
    "DeleteAccessKey": (
        Foreign("user", {"UserName": "<id>", "UserAccessKeyId": "WPany"}),
        Foreign("key", {"UserAccessKeyId": "<id>"}, proof=False),
    ),
    "CreatePolicy": (Nothing("a name is free in one account whoever has it in another"),),
    "GetPolicy": _OF_POLICY,
    "ListPolicies": (Listed("policy", {"MaxItems": "1000"}),),
    "DeletePolicy": _OF_POLICY,
    "CreatePolicyVersion": (Foreign("policy", {"PolicyName": "<id>", "PolicyDocument": _ANYONE}),),
    "GetPolicyVersion": _VERSION,
    "ListPolicyVersions": _OF_POLICY,
    "SetDefaultPolicyVersion": _VERSION,
    "DeletePolicyVersion": _VERSION,
    "AttachPolicyToUser": (
        Foreign("user", {**_SYSTEM, "UserName": "<id>"}),
        Foreign("policy", _OWN_USER),
    ),
    "DetachPolicyFromUser": (
        Foreign("user", {**_SYSTEM, "UserName": "<id>"}),
        # Attached to nobody, it is as good as none for its owner.
        Foreign("policy", _OWN_USER, proof=False),
    ),
    "ListPoliciesForUser": _OF_USER,
    "AttachPolicyToRole": (
        Foreign("role", {**_SYSTEM, "RoleName": "<id>"}),
        Foreign("policy", _OWN_ROLE),
    ),
    "DetachPolicyFromRole": (
        Foreign("role", {**_SYSTEM, "RoleName": "<id>"}),
        Foreign("policy", _OWN_ROLE, proof=False),
    ),
    "ListPoliciesForRole": _OF_ROLE,
    "ListEntitiesForPolicy": _OF_POLICY,
    "CreateRole": (Nothing("a name is free in one account whoever has it in another"),),
    "GetRole": _OF_ROLE,
    "ListRoles": (Listed("role", {"MaxItems": "1000"}),),
    "UpdateRole": (Foreign("role", {"RoleName": "<id>", "NewDescription": "x"}),),
    "DeleteRole": _OF_ROLE,
    # No owner of an account assumes roles; that one is assumed which trusts the caller is shown elsewhere.
    "AssumeRole": (
        Foreign(
            "role",
            {"RoleArn": "acs:ram::2:role/<id>", "RoleSessionName": "walk"},
            by="clerk",
            proof=False,
        ),
    ),
    "GetCallerIdentity": (Nothing("it is about the caller"),),
    "QueryTokenForMnsQueue": (Foreign("queue", {"MessageType": "ChatAppStatus", "QueueName": "<id>"}),),
}

IDENTIFIERS = {
    "cams": frozenset(
        {
            "CustSpaceId",
            "InstanceId",
            "From",
            "BusinessNumber",
            "TemplateCode",
            "TemplateName",
            "SceneTemplateCode",
            "FallBackId",
            "RuleId",
            "SenderId",
            "GroupMessageId",
            "MessageId",
            "PhoneNumber",
            "RequestNo",
        }
    ),
    "ram": frozenset({"UserName", "UserAccessKeyId", "PolicyName", "RoleName"}),
    "sts": frozenset({"RoleArn"}),
    "dybaseapi": frozenset({"QueueName"}),
}
"""Parameters that name something that exists, by product: each of an operation needs a row of its own."""
