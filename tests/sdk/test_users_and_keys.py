"""Users and their access keys, by the official SDK of ram."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from alibabacloud_cams20200606 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from tests.processes import start_sandbox
from tests.sdk.access import (
    OWNER,
    Credentials,
    attach,
    cams,
    fixed,
    policy,
    ram,
    refused,
    sts,
    unused,
    user_with,
)
from tests.sdk.callers import FREE, Phones, Sandbox, core_call


def test_a_user_is_made_shown_changed_listed_and_deleted(sandbox: Sandbox) -> None:
    name, other = unused("alice"), unused("alicia")
    made = ram(sandbox, "create_user", user_name=name, display_name="Alice", email="alice@example.com")[
        "User"
    ]
    assert (made["UserName"], made["DisplayName"], len(made["UserId"])) == (name, "Alice", 18)
    shown = ram(sandbox, "get_user", user_name=name)["User"]
    assert made.items() <= shown.items()
    assert shown["UpdateDate"] == made["CreateDate"]
    changed = ram(sandbox, "update_user", user_name=name, new_user_name=other, new_comments="left")["User"]
    assert (changed["UserName"], changed["UserId"]) == (other, made["UserId"])
    assert (changed["DisplayName"], changed["Comments"]) == ("Alice", "left")
    assert other in [user["UserName"] for user in ram(sandbox, "list_users")["Users"]["User"]]
    assert ram(sandbox, "delete_user", user_name=other) == {}
    for gone in (name, other):
        refusal = refused(ram, sandbox, "get_user", user_name=gone)
        assert (refusal.status, refusal.code) == (404, "EntityNotExist.User")


def test_users_are_listed_a_part_at_a_time(sandbox: Sandbox) -> None:
    beginning = unused("zz-listed")
    names = [f"{beginning}-{place}" for place in range(5)]
    for name in names:
        ram(sandbox, "create_user", user_name=name)
    marker, found = beginning, []
    while marker:
        part = ram(sandbox, "list_users", marker=marker, max_items=2)
        found += [user["UserName"] for user in part["Users"]["User"]]
        marker = part["Marker"] if part["IsTruncated"] else ""
    assert found == names


def test_a_user_without_a_policy_may_do_nothing_and_with_one_what_it_allows(
    sandbox: Sandbox, phones: Phones
) -> None:
    name, keys = user_with(sandbox)
    send = models.SendChatappMessageRequest(**FREE, to=phones.new())
    refusal = refused(cams(sandbox, keys).send_chatapp_message, send)
    assert (refusal.status, refusal.code) == (400, "Ram.PermissionDeny")
    assert refusal.body["AccessDeniedDetail"]["AuthPrincipalDisplayName"] == name
    made = attach(sandbox, "user", name, policy("cams:SendChatappMessage"))
    assert cams(sandbox, keys).send_chatapp_message(send).body.code == "OK"
    ram(sandbox, "detach_policy_from_user", policy_type="Custom", policy_name=made, user_name=name)
    assert refused(cams(sandbox, keys).send_chatapp_message, send).code == "Ram.PermissionDeny"


def test_a_denial_names_the_policy_and_its_statement(sandbox: Sandbox) -> None:
    name, keys = user_with(sandbox, policy("cams:*"))
    frozen = policy("cams:List*")
    frozen["Statement"].append({"Effect": "Deny", "Action": "cams:Send*", "Resource": "*"})
    named = attach(sandbox, "user", name, frozen)
    refusal = refused(cams(sandbox, keys).send_chatapp_message, models.SendChatappMessageRequest())
    detail = refusal.error.access_denied_detail
    assert detail["PolicyType"] == "AccountLevelIdentityBasedPolicy"
    assert (detail["NoPermissionType"], detail["PolicyName"]) == ("ExplicitDeny", named)
    assert detail["Statement"] == "Statement[1]"


def test_a_key_is_rotated(sandbox: Sandbox) -> None:
    name, first = user_with(sandbox)
    who = sts(sandbox, "get_caller_identity", by=first)
    assert (who["IdentityType"], who["Arn"]) == ("RAMUser", f"acs:ram::1:user/{name}")
    made = ram(sandbox, "create_access_key", user_name=name)["AccessKey"]
    second = Credentials(made["AccessKeyId"], made["AccessKeySecret"])
    assert sts(sandbox, "get_caller_identity", by=second)["UserId"] == who["UserId"]
    refusal = refused(ram, sandbox, "create_access_key", user_name=name)
    assert (refusal.status, refusal.code) == (409, "LimitExceeded.User.AccessKey")
    switch: dict[str, Any] = {"user_name": name, "user_access_key_id": first.key}
    ram(sandbox, "update_access_key", status="Inactive", **switch)
    assert refused(sts, sandbox, "get_caller_identity", by=first).code == "InvalidAccessKeyId.Inactive"
    rows = ram(sandbox, "list_access_keys", user_name=name)["AccessKeys"]["AccessKey"]
    assert {row["AccessKeyId"]: row["Status"] for row in rows} == {
        first.key: "Inactive",
        second.key: "Active",
    }
    assert not any("AccessKeySecret" in row for row in rows)
    ram(sandbox, "update_access_key", status="Active", **switch)
    assert sts(sandbox, "get_caller_identity", by=first)
    ram(sandbox, "delete_access_key", **switch)
    assert refused(sts, sandbox, "get_caller_identity", by=first).code == "InvalidAccessKeyId.NotFound"


def test_of_many_calls_at_once_no_more_are_taken_than_may_be(sandbox: Sandbox) -> None:
    name, _ = user_with(sandbox)
    other = unused("once")

    def code(operation: str, **params: Any) -> str:
        try:
            ram(sandbox, operation, **params)
        except AlibabaCloudException as refused:
            return str(refused.code)
        return "OK"

    with ThreadPoolExecutor(8) as callers:
        keys = [callers.submit(code, "create_access_key", user_name=name) for _ in range(8)]
        users = [callers.submit(code, "create_user", user_name=other) for _ in range(8)]
    assert sorted(call.result() for call in keys) == ["LimitExceeded.User.AccessKey"] * 7 + ["OK"]
    assert sorted(call.result() for call in users) == ["EntityAlreadyExists.User"] * 7 + ["OK"]


def test_answers_can_be_xml_as_the_older_sdk_wants_them(sandbox: Sandbox) -> None:
    answer = core_call(
        sandbox, {"UserName": "clerk"}, action="GetUser", form="XML", product=("ram", "2015-05-01")
    )
    assert b"<GetUserResponse><RequestId>" in answer
    assert b"<User><UserId>clerk</UserId><UserName>clerk</UserName>" in answer
    assert b"<Code>" not in answer


def test_a_user_manages_its_own_keys_when_a_policy_allows_it(sandbox: Sandbox) -> None:
    name, keys = user_with(sandbox)
    own = policy("ram:*AccessKey*")
    own["Statement"][0]["Resource"] = f"acs:ram::*:user/{name}"
    attach(sandbox, "user", name, own)
    ram(sandbox, "create_access_key", by=keys)
    assert len(ram(sandbox, "list_access_keys", by=keys)["AccessKeys"]["AccessKey"]) == 2
    other, _ = user_with(sandbox)
    refusal = refused(ram, sandbox, "create_access_key", by=keys, user_name=other)
    assert (refusal.status, refusal.code) == (403, "NoPermission")
    assert refusal.body["AccessDeniedDetail"]["AuthAction"] == "ram:CreateAccessKey"
    assert refused(ram, sandbox, "list_users", by=keys).code == "NoPermission"


def test_a_user_with_keys_or_policies_is_not_deleted(sandbox: Sandbox) -> None:
    name, keys = user_with(sandbox, policy("cams:*"))
    refusal = refused(ram, sandbox, "delete_user", user_name=name)
    assert (refusal.status, refusal.code) == (409, "DeleteConflict.User.AccessKey")
    ram(sandbox, "delete_access_key", user_name=name, user_access_key_id=keys.key)
    assert refused(ram, sandbox, "delete_user", user_name=name).code == "DeleteConflict.User.Policy"


def test_each_wrong_parameter_of_a_user_is_refused_with_its_code(sandbox: Sandbox) -> None:
    name = unused("taken")
    ram(sandbox, "create_user", user_name=name)
    for params, status, code in (
        ({"user_name": name}, 409, "EntityAlreadyExists.User"),
        ({"user_name": ""}, 400, "MissingUserName"),
        ({"user_name": "a b"}, 400, "InvalidParameter.UserName.InvalidChars"),
        ({"user_name": "a" * 65}, 400, "InvalidParameter.UserName.Length"),
        ({"user_name": "free", "email": "nowhere"}, 400, "InvalidParameter.Email.Format"),
        ({"user_name": "free", "comments": "x" * 129}, 400, "InvalidParameter.Comments.Length"),
    ):
        refusal = refused(ram, sandbox, "create_user", **params)
        assert (refusal.status, refusal.code) == (status, code), params


def test_what_the_operator_declares_is_seen_and_not_changed(sandbox: Sandbox) -> None:
    declared = ram(sandbox, "list_policies_for_user", user_name="clerk")["Policies"]["Policy"]
    assert [(row["PolicyName"], row["PolicyType"]) for row in declared] == [("clerks", "Inline")]
    for operation, params in (
        ("delete_user", {"user_name": "clerk"}),
        ("update_user", {"user_name": "clerk", "new_comments": "x"}),
        (
            "attach_policy_to_user",
            {"user_name": "clerk", "policy_type": "System", "policy_name": "AdministratorAccess"},
        ),
        ("delete_access_key", {"user_access_key_id": "sandbox"}),
        ("delete_role", {"role_name": "courier"}),
        ("delete_policy", {"policy_name": "send-only"}),
    ):
        refusal = refused(ram, sandbox, operation, **params)
        assert (refusal.status, refusal.code) == (403, "NoPermission"), operation
        assert "declared by the operator" in refusal.message


def test_an_account_without_the_service_has_users_all_the_same(sandbox: Sandbox) -> None:
    by = fixed("unsubscribed")
    assert sts(sandbox, "get_caller_identity", by=by)["Arn"] == "acs:ram::3:root"
    assert ram(sandbox, "list_users", by=by)["Users"]["User"] == []


def test_what_was_made_by_call_is_there_after_a_restart(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as process:
        first = Sandbox(process)
        name, keys = user_with(first, policy("cams:Send*"))
    with start_sandbox(tmp_path) as process:
        again = Sandbox(process)
        assert sts(again, "get_caller_identity", by=keys)["Arn"] == f"acs:ram::1:user/{name}"
        rows = ram(again, "list_policies_for_user", by=OWNER, user_name=name)["Policies"]["Policy"]
        assert len(rows) == 1
