"""Policies of an account, their versions, to whom they are attached; and roles. By the SDK of ram."""

import json
from typing import Any

import pytest

from tests.sdk.access import TRUST, attach, policy, ram, refused, role_with, unused, user_with
from tests.sdk.callers import Sandbox


def made(sandbox: Sandbox, *actions: str) -> str:
    name = unused("policy")
    body = ram(sandbox, "create_policy", policy_name=name, policy_document=policy(*actions), description="d")
    assert body["Policy"]["DefaultVersion"] == "v1"
    return name


def document(sandbox: Sandbox, name: str) -> Any:
    body = ram(sandbox, "get_policy", policy_name=name, policy_type="Custom")
    assert body["Policy"]["PolicyDocument"] == body["DefaultPolicyVersion"]["PolicyDocument"]
    return json.loads(body["Policy"]["PolicyDocument"])


def test_a_policy_is_changed_by_a_new_version_and_changed_back(sandbox: Sandbox) -> None:
    name = made(sandbox, "cams:Send*")
    later = policy("cams:List*")
    body = ram(sandbox, "create_policy_version", policy_name=name, policy_document=later, set_as_default=True)
    assert (body["PolicyVersion"]["VersionId"], body["PolicyVersion"]["IsDefaultVersion"]) == ("v2", True)
    assert document(sandbox, name) == later
    ram(sandbox, "set_default_policy_version", policy_name=name, version_id="v1")
    assert document(sandbox, name) == policy("cams:Send*")
    rows = ram(sandbox, "list_policy_versions", policy_name=name, policy_type="Custom")["PolicyVersions"]
    assert [(row["VersionId"], row["IsDefaultVersion"]) for row in rows["PolicyVersion"]] == [
        ("v1", True),
        ("v2", False),
    ]
    refusal = refused(ram, sandbox, "delete_policy_version", policy_name=name, version_id="v1")
    assert (refusal.status, refusal.code) == (409, "DeleteConflict.Policy.Version.Default")
    assert refused(ram, sandbox, "delete_policy", policy_name=name).code == "DeleteConflict.Policy.Version"
    ram(sandbox, "delete_policy_version", policy_name=name, version_id="v2")
    params = {"policy_name": name, "policy_type": "Custom", "version_id": "v2"}
    assert refused(ram, sandbox, "get_policy_version", **params).code == "EntityNotExist.Policy.Version"
    assert ram(sandbox, "delete_policy", policy_name=name) == {}


def test_a_policy_has_five_versions_and_the_oldest_makes_room(sandbox: Sandbox) -> None:
    name = made(sandbox, "cams:*")
    change: dict[str, Any] = {"policy_name": name, "policy_document": policy("cams:Send*")}
    for _ in range(4):
        ram(sandbox, "create_policy_version", **change)
    assert refused(ram, sandbox, "create_policy_version", **change).code == "LimitExceeded.Policy.Version"
    rotate = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
    body = ram(sandbox, "create_policy_version", rotate_strategy=rotate, **change)
    assert body["PolicyVersion"]["VersionId"] == "v6"
    rows = ram(sandbox, "list_policy_versions", policy_name=name, policy_type="Custom")["PolicyVersions"]
    assert [row["VersionId"] for row in rows["PolicyVersion"]] == ["v1", "v3", "v4", "v5", "v6"]
    ram(sandbox, "delete_policy", policy_name=name, cascading_delete=True)


def test_who_has_a_policy_is_listed_and_keeps_it_from_being_deleted(sandbox: Sandbox) -> None:
    user, _ = user_with(sandbox)
    name = attach(sandbox, "user", user, policy("cams:*"))
    role = role_with(sandbox)
    ram(sandbox, "attach_policy_to_role", policy_type="Custom", policy_name=name, role_name=role)
    entities = ram(sandbox, "list_entities_for_policy", policy_type="Custom", policy_name=name)
    assert [row["UserName"] for row in entities["Users"]["User"]] == [user]
    assert [row["Arn"] for row in entities["Roles"]["Role"]] == [f"acs:ram::1:role/{role}"]
    shown = ram(sandbox, "get_policy", policy_type="Custom", policy_name=name)["Policy"]
    assert shown["AttachmentCount"] == 2
    again: dict[str, Any] = {"policy_type": "Custom", "policy_name": name, "user_name": user}
    assert refused(ram, sandbox, "attach_policy_to_user", **again).code == "EntityAlreadyExists.User.Policy"
    assert refused(ram, sandbox, "delete_policy", policy_name=name).code == "DeleteConflict.Policy.User"
    ram(sandbox, "detach_policy_from_user", **again)
    assert refused(ram, sandbox, "detach_policy_from_user", **again).code == "EntityNotExist.User.Policy"
    assert refused(ram, sandbox, "delete_policy", policy_name=name).code == "DeleteConflict.Policy.Role"
    assert refused(ram, sandbox, "delete_role", role_name=role).code == "DeleteConflict.Role.Policy"
    ram(sandbox, "detach_policy_from_role", policy_type="Custom", policy_name=name, role_name=role)
    assert ram(sandbox, "list_policies_for_role", role_name=role)["Policies"]["Policy"] == []
    ram(sandbox, "delete_policy", policy_name=name)


