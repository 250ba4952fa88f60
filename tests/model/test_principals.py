"""Users, keys, roles and policies: an account finds its own only, and which policies apply to a call."""

from typing import Any

import msgspec
import pytest

from waypost.model.access.policy import decide_access
from waypost.model.access.principals import (
    SYSTEM_POLICIES,
    AccessKey,
    AccountPolicy,
    Attachment,
    PolicyVersion,
    Principals,
    Role,
    User,
)
from waypost.model.identifiers import AccountId

SEND, LIST = "cams:SendChatappMessage", "cams:ListChatappMessage"


def document(*actions: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Version": "1", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": "*"}]}


def policy(name: str, *actions: str, account: str = "1", effect: str = "Allow") -> AccountPolicy:
    text = msgspec.json.encode(document(*actions, effect=effect)).decode()
    return AccountPolicy(
        account_id=AccountId(account), name=name, versions=(PolicyVersion("v1", text, 1),), default="v1"
    )


def user(id_: str, *attached: Attachment, account: str = "1", **parts: Any) -> User:
    return User(id=id_, account_id=AccountId(account), attached=attached, **parts)


def role(name: str, *attached: Attachment, account: str = "1") -> Role:
    return Role(id=f"id of {name}", account_id=AccountId(account), name=name, trust="{}", attached=attached)


def key(id_: str, user_id: str | None = None, account: str = "1", created_at: int = 0) -> AccessKey:
    return AccessKey(
        id=id_, account_id=AccountId(account), user_id=user_id, secret=b"", created_at=created_at
    )


def custom(name: str) -> Attachment:
    return Attachment("Custom", name)


def system(name: str) -> Attachment:
    return Attachment("System", name)


@pytest.mark.parametrize(
    ("one", "name", "arn"),
    [
        (user("zoe"), "zoe", "acs:ram::1:user/zoe"),
        (user("216959339000654321", name="zoe"), "zoe", "acs:ram::1:user/zoe"),
        (user("zoe", account="2"), "zoe", "acs:ram::2:user/zoe"),
    ],
    ids=["declared", "made by a call", "another account's"],
)
def test_how_policies_name_a_user(one: User, name: str, arn: str) -> None:
    assert (one.user_name, one.arn) == (name, arn)


def test_how_policies_name_a_role() -> None:
    assert role("worker").arn == "acs:ram::1:role/worker"


def test_the_default_version_of_a_policy_decides() -> None:
    versions = tuple(PolicyVersion(f"v{number}", f"text {number}", number) for number in (1, 3, 4))
    for default in ("v1", "v3", "v4"):
        one = AccountPolicy(account_id=AccountId("1"), name="p", versions=versions, default=default)
        assert one.document == f"text {default[1:]}"


@pytest.mark.parametrize(
    ("name", "action", "allowed"),
    [
        ("AdministratorAccess", SEND, True),
        ("AdministratorAccess", "ram:CreateUser", True),
        ("AliyunRAMFullAccess", "ram:CreateUser", True),
        ("AliyunRAMFullAccess", SEND, False),
        ("AliyunRAMReadOnlyAccess", "ram:ListUsers", True),
        ("AliyunRAMReadOnlyAccess", "ram:GetUser", True),
        ("AliyunRAMReadOnlyAccess", "ram:CreateUser", False),
        ("AliyunSTSAssumeRoleAccess", "sts:AssumeRole", True),
        ("AliyunSTSAssumeRoleAccess", "ram:GetRole", False),
    ],
)
def test_a_policy_that_every_account_has(name: str, action: str, allowed: bool) -> None:
    deciding = Principals([user("zoe", system(name))]).policies_for_user("zoe")
    assert [one.name for one in deciding] == [name]
    assert decide_access(deciding, action, "acs:cams:eu:1:*", {}).allowed is allowed


def test_none_of_them_is_about_messages() -> None:
    assert not [name for name, (_, text) in SYSTEM_POLICIES.items() if "cams" in text]
    assert all(description.endswith(".") for description, _ in SYSTEM_POLICIES.values())


ALL = Principals(
    [
        user("1", custom("senders"), system("AdministratorAccess"), name="zoe", created_at=5),
        user("ann", policies={"inline": document(LIST)}),
        user("3", custom("senders"), name="ann", created_at=9),
        user("4", account="2", name="zoe"),
        key("k2", "1", created_at=2),
        key("k1", "1", created_at=3),
        key("k0", "1", created_at=2),
        key("owner"),
        key("theirs", account="2"),
        role("worker", custom("senders")),
        role("admin", system("AdministratorAccess")),
        role("worker", account="2"),
        policy("senders", SEND),
        policy("readers", LIST),
        policy("senders", "sms:*", account="2"),
    ]
)


