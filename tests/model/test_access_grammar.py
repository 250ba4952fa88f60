"""The grammar of policies at its edges: resources, conditions, sessions, and who may assume a role."""

from typing import Any

import pytest

from waypost.model.access.conditions import KEYS
from waypost.model.access.policy import PolicyError, PolicyType, decide_access, decide_session, parse_policy
from waypost.model.access.trust import decide_trust, names_account, parse_trust, root_arn

SEND = "cams:SendChatappMessage"
RESOURCE = "acs:cams:eu:1001:message/1"
CONTEXT = {
    "acs:SourceIp": "10.1.2.3",
    "acs:CurrentTime": "2027-01-15T08:00:00Z",
    "acs:SecureTransport": "true",
}


def policy(*statements: dict[str, Any], name: str = "p") -> Any:
    return parse_policy(name, {"Version": "1", "Statement": list(statements)})


def allow(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*"} | parts


def deny(**parts: Any) -> dict[str, Any]:
    return allow(Effect="Deny") | parts


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("*", RESOURCE, True),
        ("acs:*", RESOURCE, True),
        ("acs:cams:*", RESOURCE, True),
        ("acs:cams:*:*:*", RESOURCE, True),
        ("acs:cams::1001:*", RESOURCE, True),
        ("acs:cams:eu:1001:*", RESOURCE, True),
        ("acs:cams:eu::message/1", RESOURCE, True),
        ("acs:cams:e?:100?:message/?", RESOURCE, True),
        ("acs:*:eu:1001:message/*", RESOURCE, True),
        ("acs:cams:eu:1001:message", RESOURCE, False),
        ("acs:cams:eu:2002:*", RESOURCE, False),
        ("acs:sms:*:1001:*", RESOURCE, False),
        ("acs:CAMS:eu:1001:*", RESOURCE, False),
        ("acs:cams:*:1001:*", "acs:cams:eu:2002:x:1001:y", False),
        ("acs:cams:eu:1001:a:*", "acs:cams:eu:1001:a:b:c", True),
        ("acs:cams:eu:1001:", "acs:cams:eu:1001:", True),
        ("acs:cams:eu:1001:a.c", "acs:cams:eu:1001:abc", False),
        ("acs:cams:eu:1001:(a|b)", "acs:cams:eu:1001:a", False),
        ("acs:cams:eu:1001:*", "acs:cams:eu:1001:two\nlines", True),
    ],
)
def test_a_pattern_of_resources(pattern: str, resource: str, matches: bool) -> None:
    assert decide_access([policy(allow(Resource=pattern))], SEND, resource, {}).allowed is matches
    without = {"Effect": "Allow", "Action": "*", "NotResource": pattern}
    assert decide_access([policy(without)], SEND, resource, {}).allowed is not matches


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({}, True),
        ({"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}, True),
        ({"IpAddress": {"acs:SourceIp": ["192.168.0.0/16", "10.1.2.3"]}}, True),
        ({"NotIpAddress": {"acs:SourceIp": ["192.168.0.0/16", "10.1.2.3"]}}, False),
        ({"StringLike": {"acs:SourceIp": "10.*"}}, True),
        ({"DateLessThan": {"acs:CurrentTime": "2027-01-15T08:00:00Z"}}, False),
        ({"DateLessThanEquals": {"acs:CurrentTime": "2027-01-15T09:00:00+01:00"}}, True),
        ({"DateGreaterThan": {"acs:CurrentTime": "2027-01-15T07:59:59Z"}}, True),
        ({"Bool": {"acs:SecureTransport": True}}, True),
        ({"Bool": {"acs:SecureTransport": "false"}}, False),
        ({"Bool": {"acs:SecureTransport": ["false", "true"]}}, True),
        (
            {"StringLike": {"acs:SourceIp": "10.*", "acs:CurrentTime": "2027-*"}},
            True,
        ),
        (
            {"StringLike": {"acs:SourceIp": "10.*", "acs:CurrentTime": "2028-*"}},
            False,
        ),
    ],
    ids=str,
)
def test_operators_and_keys_must_all_hold_and_of_values_one(condition: dict[str, Any], met: bool) -> None:
    assert decide_access([policy(allow(Condition=condition))], SEND, RESOURCE, CONTEXT).allowed is met
    denied = decide_access([policy(allow(), deny(Condition=condition))], SEND, RESOURCE, CONTEXT)
    assert denied.allowed is not met
    assert denied.statement == (1 if met else 0)


def test_the_keys_that_a_call_has_a_value_for() -> None:
    assert set(KEYS) == {"acs:SourceIp", "acs:CurrentTime", "acs:SecureTransport"}


