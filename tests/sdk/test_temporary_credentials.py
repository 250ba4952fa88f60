"""AssumeRole, and calls with its credentials, by the official SDKs of sts and cams and by both signatures."""

import json
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.sdk.access import (
    OWNER,
    TRUST,
    Credentials,
    assumed,
    attach,
    cams,
    fixed,
    policy,
    ram,
    refused,
    role_with,
    sts,
    unused,
    user_with,
)
from tests.sdk.callers import FREE, FREE_BY_NAME, Phones, Sandbox, core_call

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from aliyunsdkcore.auth.credentials import StsTokenCredential

CLERK = fixed("clerk")
LIST = models.ListChatappTemplateRequest(template_type="VIBER")


def send_request(phones: Phones) -> models.SendChatappMessageRequest:
    return models.SendChatappMessageRequest(**FREE, to=phones.new())


@pytest.mark.parametrize("signature", ["", "v2"])
def test_a_session_may_do_what_its_role_may(sandbox: Sandbox, phones: Phones, signature: str) -> None:
    session = assumed(sandbox, CLERK, "courier")
    client = cams(sandbox, session, signature=signature)
    assert client.send_chatapp_message(send_request(phones)).body.code == "OK"
    refusal = refused(client.list_chatapp_template, LIST)
    assert (refusal.status, refusal.code) == (400, "Ram.PermissionDeny")
    detail = refusal.error.access_denied_detail
    assert detail["AuthPrincipalType"] == "AssumedRoleUser"
    assert detail["AuthPrincipalDisplayName"] == "courier:shop"
    assert (detail["PolicyType"], detail["NoPermissionType"]) == (
        "AccountLevelIdentityBasedPolicy",
        "ImplicitDeny",
    )


def test_the_older_sdk_has_temporary_credentials_too(sandbox: Sandbox, phones: Phones) -> None:
    session = assumed(sandbox, CLERK, "courier")
    credential = StsTokenCredential(session.key, session.secret, session.token)
    answer = core_call(sandbox, {**FREE_BY_NAME, "To": phones.new()}, credential=credential)
    assert json.loads(answer)["Code"] == "OK"


