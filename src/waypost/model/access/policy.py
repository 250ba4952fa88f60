"""Access policies of users and roles, in the grammar of RAM (console-and-access.md §4), and their decisions.

Without a policy that allows a call it is denied; a statement that denies it beats every one that allows it.
The account's owner is not a user and has every permission, so no decision here is about one.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from waypost.model.access.conditions import Condition, condition_holds, parse_condition
from waypost.model.access.wildcards import compile_patterns, compile_resources
from waypost.model.quoting import quoted


class PolicyError(ValueError):
    """A document is not a policy; the message says where, and what is allowed."""


class Statement(NamedTuple):
    """One statement of a policy, its patterns compiled.

    Attributes:
        allow: whether its Effect is Allow; else it is Deny.
        actions: matches the actions it names, in any case.
        names_actions: False for NotAction, which is about all actions but those.
        resources: matches the resources it names.
        names_resources: False for NotResource.
        conditions: all must hold for the statement to count.
    """

    allow: bool
    actions: re.Pattern[str]
    names_actions: bool
    resources: re.Pattern[str]
    names_resources: bool
    conditions: tuple[Condition, ...]


class Policy(NamedTuple):
    """A named policy, ready to decide."""

    name: str
    statements: tuple[Statement, ...]


class PolicyType(Enum):
    """Which kind of policies decided, as AccessDeniedDetail names it."""

    IDENTITY = "AccountLevelIdentityBasedPolicy"
    """Those attached to the user or the role."""
    SESSION = "SessionPolicy"
    """The one that a session was given when the role was assumed."""
    TRUST = "AssumeRolePolicy"
    """The one that says who may assume a role."""


class AccessDecision(NamedTuple):
    """Whether a call may be made.

    Attributes:
        allowed: whether the call may be made.
        explicit: whether a statement decided, and not the default.
        policy: the name of the policy of that statement; None for the default.
        statement: the place of that statement in its policy, from 0; None for the default.
        by: the kind of policies that decided.
    """

    allowed: bool
    explicit: bool
    policy: str | None
    statement: int | None = None
    by: PolicyType = PolicyType.IDENTITY


DENIED_BY_DEFAULT = AccessDecision(allowed=False, explicit=False, policy=None)


def parse_policy(name: str, document: Mapping[str, Any]) -> Policy:
    """Reads a policy document, `{"Version": "1", "Statement": [...]}`.

    A member that is not part of the grammar is an error and is not skipped: a statement that lost its
    condition would allow more than its writer meant.

    Args:
        name: the policy's name.
        document: the document, as JSON gives it.

    Raises:
        PolicyError: the document is not a policy.
    """
    check_policy_members("the policy", document, ("Version", "Statement"))
    if document.get("Version") != "1":
        raise PolicyError(f'Version is {quoted(document.get("Version"))}; the string "1" is needed')
    statements = document.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise PolicyError("Statement: a list of at least one statement is needed")
    return Policy(
        name, tuple(_parse_statement(f"Statement[{place}]", one) for place, one in enumerate(statements))
    )


def decide_access(
    policies: Iterable[Policy], action: str, resource: str, context: Mapping[str, str]
) -> AccessDecision:
    """Decides whether a user with these policies may make a call.

    A condition that cannot be judged, since the call lacks its value, counts against the caller: the
    statement holds if it denies and does not hold if it allows.

    Args:
        policies: the user's policies; which of them comes first changes only the name in the decision.
        action: `cams:<OperationName>`.
        resource: what the call is about, `acs:cams:<region>:<account>:<relative id>`.
        context: the call's values for the keys of `conditions.KEYS`, as text: the caller's IP address, the
            time in ISO 8601 with its zone, `true` or `false`.
    """
    allowed: AccessDecision | None = None
    for name, statements in policies:
        for place, statement in enumerate(statements):
            if statement.allow and allowed is not None:
                continue
            if not _applies(statement, action, resource, context):
                continue
            if not statement.allow:
                return AccessDecision(allowed=False, explicit=True, policy=name, statement=place)
            allowed = AccessDecision(allowed=True, explicit=True, policy=name, statement=place)
    return allowed or DENIED_BY_DEFAULT


def decide_session(
    role_policies: Iterable[Policy],
    session_policy: Policy | None,
    action: str,
    resource: str,
    context: Mapping[str, str],
) -> AccessDecision:
    """Decides whether a session of a role may make a call: both the role and its own policy have to allow it.

    Args:
        role_policies: those attached to the role.
        session_policy: narrows this session; None for a session as wide as its role.
        action, resource, context: as for `decide_access`.
    """
    by_role = decide_access(role_policies, action, resource, context)
    if session_policy is None:
        return by_role
    by_session = decide_access([session_policy], action, resource, context)._replace(by=PolicyType.SESSION)
    # A statement that denies says more than the lack of one that allows.
    for denied in sorted((by_role, by_session), key=lambda decision: not decision.explicit):
        if not denied.allowed:
            return denied
    return by_role


def _applies(statement: Statement, action: str, resource: str, context: Mapping[str, str]) -> bool:
    if (statement.actions.fullmatch(action) is not None) is not statement.names_actions:
        return False
    if (statement.resources.fullmatch(resource) is not None) is not statement.names_resources:
        return False
    for condition in statement.conditions:
        answer = condition_holds(condition, context)
        if answer is False or (answer is None and statement.allow):
            return False
    return True


def _parse_statement(where: str, statement: object) -> Statement:
    if not isinstance(statement, Mapping):
        raise PolicyError(f"{where}: an object is needed")
    check_policy_members(
        where, statement, ("Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
    )
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"{where}.Effect is {quoted(effect)}; Allow or Deny is needed")
    action_member, actions = _one_of(where, statement, "Action", "NotAction")
    for action in actions:
        if action != "*" and ":" not in action:
            raise PolicyError(
                f"{where}.{action_member}: {quoted(action)} is no action; "
                "<service>:<operation> or * is needed"
            )
    resource_member, resources = _one_of(where, statement, "Resource", "NotResource")
    for resource in resources:
        if resource != "*" and not resource.startswith("acs:"):
            raise PolicyError(
                f"{where}.{resource_member}: {quoted(resource)} is no resource; "
                "acs:<service>:<region>:<account>:<relative id> or * is needed"
            )
    return Statement(
        allow=effect == "Allow",
        actions=compile_patterns(actions, ignore_case=True),
        names_actions=action_member == "Action",
        resources=compile_resources(resources),
        names_resources=resource_member == "Resource",
        conditions=tuple(parse_conditions(f"{where}.Condition", statement.get("Condition", {}))),
    )


def parse_conditions(where: str, conditions: object) -> Iterable[Condition]:
    """Reads the Condition of a statement.

    Args:
        where: the place in the document, for the error.

    Raises:
        PolicyError: it is no Condition; the message says where and what is allowed.
    """
    if not isinstance(conditions, Mapping):
        raise PolicyError(f"{where}: an object of operators is needed")
    for operator, keys in conditions.items():
        if not isinstance(keys, Mapping) or not keys:
            raise PolicyError(f"{where}.{operator}: an object of at least one key is needed")
        for key, value in keys.items():
            # JSON callers write the boolean itself as often as the string.
            text = str(value).lower() if isinstance(value, bool) else value
            values = policy_strings(f"{where}.{operator}.{key}", text)
            try:
                yield parse_condition(operator, key, values)
            except ValueError as error:
                raise PolicyError(f"{where}.{operator}: {error}") from None


def _one_of(where: str, statement: Mapping[str, Any], name: str, negated: str) -> tuple[str, tuple[str, ...]]:
    if (name in statement) == (negated in statement):
        raise PolicyError(f"{where}: exactly one of {name} and {negated} is needed")
    member = name if name in statement else negated
    return member, policy_strings(f"{where}.{member}", statement[member])


def policy_strings(where: str, value: object) -> tuple[str, ...]:
    """Reads a member that is a text or a list of texts.

    Args:
        where: the place in the document, for the error.

    Raises:
        PolicyError: it is neither, or one of them is empty.
    """
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str) and one for one in values):
        raise PolicyError(f"{where}: a string, or a list of strings, none of them empty, is needed")
    return tuple(values)


def check_policy_members(where: str, document: object, allowed: tuple[str, ...]) -> None:
    """Raises PolicyError unless the value is an object with known members only.

    Raises:
        PolicyError: it is such a thing.
    """
    if not isinstance(document, Mapping):
        raise PolicyError(f"{where}: an object is needed")
    for member in document:
        if member not in allowed:
            raise PolicyError(f"{where}: {quoted(member)} is not part of a policy; {', '.join(allowed)} are")