@pytest.mark.parametrize(
    ("of_role", "of_session", "allowed", "by", "explicit", "named"),
    [
        ([allow()], None, True, PolicyType.IDENTITY, True, "role"),
        ([], None, False, PolicyType.IDENTITY, False, None),
        ([allow()], [allow()], True, PolicyType.IDENTITY, True, "role"),
        ([allow()], [allow(Action="sms:*")], False, PolicyType.SESSION, False, None),
        ([allow()], [deny()], False, PolicyType.SESSION, True, "session"),
        ([deny()], [allow()], False, PolicyType.IDENTITY, True, "role"),
        ([], [allow()], False, PolicyType.IDENTITY, False, None),
        ([], [deny()], False, PolicyType.SESSION, True, "session"),
        ([deny()], [allow(Action="sms:*")], False, PolicyType.IDENTITY, True, "role"),
        ([deny()], [deny()], False, PolicyType.IDENTITY, True, "role"),
    ],
)
def test_which_policy_decides_for_a_session(
    of_role: list[dict[str, Any]],
    of_session: list[dict[str, Any]] | None,
    allowed: bool,
    by: PolicyType,
    explicit: bool,
    named: str | None,
) -> None:
    role = [policy(*of_role, name="role")] if of_role else []
    session = policy(*of_session, name="session") if of_session is not None else None
    decision = decide_session(role, session, SEND, RESOURCE, {})
    assert (decision.allowed, decision.by, decision.explicit, decision.policy) == (
        allowed,
        by,
        explicit,
        named,
    )


def test_the_kinds_of_policies_are_named_as_denials_name_them() -> None:
    assert [kind.value for kind in PolicyType] == [
        "AccountLevelIdentityBasedPolicy",
        "SessionPolicy",
        "AssumeRolePolicy",
    ]


def trust(*arns: str, effect: str = "Allow", **parts: Any) -> Any:
    statement = {"Effect": effect, "Action": "sts:AssumeRole", "Principal": {"RAM": list(arns)}} | parts
    return parse_trust({"Version": "1", "Statement": [statement]})


ZOE, ANN = "acs:ram::1001:user/zoe", "acs:ram::1001:user/ann"
ROOT = "acs:ram::1001:root"


@pytest.mark.parametrize(
    ("statements", "account", "arn", "allowed"),
    [
        (trust(ZOE), "1001", ZOE, True),
        (trust(ZOE), "1001", ANN, False),
        (trust(ROOT), "1001", ZOE, True),
        (trust(ROOT), "1001", "acs:ram::1001:role/worker", True),
        (trust(ROOT), "2002", "acs:ram::2002:user/zoe", False),
        (trust("acs:ram::2002:root"), "1001", ZOE, False),
        (trust(ROOT) + trust(ZOE, effect="Deny"), "1001", ZOE, False),
        (trust(ROOT) + trust(ZOE, effect="Deny"), "1001", ANN, True),
        (trust(ZOE, Action="STS:assumerole"), "1001", ZOE, True),
        (trust(ZOE, Condition={"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}), "1001", ZOE, True),
        (trust(ZOE, Condition={"IpAddress": {"acs:SourceIp": "11.0.0.0/8"}}), "1001", ZOE, False),
    ],
)
def test_who_may_assume_a_role(statements: Any, account: str, arn: str, allowed: bool) -> None:
    decision = decide_trust(statements, account, arn, CONTEXT)
    assert (decision.allowed, decision.by) == (allowed, PolicyType.TRUST)


@pytest.mark.parametrize(
    ("statements", "account", "may_know"),
    [
        (trust(ZOE), "1001", True),
        (trust(ZOE), "100", False),
        (trust(ROOT), "1001", True),
        (trust(ROOT, effect="Deny"), "1001", False),
        (trust(ROOT), "2002", False),
    ],
)
def test_which_accounts_may_know_of_a_role(statements: Any, account: str, may_know: bool) -> None:
    assert names_account(statements, account) is may_know


def test_a_whole_account_is_named_by_its_root() -> None:
    assert root_arn("1001") == ROOT


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"Action": "sts:*"}, "Statement[0].Action: 'sts:*' is not allowed; sts:AssumeRole is needed"),
        ({"Principal": {"Service": ["ecs"]}}, "'Service' is not part of a policy"),
        ({"Principal": {"RAM": ["*"]}}, "Statement[0].Principal.RAM: '*' is not allowed"),
        ({"Principal": {"RAM": [f"{ZOE}:more"]}}, f"'{ZOE}:more' is not allowed"),
        ({"Principal": {"RAM": []}}, "Statement[0].Principal.RAM: a string, or a list of strings"),
        ({"Resource": "*"}, "'Resource' is not part of a policy"),
        ({"Effect": "Maybe"}, "Statement[0].Effect is 'Maybe'; Allow or Deny is needed"),
    ],
    ids=str,
)
def test_what_is_no_trust_policy_is_refused_with_the_place(parts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PolicyError) as raised:
        trust(ZOE, **parts)
    assert sentence in str(raised.value)
