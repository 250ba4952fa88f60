"""The details in the answer to a denied caller: the kind of policy, and which one."""

import base64
import json

import pytest

from waypost.api.denial import access_denied_detail
from waypost.model.access.policy import AccessDecision, PolicyType
from waypost.model.identifiers import AccountId

SEND = "cams:SendChatappMessage"


@pytest.mark.parametrize(
    ("decision", "fields", "explained"),
    [
        (
            AccessDecision(False, False, None),
            {"PolicyType": "AccountLevelIdentityBasedPolicy", "NoPermissionType": "ImplicitDeny"},
            f"No statement of the AccountLevelIdentityBasedPolicy of alice allows {SEND}.",
        ),
        (
            AccessDecision(False, True, "frozen", 1),
            {
                "PolicyType": "AccountLevelIdentityBasedPolicy",
                "NoPermissionType": "ExplicitDeny",
                "PolicyName": "frozen",
                "Statement": "Statement[1]",
            },
            f"Statement[1] of the policy frozen (AccountLevelIdentityBasedPolicy) denies {SEND} to alice.",
        ),
        (
            AccessDecision(False, True, None, 0, PolicyType.TRUST),
            {
                "PolicyType": "AssumeRolePolicy",
                "NoPermissionType": "ExplicitDeny",
                "Statement": "Statement[0]",
            },
            f"Statement[0] (AssumeRolePolicy) denies {SEND} to alice.",
        ),
    ],
)
def test_a_denial_is_described_as_the_gateway_does(
    decision: AccessDecision, fields: dict[str, str], explained: str
) -> None:
    detail = access_denied_detail(decision, SEND, AccountId("1001"), "SubUser", "alice")
    encoded = json.loads(base64.b64decode(detail.pop("EncodedDiagnosticMessage")))
    assert detail == {
        "AuthAction": SEND,
        "AuthPrincipalType": "SubUser",
        "AuthPrincipalOwnerId": "1001",
        "AuthPrincipalDisplayName": "alice",
        **fields,
    }
    assert encoded == {**detail, "Explanation": explained}
