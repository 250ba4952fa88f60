"""Rules over several entries hold for two calls at once, which come to what they do one after the other."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.api.configuration_nodes import Node, commit_in_order, nodes, outcome
from tests.api.test_send_chatapp_message import account
from waypost.model import codes
from waypost.model.access.principals import CUSTOM, AccessKey, AccountPolicy, PolicyVersion, Role, User
from waypost.model.configuration import Entry, Sender, Space
from waypost.model.entry_changes import EntryChange, Expectation, InsertEntry, ReplaceEntry
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.storage import transaction
from waypost.storage.configuration import ConfigurationChanges

ONE = AccountId("1")
Call = tuple[str, Mapping[str, str]]

ALLOW = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"RAM":["acs:ram::1:root"]}}]}'
)
ZOE = User(id="zoe", account_id=ONE, name="zoe", created_at=1)
ANN = User(id="ann", account_id=ONE, name="ann", created_at=1)
WORKER = Role(id="worker", account_id=ONE, name="worker", trust=TRUST, created_at=1)
POLICY = AccountPolicy(
    account_id=ONE, name="p", versions=(PolicyVersion("v1", ALLOW, 1),), default="v1", created_at=1
)
KEY = AccessKey(id="key", account_id=ONE, user_id="zoe", secret=b"", created_at=1)
RULE = FallbackRule(id="R_1", account_id=ONE, name="rule", channel="sms", sender="Brand", created_at=1)
OWN_FALLBACK = FallbackPolicy(
    id="S_9", account_id=ONE, steps=(PolicyStep(channel="sms", sender="Brand"),), created_at=1
)
SPACE = Space(id=SpaceId("cams-9"), account_id=ONE, created_at=1)
EVERYTHING: list[Entry] = [
    *account("1"),
    Sender(channel="sms", id="Brand", account_id=ONE, route="sms"),
    ZOE,
    ANN,
    WORKER,
    POLICY,
    KEY,
    RULE,
    OWN_FALLBACK,
    SPACE,
]
OF_RULE = '[{"RuleId":"R_1"}]'
RECORD = '{"BusinessAccountName":"Acme","IndustryInvolved":"Retail","MessageDestinationCountry":["DE"]}'
RAM = "waypost.api.operations.ram"


def template(language: str = "en", channel: str = "VIBER", **more: str) -> Call:
    params = {
        "TemplateType": channel,
        "Category": "MARKETING",
        "Name": "offer",
        "Language": language,
        "Components": '[{"Type":"BODY","Text":"Hi"}]',
    }
    return "CreateChatappTemplate", params | more


def attach(to: str, policy: str = "p") -> Call:
    name = {"User": "zoe", "Role": "worker"}[to]
    return f"AttachPolicyTo{to}", {f"{to}Name": name, "PolicyType": CUSTOM, "PolicyName": policy}


MAKE_USER: Call = ("CreateUser", {"UserName": "bob"})
MAKE_KEY: Call = ("CreateAccessKey", {"UserName": "zoe"})
MAKE_POLICY: Call = ("CreatePolicy", {"PolicyName": "q", "PolicyDocument": ALLOW})
MAKE_ROLE: Call = ("CreateRole", {"RoleName": "boss", "AssumeRolePolicyDocument": TRUST})
DELETE_ANN: Call = ("DeleteUser", {"UserName": "ann"})
KEY_OF_ANN: Call = ("CreateAccessKey", {"UserName": "ann"})
DELETE_POLICY: Call = ("DeletePolicy", {"PolicyName": "p"})
MAKE_FALLBACK: Call = ("CreateFallbackPolicy", {"PolicyName": "f", "Steps": OF_RULE})
CHANGE_FALLBACK: Call = ("UpdateFallbackPolicy", {"FallBackId": "S_9", "Steps": OF_RULE})
DELETE_RULE: Call = ("DeleteFallbackRule", {"RuleId": "R_1"})
COPY: Call = ("CopyTemplate", {"SceneTemplateCode": "offer", "SceneTemplateName": "copy"})
OPEN: Call = ("AddAuditViberOpen", {"CustSpaceId": "cams-9", "AuditRecord": RECORD})
DELETE_SPACE: Call = ("DeleteInstance", {"InstanceId": "cams-9"})
WEBHOOK = {"CustSpaceId": "cams-9", "HttpFlag": "Y", "StatusCallbackUrl": "https://shop.example.com/"}
SET_WEBHOOK: Call = ("UpdateAccountWebhook", WEBHOOK)
SET_QUEUE: Call = ("UpdateAccountWebhook", {"CustSpaceId": "cams-9", "QueueFlag": "Y"})
IN_SPACE = template(CustSpaceId="cams-9")


class Case(NamedTuple):
    """Two calls at once.

    Attributes:
        refused: the code of the second; `OK` if both hold.
        limits: names of limits to other values.
        before: calls that were made earlier.
    """

    first: Call
    second: Call
    refused: str
    limits: Mapping[str, int] = {}
    before: tuple[Call, ...] = ()


class ReliesOnNothing(ConfigurationChanges):
    """Looks at no entries but those that it writes."""

    def _holds(self, change: EntryChange) -> bool:
        return isinstance(change, Expectation) or super()._holds(change)


class WritesBlindly(ConfigurationChanges):
    """Writes whatever is there."""

    def _holds(self, change: EntryChange) -> bool:
        return isinstance(change, InsertEntry | ReplaceEntry | Expectation) or super()._holds(change)


SPANNING: dict[str, Case] = {
    "two users of a name": Case(MAKE_USER, MAKE_USER, codes.ALREADY_EXISTS_USER),
    "users beyond the limit": Case(
        MAKE_USER,
        ("CreateUser", {"UserName": "eve"}),
        codes.LIMIT_EXCEEDED_USER,
        {f"{RAM}.create_user.MOST_USERS": 3},
    ),
    "two users renamed alike": Case(
        ("UpdateUser", {"UserName": "zoe", "NewUserName": "eve"}),
        ("UpdateUser", {"UserName": "ann", "NewUserName": "eve"}),
        codes.ALREADY_EXISTS_USER,
    ),
    "a user made and one renamed": Case(
        MAKE_USER, ("UpdateUser", {"UserName": "ann", "NewUserName": "bob"}), codes.ALREADY_EXISTS_USER
    ),
    "keys beyond the limit": Case(MAKE_KEY, MAKE_KEY, codes.LIMIT_EXCEEDED_USER_ACCESS_KEY),
    "a user deleted, and a key made": Case(DELETE_ANN, KEY_OF_ANN, codes.NO_SUCH_USER),
    "a key made, and its user deleted": Case(KEY_OF_ANN, DELETE_ANN, codes.DELETE_CONFLICT_USER_ACCESS_KEY),
    "policies beyond the limit": Case(
        MAKE_POLICY,
        ("CreatePolicy", {"PolicyName": "r", "PolicyDocument": ALLOW}),
        codes.LIMIT_EXCEEDED_POLICY,
        {f"{RAM}.create_policy.MOST_POLICIES": 2},
    ),
    "roles beyond the limit": Case(
        MAKE_ROLE,
        ("CreateRole", {"RoleName": "chief", "AssumeRolePolicyDocument": TRUST}),
        codes.LIMIT_EXCEEDED_ROLE,
        {f"{RAM}.create_role.MOST_ROLES": 2},
    ),
    "a policy attached to a user, and deleted": Case(
        attach("User"), DELETE_POLICY, codes.DELETE_CONFLICT_POLICY_USER
    ),
    "a policy attached to a role, and deleted": Case(
        attach("Role"), DELETE_POLICY, codes.DELETE_CONFLICT_POLICY_ROLE
    ),
    "a policy deleted, and attached to a user": Case(DELETE_POLICY, attach("User"), codes.NO_SUCH_POLICY),
    "a policy deleted, and attached to a role": Case(DELETE_POLICY, attach("Role"), codes.NO_SUCH_POLICY),
    "a rule deleted, and a policy made of it": Case(DELETE_RULE, MAKE_FALLBACK, codes.UNKNOWN_RESOURCE_OWNER),
    "a policy made of a rule, and that deleted": Case(MAKE_FALLBACK, DELETE_RULE, codes.invalid("RuleId")),
    "a rule deleted, and put in a policy": Case(DELETE_RULE, CHANGE_FALLBACK, codes.UNKNOWN_RESOURCE_OWNER),
    "a rule put in a policy, and deleted": Case(CHANGE_FALLBACK, DELETE_RULE, codes.invalid("RuleId")),
    "templates of a name on two channels": Case(
        template(), template("de", "WHATSAPP"), codes.TEMPLATE_NAME_EXIST
    ),
    "a template made, and another copied to its name": Case(
        template("de", Name="copy"), COPY, codes.TEMPLATE_NAME_EXIST, before=(template(),)
    ),
    "a space deleted, and a template made in it": Case(DELETE_SPACE, IN_SPACE, codes.UNKNOWN_RESOURCE_OWNER),
    "a space deleted, and a sender requested": Case(DELETE_SPACE, OPEN, codes.UNKNOWN_RESOURCE_OWNER),
    "a space deleted, and its receipts set": Case(DELETE_SPACE, SET_QUEUE, codes.UNKNOWN_RESOURCE_OWNER),
}
"""Rules that no comparison of the entries which the two calls write would keep."""

OF_ONE_ENTRY: dict[str, Case] = {
    "two policies of a name": Case(MAKE_POLICY, MAKE_POLICY, codes.ALREADY_EXISTS_POLICY),
    "two roles of a name": Case(MAKE_ROLE, MAKE_ROLE, codes.ALREADY_EXISTS_ROLE),
    "two templates of a name": Case(template(), template(), codes.TEMPLATE_NAME_EXIST),
    "two requests for a sender": Case(OPEN, OPEN, codes.AUDIT_STATUS_NOT_SUPPORT),
    "a policy attached twice": Case(attach("User"), attach("User"), codes.ALREADY_EXISTS_USER_POLICY),
    "policies attached beyond the limit": Case(
        attach("User"),
        attach("User", "q"),
        codes.LIMIT_EXCEEDED_USER_POLICY,
        {f"{RAM}.attachments.MOST_ATTACHED_POLICIES": 1},
        (MAKE_POLICY,),
    ),
    "versions of a policy beyond the limit": Case(
        ("CreatePolicyVersion", {"PolicyName": "p", "PolicyDocument": ALLOW}),
        ("CreatePolicyVersion", {"PolicyName": "p", "PolicyDocument": ALLOW}),
        codes.LIMIT_EXCEEDED_POLICY_VERSION,
        {f"{RAM}.create_policy_version.MOST_POLICY_VERSIONS": 2},
    ),
}
"""Rules that the two calls keep by comparing the entry that both write."""

each_number_of_nodes = pytest.mark.parametrize("how_many", [1, 2], ids=["one node", "two nodes"])


def set_limits(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, value in case.limits.items():
        monkeypatch.setattr(limit, value)


async def carried_out(node: Node, call: Call) -> None:
    await node.configuration.refresh()
    await node.commit(await node.decide(*call))


async def prepare(started: list[Node], case: Case) -> None:
    for call in case.before:
        await carried_out(started[0], named_by_code(started[0], call))
    for node in started:
        await node.configuration.refresh()


def named_by_code(node: Node, call: Call) -> Call:
    """The call with the code of the template `offer`, which is not known before that is made."""
    operation, params = call
    if operation != "CopyTemplate":
        return call
    found = node.configuration.current().template(ONE, "offer", "en")
    assert found is not None
    return operation, {**params, "SceneTemplateCode": found.code}


async def codes_at_once(folder: Path, case: Case, how_many: int) -> list[str]:
    """What two calls come to that are decided on one snapshot."""
    async with nodes(folder, EVERYTHING, how_many) as started:
        await prepare(started, case)
        both = [(started[0], case.first), (started[-1], case.second)]
        decided = [(node, await node.decide(*named_by_code(node, call))) for node, call in both]
        return await commit_in_order(decided)


async def codes_in_turn(folder: Path, case: Case) -> list[str]:
    """What they come to one after the other."""
    async with nodes(folder, EVERYTHING) as started:
        await prepare(started, case)
        return [
            await outcome(carried_out(started[0], named_by_code(started[0], call)))
            for call in (case.first, case.second)
        ]


@each_number_of_nodes
@pytest.mark.parametrize("name", [*SPANNING, *OF_ONE_ENTRY])
async def test_two_calls_at_once_come_to_what_they_do_in_turn(
    tmp_path: Path, name: str, how_many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = (SPANNING | OF_ONE_ENTRY)[name]
    set_limits(case, monkeypatch)
    (tmp_path / "in turn").mkdir()
    assert await codes_in_turn(tmp_path / "in turn", case) == ["OK", case.refused]
    assert await codes_at_once(tmp_path, case, how_many) == ["OK", case.refused]


@pytest.mark.parametrize("name", SPANNING)
async def test_without_what_it_relies_on_each_rule_would_be_broken(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_limits(SPANNING[name], monkeypatch)
    monkeypatch.setattr(transaction, "ConfigurationChanges", ReliesOnNothing)
    assert await codes_at_once(tmp_path, SPANNING[name], 1) == ["OK", "OK"]


@pytest.mark.parametrize("name", OF_ONE_ENTRY)
async def test_without_a_comparison_each_rule_would_be_broken(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_limits(OF_ONE_ENTRY[name], monkeypatch)
    monkeypatch.setattr(transaction, "ConfigurationChanges", WritesBlindly)
    assert await codes_at_once(tmp_path, OF_ONE_ENTRY[name], 1) == ["OK", "OK"]


@each_number_of_nodes
async def test_settings_that_two_calls_make_first_both_hold(tmp_path: Path, how_many: int) -> None:
    async with nodes(tmp_path, EVERYTHING, how_many) as started:
        both = [(started[0], SET_WEBHOOK), (started[-1], SET_QUEUE)]
        decided = [(node, await node.decide(*call)) for node, call in both]
        assert await commit_in_order(decided) == ["OK", "OK"]
        await started[0].configuration.refresh()
        settings = started[0].configuration.current().space_receipts(ONE, SpaceId("cams-9"))
        assert (settings.http, settings.status_url) == (True, WEBHOOK["StatusCallbackUrl"])
        assert settings.queue is True


UNRELATED: list[Call] = [
    template(CustSpaceId="cams-9"),
    template(Name="another"),
    ("CreateInstance", {"ChannelType": "VIBER", "InstanceName": "new"}),
    SET_WEBHOOK,
    attach("User"),
    ("CreateFallbackRule", {"RuleName": "new", "ChannelType": "sms", "SenderId": "Brand"}),
    MAKE_FALLBACK,
    MAKE_ROLE,
    KEY_OF_ANN,
    OPEN,
]


@each_number_of_nodes
async def test_calls_about_different_entries_of_an_account_are_decided_once(
    tmp_path: Path, how_many: int
) -> None:
    """Such as those of an ISV, which has a space of its account for each of its customers."""
    async with nodes(tmp_path, EVERYTHING, how_many) as started:
        decided = [
            (node, await node.decide(*call))
            for node, call in zip(started * len(UNRELATED), UNRELATED, strict=False)
        ]
        assert await commit_in_order(decided) == ["OK"] * len(UNRELATED)
        assert sum(node.decisions for node in started) == len(UNRELATED)


async def test_a_caller_changes_no_key_of_another_accounts_owner(tmp_path: Path) -> None:
    """An owner's keys have no user, of whichever account."""
    theirs = AccessKey(id="theirs", account_id=AccountId("2"), secret=b"", created_at=1)
    async with nodes(tmp_path, [*EVERYTHING, *account("2"), theirs]) as [node]:
        for call in (
            ("UpdateAccessKey", {"UserAccessKeyId": "theirs", "Status": "Inactive"}),
            ("DeleteAccessKey", {"UserAccessKeyId": "theirs"}),
        ):
            assert await outcome(carried_out(node, call)) == codes.NO_SUCH_USER_ACCESS_KEY
