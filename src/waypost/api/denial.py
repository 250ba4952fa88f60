"""What a caller is told of a denial: the error's AccessDeniedDetail (errors.md §4)."""

import base64

import msgspec

from waypost.model.access.policy import AccessDecision


def access_denied_detail(
    decision: AccessDecision, action: str, account_id: str, principal_type: str, display_name: str
) -> dict[str, str]:
    """Describe a denial to the caller.

    EncodedDiagnosticMessage is the rest of it in one sentence, as Base64 of JSON: nothing in it needs an
    operation to decode it. PolicyName and Statement are Waypost's own, there when a statement denied.

    Args:
        decision: a decision that denies.
        action: the action that was denied.
        account_id: the account the caller belongs to.
        principal_type: `SubUser` or `AssumedRoleUser`.
        display_name: the user's name, or `<role>:<session>`.
    """
    told = {
        "AuthAction": action,
        "AuthPrincipalType": principal_type,
        "AuthPrincipalOwnerId": account_id,
        "AuthPrincipalDisplayName": display_name,
        "PolicyType": decision.by.value,
        "NoPermissionType": "ExplicitDeny" if decision.explicit else "ImplicitDeny",
    }
    if decision.policy is not None:
        told["PolicyName"] = decision.policy
    if decision.statement is not None:
        told["Statement"] = f"Statement[{decision.statement}]"
    explained = {**told, "Explanation": _sentence(decision, action, display_name)}
    told["EncodedDiagnosticMessage"] = base64.b64encode(msgspec.json.encode(explained)).decode()
    return told


def _sentence(decision: AccessDecision, action: str, display_name: str) -> str:
    if not decision.explicit:
        return f"No statement of the {decision.by.value} of {display_name} allows {action}."
    of_policy = f" of the policy {decision.policy}" if decision.policy is not None else ""
    return (
        f"Statement[{decision.statement}]{of_policy} ({decision.by.value}) denies {action} to {display_name}."
    )
