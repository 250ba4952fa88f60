"""The decisions of policies, compared with a second evaluator; and which documents are not a policy."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.policies import evaluate
from waypost.model.access.policy import (
    AccessDecision,
    PolicyError,
    PolicyType,
    decide_access,
    decide_session,
    parse_policy,
)

SEND = "cams:SendChatappMessage"
RESOURCE = "acs:cams:eu:1001:*"
CONTEXT = {
    "acs:SourceIp": "10.1.2.3",
    "acs:CurrentTime": "2026-11-23T12:00:00Z",
    "acs:SecureTransport": "true",
}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "1", "Statement": list(statements)}


def statement(effect: str = "Allow", action: Any = SEND, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def allowed(*statements: dict[str, Any], action: str = SEND, resource: str = RESOURCE) -> bool:
    return decide_access([parse_policy("p", document(*statements))], action, resource, CONTEXT).allowed


ALLOW = parse_policy("senders", document(statement()))
DENY = parse_policy("frozen", document(statement("Deny", "cams:*")))
OTHER = parse_policy("readers", document(statement(action="cams:List*")))


@pytest.mark.parametrize(
    ("policies", "decision"),
    [
        ([], AccessDecision(False, False, None)),
        ([OTHER], AccessDecision(False, False, None)),
        ([OTHER, ALLOW], AccessDecision(True, True, "senders", 0)),
        ([ALLOW, DENY], AccessDecision(False, True, "frozen", 0)),
        ([DENY, ALLOW], AccessDecision(False, True, "frozen", 0)),
    ],
)
def test_the_default_is_deny_and_an_explicit_deny_wins(policies: list[Any], decision: AccessDecision) -> None:
    assert decide_access(policies, SEND, RESOURCE, CONTEXT) == decision


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (SEND, True),
        ("CAMS:sendchatappmessage", True),
        ("cams:Send*", True),
        ("cams:SendChatappMess?ge", True),
        ("*", True),
        (["cams:ListChatappMessage", SEND], True),
        ("cams:SendChatapp", False),
        ("cams:SendChatappMessage?", False),
        ("cams.SendChatappMessage:*", False),
    ],
)
def test_an_action_matches_in_any_case_with_wildcards(action: Any, expected: bool) -> None:
    assert allowed(statement(action=action)) is expected


def test_not_action_and_not_resource_are_about_all_others() -> None:
    not_send = {"Effect": "Allow", "NotAction": "cams:Send*", "Resource": "*"}
    assert not allowed(not_send)
    assert allowed(not_send, action="cams:ListChatappMessage")
    not_account = {"Effect": "Allow", "Action": "*", "NotResource": "acs:cams:*:1001:*"}
    assert not allowed(not_account)
    assert allowed(not_account, resource="acs:cams:eu:2002:*")


def test_the_documented_minimal_policy_of_senders_works() -> None:
    actions = ["cams:SendChatappMessage", "cams:SendChatappMassMessage", "cams:ListChatappTemplate"]
    assert allowed(statement(action=actions, resource="*"))
    assert not allowed(statement(action=actions, resource="*"), action="cams:DeleteChatappTemplate")


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_condition_that_cannot_be_judged_counts_against_the_caller(effect: str) -> None:
    inside = statement(effect, Condition={"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}})
    policy = parse_policy("p", document(inside))
    for context in ({}, {"acs:SourceIp": "unknown"}):
        assert (
            decide_access([ALLOW, policy] if effect == "Deny" else [policy], SEND, RESOURCE, context).allowed
            is False
        )


def test_every_condition_of_a_statement_must_hold() -> None:
    met = {"acs:SourceIp": "10.0.0.0/8"}
    assert allowed(statement(Condition={"IpAddress": met, "Bool": {"acs:SecureTransport": True}}))
    assert not allowed(statement(Condition={"IpAddress": met, "Bool": {"acs:SecureTransport": False}}))


ACTIONS = st.sampled_from(["*", "cams:*", "cams:Send*", "cams:?end", "CAMS:SEND", "cams:List", "sms:*"])
RESOURCES = st.sampled_from(["*", "acs:cams:*:1001:*", "acs:cams::2002:*", "acs:*:eu:*:m/?", "acs:cams:*"])
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringNotEquals", "StringLike"]),
    st.dictionaries(
        st.sampled_from(["acs:SourceIp", "acs:SecureTransport"]),
        st.lists(st.sampled_from(["true", "10.*", "10.1.2.3", "t?ue"]), min_size=1, max_size=2),
        min_size=1,
    ),
    max_size=2,
) | st.sampled_from(
    [
        {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "::1"]}},
        {"NotIpAddress": {"acs:SourceIp": "10.0.0.0/8"}},
        {"DateLessThan": {"acs:CurrentTime": "2026-12-01T00:00:00+08:00"}},
        {"Bool": {"acs:SecureTransport": "true"}, "IpAddress": {"acs:SourceIp": "192.168.0.0/16"}},
    ]
)
STATEMENTS = st.builds(
    lambda effect, act, actions, res, resources, condition: {
        "Effect": effect,
        act: actions,
        res: resources,
        "Condition": condition,
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Action", "Action", "NotAction"]),
    st.lists(ACTIONS, min_size=1, max_size=2) | ACTIONS,
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    st.lists(RESOURCES, min_size=1, max_size=2) | RESOURCES,
    CONDITIONS,
)
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "acs:SourceIp": st.sampled_from(["10.1.2.3", "192.168.7.7", "::1", "8.8.8.8"]),
        "acs:CurrentTime": st.sampled_from(
            ["2026-11-30T15:59:59Z", "2026-11-30T16:00:00Z", "2027-01-01T00:00:00Z"]
        ),
        "acs:SecureTransport": st.sampled_from(["true", "false"]),
    },
)


@given(
    st.lists(st.lists(STATEMENTS, min_size=1, max_size=3).map(lambda some: document(*some)), max_size=3),
    st.sampled_from(["cams:Send", "cams:SendChatappMessage", "cams:List", "sms:Send"]),
    st.sampled_from(["acs:cams:eu:1001:m/1", "acs:cams:eu:2002:x:1001:y", "acs:sms:cn:1001:*"]),
    CONTEXTS,
)
def test_the_decision_is_that_of_a_plain_second_evaluator(
    documents: list[dict[str, Any]], action: str, resource: str, context: dict[str, str]
) -> None:
    policies = [parse_policy(f"p{i}", one) for i, one in enumerate(documents)]
    decision = decide_access(policies, action, resource, context)
    assert (decision.allowed, decision.explicit) == evaluate(documents, action, resource, context)
    assert (decision.policy is not None) is (decision.statement is not None) is decision.explicit
    if decision.policy is not None:
        # The policy that is named decides so alone.
        alone = [one for one in policies if one.name == decision.policy]
        assert decide_access(alone, action, resource, context) == decision


@given(
    st.lists(st.lists(STATEMENTS, min_size=1, max_size=3).map(lambda some: document(*some)), max_size=2),
    st.none() | st.lists(STATEMENTS, min_size=1, max_size=2).map(lambda some: document(*some)),
    st.sampled_from(["cams:Send", "cams:SendChatappMessage", "cams:List", "sms:Send"]),
    st.sampled_from(["acs:cams:eu:1001:m/1", "acs:sms:cn:1001:*"]),
    CONTEXTS,
)
def test_a_session_may_do_what_its_role_and_its_own_policy_allow(
    of_role: list[dict[str, Any]],
    of_session: dict[str, Any] | None,
    action: str,
    resource: str,
    context: dict[str, str],
) -> None:
    policies = [parse_policy(f"p{i}", one) for i, one in enumerate(of_role)]
    narrowing = parse_policy("own", of_session) if of_session is not None else None
    decision = decide_session(policies, narrowing, action, resource, context)
    by_role = evaluate(of_role, action, resource, context)
    by_session = evaluate([of_session], action, resource, context) if of_session is not None else (True, True)
    assert decision.allowed is (by_role[0] and by_session[0])
    if not decision.allowed:
        denied = {PolicyType.IDENTITY: by_role, PolicyType.SESSION: by_session}[decision.by]
        assert denied == (False, decision.explicit)
        # An explicit denial is reported before the lack of a permission.
        assert decision.explicit is ((False, True) in (by_role, by_session))


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ([], "the policy: an object"),
        ({"Statement": [statement()]}, 'Version is null; the string "1"'),
        ({"Version": 1, "Statement": [statement()]}, "Version is 1"),
        ({"Version": "1"}, "Statement: a list"),
        ({"Version": "1", "Statement": []}, "Statement: a list"),
        ({**document(statement()), "Id": "x"}, "'Id' is not part of a policy"),
        (document(statement(), statement("Maybe")), "Statement[1].Effect is 'Maybe'"),
        (document(statement("allow")), "Statement[0].Effect is 'allow'"),
        (document({"Effect": "Allow", "Resource": "*"}), "exactly one of Action and NotAction"),
        (document(statement(NotAction="*")), "exactly one of Action and NotAction"),
        (document({"Effect": "Allow", "Action": "*"}), "exactly one of Resource and NotResource"),
        (document(statement(action=[])), "Statement[0].Action: a string, or a list"),
        (document(statement(action=7)), "Statement[0].Action: a string, or a list"),
        (document(statement(action="Send*")), "Statement[0].Action: 'Send*' is no action"),
        (document(statement(resource="1001")), "Statement[0].Resource: '1001' is no resource"),
        (document(statement(resource="")), "Statement[0].Resource: a string, or a list"),
        (document(statement(Principal={"RAM": "*"})), "'Principal' is not part of a policy"),
        (document(statement(Conditions={})), "'Conditions' is not part of a policy"),
        (document(statement(Condition=[])), "Statement[0].Condition: an object"),
        (document(statement(Condition={"Bool": {}})), "Statement[0].Condition.Bool: an object"),
        (
            document(statement(Condition={"Bool": {"acs:SecureTransport": []}})),
            "acs:SecureTransport: a string",
        ),
        (document(statement(Condition={"Is": {"acs:SourceIp": "::1"}})), "Condition.Is: 'Is' is no operator"),
        (document(statement(Condition={"Bool": {"acs:MFAPresent": "true"}})), "'acs:MFAPresent' is no key"),
        (document(statement(Condition={"Bool": {"acs:SourceIp": "true"}})), "Bool compares true or false"),
        (
            document(statement(Condition={"IpAddress": {"acs:SourceIp": "10.0.0.0/99"}})),
            "'10.0.0.0/99' is not",
        ),
        (document("x"), "Statement[0]: an object"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_policy_is_refused_with_the_place(broken: Any, error: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse_policy("p", broken)
    assert error in str(raised.value)