def test_who_a_session_is(sandbox: Sandbox) -> None:
    answer = sts(
        sandbox, "assume_role", by=CLERK, role_arn="acs:ram::1:role/courier", role_session_name="a@b.c"
    )
    assert answer["AssumedRoleUser"]["Arn"] == "acs:ram::1:role/courier/a@b.c"
    made = answer["Credentials"]
    ends = datetime.strptime(made["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=1)
    session = Credentials(made["AccessKeyId"], made["AccessKeySecret"], made["SecurityToken"])
    who = sts(sandbox, "get_caller_identity", by=session)
    assert who["IdentityType"] == "AssumedRoleUser"
    assert (who["Arn"], who["AccountId"]) == ("acs:ram::1:role/courier/a@b.c", "1")
    assert who["PrincipalId"] == answer["AssumedRoleUser"]["AssumedRoleId"] == f"{who['RoleId']}:a@b.c"
    assert sts(sandbox, "get_caller_identity", by=OWNER)["IdentityType"] == "Account"


def test_a_session_policy_can_only_narrow(sandbox: Sandbox, phones: Phones) -> None:
    role = role_with(sandbox, policy("cams:Send*", "cams:List*"))
    narrowed = assumed(sandbox, CLERK, role, policy=policy("cams:Send*", "cams:DeleteInstance"))
    client = cams(sandbox, narrowed)
    assert client.send_chatapp_message(send_request(phones)).body.code == "OK"
    detail = refused(client.list_chatapp_template, LIST).error.access_denied_detail
    assert (detail["PolicyType"], detail["NoPermissionType"]) == ("SessionPolicy", "ImplicitDeny")
    gone = models.DeleteInstanceRequest(instance_id="cams-sandbox")
    detail = refused(client.delete_instance, gone).error.access_denied_detail
    assert detail["PolicyType"] == "AccountLevelIdentityBasedPolicy"
    frozen = assumed(sandbox, CLERK, role, policy=policy("cams:*", effect="Deny"))
    detail = refused(cams(sandbox, frozen).list_chatapp_template, LIST).error.access_denied_detail
    assert (detail["PolicyType"], detail["NoPermissionType"]) == ("SessionPolicy", "ExplicitDeny")
    assert detail["PolicyName"] == "session policy"


def test_a_change_of_the_role_counts_at_the_next_call(sandbox: Sandbox) -> None:
    role = role_with(sandbox)
    session = assumed(sandbox, CLERK, role)
    client = cams(sandbox, session)
    assert refused(client.list_chatapp_template, LIST).code == "Ram.PermissionDeny"
    named = attach(sandbox, "role", role, policy("cams:*"))
    assert client.list_chatapp_template(LIST).body.code == "OK"
    ram(sandbox, "detach_policy_from_role", policy_type="Custom", policy_name=named, role_name=role)
    assert refused(client.list_chatapp_template, LIST).code == "Ram.PermissionDeny"
    ram(sandbox, "delete_role", role_name=role)
    refusal = refused(sts, sandbox, "get_caller_identity", by=session)
    assert (refusal.status, refusal.code) == (403, "NoPermission")
    # Another role of that name does not give the session its life back.
    ram(sandbox, "create_role", role_name=role, assume_role_policy_document=TRUST)
    assert refused(sts, sandbox, "get_caller_identity", by=session).code == "NoPermission"


@pytest.mark.parametrize("lost", ["user", "key", "enabled key", "policy", "trust"])
@pytest.mark.parametrize("ended_by", ["policies", "role"])
def test_a_session_outlives_who_began_it_and_is_ended_by_its_role(
    sandbox: Sandbox, lost: str, ended_by: str
) -> None:
    user, key = user_with(sandbox)
    allowed = attach(sandbox, "user", user, policy("sts:AssumeRole"))
    role = role_with(sandbox)
    permission = attach(sandbox, "role", role, policy("cams:*"))
    session = assumed(sandbox, key, role)
    named: dict[str, Any] = {"user_name": user, "user_access_key_id": key.key}
    if lost == "policy" or lost == "user":
        ram(
            sandbox,
            "detach_policy_from_user",
            policy_type="Custom",
            policy_name=allowed,
            user_name=user,
        )
    if lost == "enabled key":
        ram(sandbox, "update_access_key", **named, status="Inactive")
    if lost in ("user", "key"):
        ram(sandbox, "delete_access_key", **named)
    if lost == "user":
        ram(sandbox, "delete_user", user_name=user)
    if lost == "trust":
        document = json.dumps(TRUST).replace("acs:ram::1:root", "acs:ram::2:root")
        ram(sandbox, "update_role", role_name=role, new_assume_role_policy_document=document)
    again = {"role_arn": f"acs:ram::1:role/{role}", "role_session_name": "shop"}
    assert refused(sts, sandbox, "assume_role", by=key, **again)
    client = cams(sandbox, session)
    assert client.list_chatapp_template(LIST).body.code == "OK"
    ram(sandbox, "detach_policy_from_role", policy_type="Custom", policy_name=permission, role_name=role)
    if ended_by == "role":
        ram(sandbox, "delete_role", role_name=role)
    assert refused(client.list_chatapp_template, LIST).code == "Ram.PermissionDeny"


def test_a_token_that_is_none_or_another_keys_is_refused(sandbox: Sandbox) -> None:
    session = assumed(sandbox, CLERK, "courier")
    other = assumed(sandbox, CLERK, "courier")
    changed = session.token[:-4] + ("AAAA" if session.token[-4:] != "AAAA" else "BBBB")
    for by, code in (
        (session._replace(token=other.token), "InvalidSecurityToken.MismatchWithAccessKey"),
        (OWNER._replace(token=session.token), "InvalidSecurityToken.MismatchWithAccessKey"),
        (session._replace(token=changed), "InvalidSecurityToken.Malformed"),
        (session._replace(token="CAIS"), "InvalidSecurityToken.Malformed"),
        (session._replace(token=""), "MissingSecurityToken"),
        (session._replace(secret="guess"), "SignatureDoesNotMatch"),
    ):
        for signature in ("", "v2"):
            refusal = refused(cams(sandbox, by, signature=signature).list_chatapp_template, LIST)
            assert (refusal.status, refusal.code) == (400, code)


def test_the_owner_assumes_no_role(sandbox: Sandbox) -> None:
    params = {"role_arn": "acs:ram::1:role/courier", "role_session_name": "shop"}
    refusal = refused(sts, sandbox, "assume_role", by=OWNER, **params)
    assert (refusal.status, refusal.code) == (403, "NoPermission")
    assert "Roles may not be assumed by root accounts." in refusal.message


def test_both_the_caller_and_the_role_have_to_allow_it(sandbox: Sandbox) -> None:
    name, without = user_with(sandbox)
    role = role_with(sandbox)
    params: dict[str, Any] = {"role_arn": f"acs:ram::1:role/{role}", "role_session_name": "shop"}
    detail = refused(sts, sandbox, "assume_role", by=without, **params).error.access_denied_detail
    assert (detail["AuthAction"], detail["PolicyType"]) == (
        "sts:AssumeRole",
        "AccountLevelIdentityBasedPolicy",
    )
    only = policy("sts:AssumeRole")
    only["Statement"][0]["Resource"] = f"acs:ram::1:role/{role}"
    attach(sandbox, "user", name, only)
    assert sts(sandbox, "assume_role", by=without, **params)["Credentials"]
    elsewhere = params | {"role_arn": "acs:ram::1:role/courier"}
    assert refused(sts, sandbox, "assume_role", by=without, **elsewhere).code == "NoPermission"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": "acs:ram::1:user/clerk"}}
    changed = {"Version": "1", "Statement": [trust]}
    ram(sandbox, "update_role", role_name=role, new_assume_role_policy_document=changed)
    detail = refused(sts, sandbox, "assume_role", by=without, **params).error.access_denied_detail
    assert (detail["PolicyType"], detail["NoPermissionType"]) == ("AssumeRolePolicy", "ImplicitDeny")
    assert assumed(sandbox, CLERK, role)


def test_a_session_assumes_another_role_for_an_hour_at_most(sandbox: Sandbox) -> None:
    first = role_with(sandbox, policy("sts:AssumeRole"))
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": f"acs:ram::1:role/{first}"}}
    second = unused("role")
    ram(
        sandbox,
        "create_role",
        role_name=second,
        assume_role_policy_document={"Version": "1", "Statement": [trust]},
        max_session_duration=43200,
    )
    session = assumed(sandbox, CLERK, first)
    assert assumed(sandbox, session, second)
    params = {"role_arn": f"acs:ram::1:role/{second}", "role_session_name": "shop", "duration_seconds": 3601}
    code = refused(sts, sandbox, "assume_role", by=session, **params).code
    assert code == "InvalidParameter.DurationSeconds"


def test_a_role_of_another_account_is_assumed_when_it_trusts_this_one(sandbox: Sandbox) -> None:
    neighbour = fixed("neighbour")
    role = unused("role")
    params: dict[str, Any] = {"role_arn": f"acs:ram::2:role/{role}", "role_session_name": "shop"}
    ram(sandbox, "create_role", by=neighbour, role_name=role, assume_role_policy_document=TRUST)
    answer = sts(sandbox, "assume_role", by=CLERK, **params)
    made = answer["Credentials"]
    session = Credentials(made["AccessKeyId"], made["AccessKeySecret"], made["SecurityToken"])
    assert sts(sandbox, "get_caller_identity", by=session)["AccountId"] == "2"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"role_arn": "courier"}, "InvalidParameter.RoleArn"),
        ({"role_arn": "acs:ram::1:role/nobody"}, "EntityNotExist.Role"),
        ({"role_session_name": "a"}, "InvalidParameter.RoleSessionName"),
        ({"role_session_name": "a b"}, "InvalidParameter.RoleSessionName"),
        ({"duration_seconds": 899}, "InvalidParameter.DurationSeconds"),
        ({"duration_seconds": 3601}, "InvalidParameter.DurationSeconds"),
        ({"policy": "{"}, "InvalidParameter.PolicyGrammar"),
        ({"policy": " " * 2049}, "InvalidParameter.PolicyGrammar"),
        ({"role_arn": ""}, "MissingRoleArn"),
    ],
)
def test_each_wrong_parameter_is_refused_with_its_code(
    sandbox: Sandbox, params: dict[str, object], code: str
) -> None:
    whole = {"role_arn": "acs:ram::1:role/courier", "role_session_name": "shop"} | params
    assert refused(sts, sandbox, "assume_role", by=CLERK, **whole).code == code


def test_the_end_of_a_session_is_in_real_time(sandbox: Sandbox) -> None:
    session = assumed(sandbox, CLERK, "courier", duration_seconds=900)
    sandbox.advance(3600)
    assert sts(sandbox, "get_caller_identity", by=session)