def test_users_are_listed_by_name_and_of_two_with_one_name_the_declared_one_is_meant() -> None:
    assert [one.id for one in ALL.users_of(AccountId("1"))] == ["3", "ann", "1"]
    found = ALL.user_named(AccountId("1"), "ann")
    assert found is not None
    assert found.id == "ann"
    assert ALL.user_named(AccountId("1"), "bob") is None


def test_keys_are_listed_by_age_and_an_owner_has_their_own() -> None:
    assert [one.id for one in ALL.keys_of(AccountId("1"), "1")] == ["k0", "k2", "k1"]
    assert [one.id for one in ALL.keys_of(AccountId("1"), None)] == ["owner"]
    assert ALL.keys_of(AccountId("1"), "ann") == []


def test_roles_and_policies_are_listed_by_name() -> None:
    assert [one.name for one in ALL.roles_of(AccountId("1"))] == ["admin", "worker"]
    assert [one.name for one in ALL.policies_of(AccountId("1"))] == ["readers", "senders"]


def test_nobody_elses_is_found() -> None:
    theirs = ALL.user_named(AccountId("2"), "zoe")
    assert theirs is not None
    assert theirs.id == "4"
    assert ALL.role(AccountId("1"), "worker") == role("worker", custom("senders"))
    assert ALL.role(AccountId("2"), "worker") == role("worker", account="2")
    assert (ALL.role(AccountId("2"), "admin"), ALL.role(AccountId("3"), "worker")) == (None, None)
    assert ALL.policy(AccountId("2"), "senders") == policy("senders", "sms:*", account="2")
    assert ALL.policy(AccountId("2"), "readers") is None
    assert ALL.keys_of(AccountId("2"), "1") == []
    assert ALL.users_of(AccountId("3")) == []
    assert ALL.roles_of(AccountId("3")) == []
    assert ALL.policies_of(AccountId("3")) == []


@pytest.mark.parametrize(
    ("account", "kind", "name", "holders"),
    [
        ("1", "Custom", "senders", ["3", "1", "id of worker"]),
        ("1", "System", "AdministratorAccess", ["1", "id of admin"]),
        ("1", "System", "senders", []),
        ("1", "Custom", "readers", []),
        ("2", "Custom", "senders", []),
    ],
)
def test_what_a_policy_is_attached_to(account: str, kind: str, name: str, holders: list[str]) -> None:
    assert [one.id for one in ALL.attached_to(AccountId(account), kind, name)] == holders
    assert ALL.attachment_counts(AccountId(account)).get((kind, name), 0) == len(holders)


@pytest.mark.parametrize(
    ("user_id", "names"),
    [
        ("1", ["senders", "AdministratorAccess"]),
        ("ann", ["inline"]),
        ("3", ["senders"]),
        ("4", []),
        ("bob", []),
    ],
)
def test_the_policies_that_decide_for_a_user(user_id: str, names: list[str]) -> None:
    for _ in range(2):  # The second time from what was kept of the first.
        assert [one.name for one in ALL.policies_for_user(user_id)] == names


@pytest.mark.parametrize(
    ("account", "name", "names"),
    [
        ("1", "worker", ["senders"]),
        ("1", "admin", ["AdministratorAccess"]),
        ("2", "worker", []),
        ("1", "nobody", []),
        ("2", "admin", []),
    ],
)
def test_the_policies_that_decide_for_a_role(account: str, name: str, names: list[str]) -> None:
    for _ in range(2):
        assert [one.name for one in ALL.policies_for_role(AccountId(account), name)] == names


def test_policies_of_one_name_are_each_their_accounts() -> None:
    both = Principals(
        [
            policy("p", SEND),
            policy("p", LIST, account="2"),
            user("one", custom("p")),
            user("two", custom("p"), account="2"),
        ]
    )
    for user_id, action in (("one", SEND), ("two", LIST)):
        deciding = both.policies_for_user(user_id)
        assert [decide_access(deciding, each, "*", {}).allowed for each in (SEND, LIST)] == [
            action == SEND,
            action == LIST,
        ]


@pytest.mark.parametrize(
    "attached", [custom("gone"), system("gone"), system("senders"), custom("AdministratorAccess")]
)
def test_a_policy_that_is_not_there_allows_nothing(attached: Attachment) -> None:
    found = Principals([policy("senders", SEND), user("zoe", attached)])
    assert found.policies_for_user("zoe") == ()


def test_an_attached_policy_that_denies_beats_one_that_is_declared() -> None:
    found = Principals(
        [
            policy("frozen", "*", effect="Deny"),
            user("zoe", custom("frozen"), policies={"inline": document(SEND)}),
        ]
    )
    decision = decide_access(found.policies_for_user("zoe"), SEND, "acs:cams:eu:1:*", {})
    assert (decision.allowed, decision.explicit, decision.policy) == (False, True, "frozen")
