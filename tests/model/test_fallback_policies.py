"""Fallback policies: their rules are looked up when they are used, and nobody else's is found."""

import pytest

from waypost.model.fallback.policies import FallbackPolicies, FallbackPolicy, FallbackRule, PolicyStep
from waypost.model.identifiers import AccountId


def rule(id_: str, account: str = "1", created_at: int = 1, **parts: str) -> FallbackRule:
    named = {"name": f"rule {id_}", "channel": "sms", "sender": "Shop"} | parts
    return FallbackRule(id=id_, account_id=AccountId(account), created_at=created_at, **named)


def policy(id_: str, *steps: PolicyStep, account: str = "1", created_at: int = 0) -> FallbackPolicy:
    return FallbackPolicy(id=id_, account_id=AccountId(account), steps=steps, created_at=created_at)


def by_rule(rule_id: str) -> PolicyStep:
    return PolicyStep(channel="sms", sender="as it was", name="as it was", rule_id=rule_id, wait=60)


OWN = PolicyStep(channel="viber", sender="20001", name="Viber")


def policies(*entries: FallbackRule | FallbackPolicy) -> FallbackPolicies:
    return FallbackPolicies(entries)


@pytest.mark.parametrize(
    ("step", "rules", "resolved"),
    [
        (OWN, [], OWN),
        (
            by_rule("R_1"),
            [rule("R_1")],
            PolicyStep(channel="sms", sender="Shop", name="rule R_1", rule_id="R_1", wait=60),
        ),
        (
            by_rule("R_1"),
            [rule("R_1"), rule("R_1", channel="viber", sender="2", name="changed")],
            PolicyStep(channel="viber", sender="2", name="changed", rule_id="R_1", wait=60),
        ),
        (by_rule("R_9"), [rule("R_1")], by_rule("R_9")),
    ],
    ids=["of its own", "by its rule", "by its rule as it is now", "a rule that is gone"],
)
def test_a_step_follows_the_present_rule(
    step: PolicyStep, rules: list[FallbackRule], resolved: PolicyStep
) -> None:
    found = policies(*rules, policy("S_1", step)).policy(AccountId("1"), "S_1")
    assert found is not None
    assert found.steps == (resolved,)


ALL = policies(
    policy("S_3", OWN, created_at=30),
    policy("S_2", by_rule("R_2"), created_at=20),
    policy("S_B", OWN),
    policy("S_A", OWN),
    policy("S_9", OWN, account="2"),
    rule("R_3", created_at=3),
    rule("R_1", created_at=3),
    rule("R_2", created_at=1),
    rule("R_9", account="2"),
)


def test_those_declared_come_first_and_then_the_oldest() -> None:
    assert [one.id for one in ALL.policies_of(AccountId("1"))] == ["S_A", "S_B", "S_2", "S_3"]
    assert [one.declared for one in ALL.policies_of(AccountId("1"))] == [True, True, False, False]
    assert [one.id for one in ALL.rules_of(AccountId("1"))] == ["R_2", "R_1", "R_3"]


def test_a_listed_policy_has_its_current_rules_too() -> None:
    (step,) = ALL.policies_of(AccountId("1"))[2].steps
    assert (step.name, step.sender) == ("rule R_2", "Shop")


def test_an_account_finds_its_own_and_nobody_elses() -> None:
    assert ALL.policies_of(AccountId("3")) == []
    assert ALL.rules_of(AccountId("3")) == []
    own = ALL.policy(AccountId("1"), "S_3")
    assert own is not None
    assert (
        ALL.policy(AccountId("2"), "S_3"),
        ALL.policy(AccountId("1"), "S_404"),
        ALL.policy(AccountId(""), "S_3"),
    ) == (
        None,
        None,
        None,
    )
    assert ALL.rule(AccountId("1"), "R_1") == rule("R_1", created_at=3)
    assert (
        ALL.rule(AccountId("2"), "R_1"),
        ALL.rule(AccountId("1"), "R_404"),
        ALL.rule(AccountId("1"), "R_9"),
    ) == (
        None,
        None,
        None,
    )
    assert [one.id for one in ALL.policies_of(AccountId("2"))] == ["S_9"]
    assert [one.id for one in ALL.rules_of(AccountId("2"))] == ["R_9"]
