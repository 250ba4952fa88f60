"""The AccessDeniedDetail of an error: the action, the caller and the reason (errors.md, section 4)."""

import base64

import msgspec

from waypost.model.access.policy import AccessDecision
from waypost.model.identifiers import AccountId


def access_denied_detail(
    decision: AccessDecision, action: str, account_id: AccountId, principal_type: str, display_name: str
) -> dict[str, str]:
    """Builds the members of AccessDeniedDetail.

    EncodedDiagnosticMessage repeats them with an explanation, as Base64 of JSON, so that no operation is
    needed to decode it. PolicyName and Statement are Waypost's own, present when a statement denied the call.

    Args:
        decision: a decision that denies.
        action: the action that was denied.
        account_id: the account of the caller.
        principal_type: `SubUser` or `AssumedRoleUser`.
        display_name: the user's name, or `<role>:<session>`.
    """
    detail = {
        "AuthAction": action,
        "AuthPrincipalType": principal_type,
        "AuthPrincipalOwnerId": account_id,
        "AuthPrincipalDisplayName": display_name,
        "PolicyType": decision.by.value,
        "NoPermissionType": "ExplicitDeny" if decision.explicit else "ImplicitDeny",
    }
    if decision.policy is not None:
        detail["PolicyName"] = decision.policy
    if decision.statement is not None:
        detail["Statement"] = f"Statement[{decision.statement}]"
    diagnosis = {**detail, "Explanation": _explanation(decision, action, display_name)}
    detail["EncodedDiagnosticMessage"] = base64.b64encode(msgspec.json.encode(diagnosis)).decode()
    return detail


def _explanation(decision: AccessDecision, action: str, display_name: str) -> str:
    if not decision.explicit:
        return f"No statement of the {decision.by.value} of {display_name} allows {action}."
    of_policy = f" of the policy {decision.policy}" if decision.policy is not None else ""
    return (
        f"Statement[{decision.statement}]{of_policy} ({decision.by.value}) denies {action} to {display_name}."
    )