def test_policies_of_every_account_are_there_too(sandbox: Sandbox) -> None:
    rows = ram(sandbox, "list_policies", policy_type="System")["Policies"]["Policy"]
    assert "AliyunSTSAssumeRoleAccess" in [row["PolicyName"] for row in rows]
    user, keys = user_with(sandbox)
    params: dict[str, Any] = {"policy_type": "System", "policy_name": "AliyunRAMReadOnlyAccess"}
    ram(sandbox, "attach_policy_to_user", user_name=user, **params)
    assert ram(sandbox, "get_user", by=keys, user_name=user)["User"]["UserName"] == user
    assert refused(ram, sandbox, "delete_user", by=keys, user_name=user).code == "NoPermission"
    shown = ram(sandbox, "get_policy", **params)["Policy"]
    assert "ram:Get*" in shown["PolicyDocument"]
    nothing = {"policy_type": "System", "policy_name": "Nothing"}
    assert refused(ram, sandbox, "attach_policy_to_user", user_name=user, **nothing).status == 404


def test_policies_are_listed_a_part_at_a_time_without_a_repeat(sandbox: Sandbox) -> None:
    names = {made(sandbox, "cams:*") for _ in range(3)}
    marker, found = "", []
    while True:
        part = ram(sandbox, "list_policies", marker=marker or None, max_items=2)
        found += [(row["PolicyType"], row["PolicyName"]) for row in part["Policies"]["Policy"]]
        marker = part["Marker"]
        if not part["IsTruncated"]:
            break
    assert len(found) == len(set(found))
    assert names <= {name for kind, name in found if kind == "Custom"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", "it is not JSON"),
        ("[]", "the policy: an object"),
        (
            '{"Version":"1","Statement":[{"Effect":"Allow","Action":"Send","Resource":"*"}]}',
            "'Send' is no action",
        ),
        ("[" * 3000, "it is not JSON"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_place(sandbox: Sandbox, text: str, error: str) -> None:
    refusal = refused(ram, sandbox, "create_policy", policy_name=unused("p"), policy_document=text)
    assert (refusal.status, refusal.code) == (400, "MalformedPolicyDocument")
    assert error in refusal.message


def test_a_role_is_made_shown_changed_listed_and_deleted(sandbox: Sandbox) -> None:
    name = unused("role")
    body = ram(
        sandbox, "create_role", role_name=name, assume_role_policy_document=TRUST, max_session_duration=7200
    )["Role"]
    assert (body["Arn"], body["MaxSessionDuration"]) == (f"acs:ram::1:role/{name}", 7200)
    assert json.loads(body["AssumeRolePolicyDocument"]) == TRUST
    again = {"role_name": name, "assume_role_policy_document": TRUST}
    assert refused(ram, sandbox, "create_role", **again).code == "EntityAlreadyExists.Role"
    ram(sandbox, "update_role", role_name=name, new_description="d", new_max_session_duration=3600)
    shown = ram(sandbox, "get_role", role_name=name)["Role"]
    assert (shown["Description"], shown["MaxSessionDuration"]) == ("d", 3600)
    assert name in [row["RoleName"] for row in ram(sandbox, "list_roles")["Roles"]["Role"]]
    for change, code in (
        ({"new_max_session_duration": 3599}, "InvalidParameter.MaxSessionDuration"),
        ({"new_assume_role_policy_document": policy("sts:AssumeRole")}, "MalformedPolicyDocument"),
    ):
        assert refused(ram, sandbox, "update_role", role_name=name, **change).code == code
    ram(sandbox, "delete_role", role_name=name)
    assert refused(ram, sandbox, "get_role", role_name=name).code == "EntityNotExist.Role"
