"""Access policies of users, in the grammar of RAM (console-and-access.md §4), and what they decide.

Without a policy that allows a call it is denied; a statement that denies it beats every one that allows it.
The account's owner is not a user and has every permission, so is never asked about here.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from waypost.model.conditions import Condition, holds, parse_condition
from waypost.model.wildcards import compile_patterns, compile_resources


class PolicyError(ValueError):
    """A policy document is not one; the message says where and what is allowed."""


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


class AccessDecision(NamedTuple):
    """Whether a user may make a call.

    Attributes:
        allowed: whether the call may be made.
        explicit: whether a statement said so, and not the default.
        policy: the name of the policy of that statement; None for the default.
    """

    allowed: bool
    explicit: bool
    policy: str | None


DENIED_BY_DEFAULT = AccessDecision(allowed=False, explicit=False, policy=None)


def parse_policy(name: str, document: Mapping[str, Any]) -> Policy:
    """Read a policy document, `{"Version": "1", "Statement": [...]}`.

    A member that is not part of the grammar is an error and is not skipped: a statement that lost its
    condition would allow more than its writer meant.

    Args:
        name: the policy's name.
        document: the document, as JSON gives it.

    Raises:
        PolicyError: the document is not a policy.
    """
    _check_members("the policy", document, ("Version", "Statement"))
    if document.get("Version") != "1":
        raise PolicyError(f'Version is {document.get("Version")!r}; the string "1" is needed')
    statements = document.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise PolicyError("Statement: a list of at least one statement is needed")
    return Policy(name, tuple(_parse_statement(f"Statement[{i}]", one) for i, one in enumerate(statements)))


def decide(
    policies: Iterable[Policy], action: str, resource: str, context: Mapping[str, str]
) -> AccessDecision:
    """Decide whether a user with these policies may make a call.

    A condition that cannot be judged, since the call lacks its value, counts against the caller: the
    statement holds if it denies and does not hold if it allows.

    Args:
        policies: the user's policies; which of them comes first changes only the name in the decision.
        action: `cams:<OperationName>`.
        resource: what the call is about, `acs:cams:<region>:<account>:<relative id>`.
        context: the call's values for the keys of `waypost.model.conditions.KEYS`, as text: the caller's IP
            address, the time in ISO 8601 with its zone, `true` or `false`.
    """
    allowed_by: str | None = None
    for name, statements in policies:
        for statement in statements:
            if statement.allow and allowed_by is not None:
                continue
            if not _applies(statement, action, resource, context):
                continue
            if not statement.allow:
                return AccessDecision(allowed=False, explicit=True, policy=name)
            allowed_by = name
    if allowed_by is None:
        return DENIED_BY_DEFAULT
    return AccessDecision(allowed=True, explicit=True, policy=allowed_by)


def access_denied_detail(
    decision: AccessDecision, action: str, account_id: str, user_name: str
) -> dict[str, str]:
    """Describe a denial to the caller, as the error's AccessDeniedDetail (errors.md §4).

    EncodedDiagnosticMessage is left out: it is for an operation that decodes it, and there is none here.

    Args:
        decision: a decision that denies.
        action: the action that was denied.
        account_id: the account the user belongs to.
        user_name: the user's name, as the console shows it.
    """
    return {
        "AuthAction": action,
        "AuthPrincipalType": "SubUser",
        "AuthPrincipalOwnerId": account_id,
        "AuthPrincipalDisplayName": user_name,
        "PolicyType": "AccountLevelIdentityBasedPolicy",
        "NoPermissionType": "ExplicitDeny" if decision.explicit else "ImplicitDeny",
    }


def _applies(statement: Statement, action: str, resource: str, context: Mapping[str, str]) -> bool:
    if (statement.actions.fullmatch(action) is not None) is not statement.names_actions:
        return False
    if (statement.resources.fullmatch(resource) is not None) is not statement.names_resources:
        return False
    for condition in statement.conditions:
        answer = holds(condition, context)
        if answer is False or (answer is None and statement.allow):
            return False
    return True


def _parse_statement(where: str, statement: object) -> Statement:
    if not isinstance(statement, Mapping):
        raise PolicyError(f"{where}: an object is needed")
    _check_members(
        where, statement, ("Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
    )
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"{where}.Effect is {effect!r}; Allow or Deny is needed")
    action_member, actions = _one_of(where, statement, "Action", "NotAction")
    for action in actions:
        if action != "*" and ":" not in action:
            raise PolicyError(
                f"{where}.{action_member}: {action!r} is no action; <service>:<operation> or * is needed"
            )
    resource_member, resources = _one_of(where, statement, "Resource", "NotResource")
    for resource in resources:
        if resource != "*" and not resource.startswith("acs:"):
            raise PolicyError(
                f"{where}.{resource_member}: {resource!r} is no resource; "
                "acs:<service>:<region>:<account>:<relative id> or * is needed"
            )
    return Statement(
        allow=effect == "Allow",
        actions=compile_patterns(actions, ignore_case=True),
        names_actions=action_member == "Action",
        resources=compile_resources(resources),
        names_resources=resource_member == "Resource",
        conditions=tuple(_parse_conditions(f"{where}.Condition", statement.get("Condition", {}))),
    )


def _parse_conditions(where: str, conditions: object) -> Iterable[Condition]:
    if not isinstance(conditions, Mapping):
        raise PolicyError(f"{where}: an object of operators is needed")
    for operator, keys in conditions.items():
        if not isinstance(keys, Mapping) or not keys:
            raise PolicyError(f"{where}.{operator}: an object of at least one key is needed")
        for key, value in keys.items():
            # JSON callers write the boolean itself as often as the string.
            text = str(value).lower() if isinstance(value, bool) else value
            values = _strings(f"{where}.{operator}.{key}", text)
            try:
                yield parse_condition(operator, key, values)
            except ValueError as error:
                raise PolicyError(f"{where}.{operator}: {error}") from None


def _one_of(where: str, statement: Mapping[str, Any], name: str, negated: str) -> tuple[str, tuple[str, ...]]:
    if (name in statement) == (negated in statement):
        raise PolicyError(f"{where}: exactly one of {name} and {negated} is needed")
    member = name if name in statement else negated
    return member, _strings(f"{where}.{member}", statement[member])


def _strings(where: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str) and one for one in values):
        raise PolicyError(f"{where}: a string, or a list of strings, none of them empty, is needed")
    return tuple(values)


def _check_members(where: str, document: Mapping[str, Any], known: tuple[str, ...]) -> None:
    if not isinstance(document, Mapping):
        raise PolicyError(f"{where}: an object is needed")
    for member in document:
        if member not in known:
            raise PolicyError(f"{where}: {member!r} is not part of a policy; {', '.join(known)} are")
