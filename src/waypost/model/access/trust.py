"""Who may assume a role, by its AssumeRolePolicyDocument.

    {"Version": "1", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": ["acs:ram::1001:root"]}}]}

`acs:ram::<account>:root` stands for every user and role of the account. Source:
https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax (Principal)
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from waypost.model.access.conditions import Condition, condition_holds
from waypost.model.access.policy import (
    DENIED_BY_DEFAULT,
    AccessDecision,
    PolicyError,
    PolicyType,
    check_policy_members,
    parse_conditions,
    policy_strings,
)
from waypost.model.identifiers import AccountId
from waypost.model.quoting import quoted

ASSUME_ROLE = "sts:AssumeRole"
_PRINCIPAL = re.compile(r"acs:ram::[^:]+:(root|(user|role)/[A-Za-z0-9._-]{1,64})")
_DENIED = DENIED_BY_DEFAULT._replace(by=PolicyType.TRUST)


class TrustStatement(NamedTuple):
    """One statement of a trust policy.

    Attributes:
        allow: whether its Effect is Allow; else it is Deny.
        principals: the arns of the accounts, users and roles it is about.
        conditions: all must hold for the statement to count.
    """

    allow: bool
    principals: frozenset[str]
    conditions: tuple[Condition, ...]


def parse_trust(document: Mapping[str, Any]) -> tuple[TrustStatement, ...]:
    """Reads an AssumeRolePolicyDocument.

    Raises:
        PolicyError: the document is not one; the message says where and what is allowed.
    """
    check_policy_members("the policy", document, ("Version", "Statement"))
    if document.get("Version") != "1":
        raise PolicyError(f'Version is {quoted(document.get("Version"))}; the string "1" is needed')
    statements = document.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise PolicyError("Statement: a list of at least one statement is needed")
    return tuple(_parse_trust_statement(f"Statement[{place}]", one) for place, one in enumerate(statements))


def decide_trust(
    statements: tuple[TrustStatement, ...], account_id: AccountId, arn: str, context: Mapping[str, str]
) -> AccessDecision:
    """Decides whether a role may be assumed by a caller.

    Args:
        statements: the role's trust policy.
        account_id: the caller's account.
        arn: the user that calls, or the role in whose session it does.
        context: as for `waypost.model.access.policy.decide`.
    """
    decision = _DENIED
    for place, (allow, principals, conditions) in enumerate(statements):
        if arn not in principals and root_arn(account_id) not in principals:
            continue
        answers = [condition_holds(condition, context) for condition in conditions]
        if False in answers or (None in answers and allow):
            continue
        decision = AccessDecision(allow, explicit=True, policy=None, statement=place, by=PolicyType.TRUST)
        if not allow:
            return decision
    return decision


def names_account(statements: tuple[TrustStatement, ...], account_id: AccountId) -> bool:
    """Whether a trust policy allows anyone of an account, which may then learn that the role exists."""
    prefix = f"acs:ram::{account_id}:"
    return any(
        statement.allow and any(arn.startswith(prefix) for arn in statement.principals)
        for statement in statements
    )


def root_arn(account_id: AccountId) -> str:
    """How a trust policy names a whole account."""
    return f"acs:ram::{account_id}:root"


def _parse_trust_statement(where: str, statement: object) -> TrustStatement:
    check_policy_members(where, statement, ("Effect", "Action", "Principal", "Condition"))
    assert isinstance(statement, Mapping)
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"{where}.Effect is {quoted(effect)}; Allow or Deny is needed")
    for action in policy_strings(f"{where}.Action", statement.get("Action")):
        if action.lower() != ASSUME_ROLE.lower():
            raise PolicyError(f"{where}.Action: {quoted(action)} is not allowed; {ASSUME_ROLE} is needed")
    principal = statement.get("Principal")
    check_policy_members(f"{where}.Principal", principal, ("RAM",))
    assert isinstance(principal, Mapping)
    arns = policy_strings(f"{where}.Principal.RAM", principal.get("RAM"))
    for arn in arns:
        if not _PRINCIPAL.fullmatch(arn):
            raise PolicyError(
                f"{where}.Principal.RAM: {quoted(arn)} is not allowed; acs:ram::<account>:root, "
                "acs:ram::<account>:user/<name> and acs:ram::<account>:role/<name> are"
            )
    conditions = parse_conditions(f"{where}.Condition", statement.get("Condition", {}))
    return TrustStatement(effect == "Allow", frozenset(arns), tuple(conditions))
