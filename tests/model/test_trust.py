"""Who may assume a role, and what is no trust policy."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.policies import condition_holds, listed
from waypost.model.access.policy import PolicyError
from waypost.model.access.trust import decide_trust, names_account, parse_trust
from waypost.model.identifiers import AccountId

ROOT, ALICE, BOB, COURIER = (
    f"acs:ram::1:{name}" for name in ("root", "user/alice", "user/bob", "role/courier")
)
OTHER = "acs:ram::2:root"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "1", "Statement": list(statements)}


def statement(*arns: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "sts:AssumeRole", "Principal": {"RAM": list(arns)}, **more}


@pytest.mark.parametrize(
    ("statements", "arn", "allowed", "place"),
    [
        ([statement(ROOT)], ALICE, True, 0),
        ([statement(ALICE)], ALICE, True, 0),
        ([statement(ALICE)], BOB, False, None),
        ([statement(COURIER)], COURIER, True, 0),
        ([statement(OTHER)], ALICE, False, None),
        ([statement(ROOT), statement(BOB, effect="Deny")], BOB, False, 1),
        ([statement(BOB, effect="Deny"), statement(ROOT)], BOB, False, 0),
        ([statement(ROOT), statement(BOB, effect="Deny")], ALICE, True, 0),
    ],
)
def test_a_role_trusts_whom_it_names(
    statements: list[dict[str, Any]], arn: str, allowed: bool, place: int | None
) -> None:
    decision = decide_trust(parse_trust(document(*statements)), AccountId("1"), arn, {})
    assert (decision.allowed, decision.statement) == (allowed, place)
    assert decision.by.value == "AssumeRolePolicy"


STATEMENTS = st.lists(
    st.builds(
        lambda effect, arns, ip: statement(
            *arns, effect=effect, **({"Condition": {"IpAddress": {"acs:SourceIp": ip}}} if ip else {})
        ),
        st.sampled_from(["Allow", "Deny"]),
        st.lists(st.sampled_from([ROOT, ALICE, BOB, COURIER, OTHER]), min_size=1, max_size=3),
        st.sampled_from(["", "10.0.0.0/8", "::1"]),
    ),
    min_size=1,
    max_size=4,
)


@given(
    STATEMENTS,
    st.sampled_from([ALICE, BOB, COURIER]),
    st.fixed_dictionaries({}, optional={"acs:SourceIp": st.sampled_from(["10.1.2.3", "::1", "8.8.8.8"])}),
)
def test_the_decision_is_that_of_a_plain_second_evaluator(
    statements: list[dict[str, Any]], arn: str, context: dict[str, str]
) -> None:
    effects = set()
    for one in statements:
        ip = one.get("Condition", {}).get("IpAddress", {}).get("acs:SourceIp")
        if ip and "acs:SourceIp" not in context:
            met = one["Effect"] == "Deny"
        else:
            met = not ip or condition_holds("IpAddress", ip, context["acs:SourceIp"])
        if met and {arn, ROOT} & set(listed(one["Principal"]["RAM"])):
            effects.add(one["Effect"])
    decision = decide_trust(parse_trust(document(*statements)), AccountId("1"), arn, context)
    assert decision.allowed is (effects == {"Allow"})
    assert decision.explicit is bool(effects)


def test_only_an_account_that_is_let_in_may_know_of_a_role() -> None:
    trust = parse_trust(document(statement(ALICE), statement(OTHER, effect="Deny")))
    assert names_account(trust, AccountId("1"))
    assert not names_account(trust, AccountId("2"))


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ([], "the policy: an object"),
        ({"Version": "2", "Statement": []}, "Version is '2'"),
        (document(), "Statement: a list"),
        (document({**statement(ROOT), "Resource": "*"}), "'Resource' is not part of a policy"),
        (document({**statement(ROOT), "Action": "sts:*"}), "Statement[0].Action: 'sts:*' is not allowed"),
        (document({**statement(ROOT), "Effect": "allow"}), "Statement[0].Effect is 'allow'"),
        (document({**statement(ROOT), "Principal": "*"}), "Statement[0].Principal: an object"),
        (document({**statement(ROOT), "Principal": {"Service": "x"}}), "'Service' is not part of a policy"),
        (document({**statement(ROOT), "Principal": {}}), "Principal.RAM: a string, or a list"),
        (document(statement("*")), "Principal.RAM: '*' is not allowed"),
        (document(statement("acs:ram::1:user/*")), "is not allowed"),
        (document(statement(ROOT, Condition=[])), "Statement[0].Condition: an object"),
    ],
)
def test_what_is_no_trust_policy_is_refused_with_the_place(broken: Any, error: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse_trust(broken)
    assert error in str(raised.value)
