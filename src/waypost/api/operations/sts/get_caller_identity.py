"""GetCallerIdentity: shows the account, user or role session of the caller."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.sts.caller_arn import caller_arn
from waypost.api.operations.sts.limits import CALLS_A_SECOND
from waypost.api.product import STS
from waypost.model.access.trust import root_arn


class GetCallerIdentityAnswer(Answer, frozen=True):
    """The answer with the identity of the caller."""

    account_id: Annotated[str, member("The account.", "1")]
    identity_type: Annotated[str, member("Account, RAMUser or AssumedRoleUser.", "RAMUser")]
    arn: Annotated[str, member("How policies name the caller.", "acs:ram::1:user/alice")]
    principal_id: Annotated[
        str, member("The caller's id; of a session, the role's and its name.", "216959339000654321")
    ]
    user_id: Annotated[str, member("The user's id, or the account for its owner; empty for a session.")] = ""
    role_id: Annotated[str, member("The role's id, for a session; else empty.")] = ""


OPERATION = Operation(
    "GetCallerIdentity",
    "Shows whose the access key of the call is. It needs no permission.",
    Params,
    GetCallerIdentityAnswer,
    product=STS,
)


def handle(request: Request[Params]) -> Result[GetCallerIdentityAnswer]:
    """Returns the identity of the caller."""
    caller, account_id = request.caller, request.caller.account_id
    if caller.user_id is not None:
        answer = GetCallerIdentityAnswer(
            account_id=account_id,
            identity_type="RAMUser",
            arn=caller_arn(caller, request.configuration),
            principal_id=caller.user_id,
            user_id=caller.user_id,
        )
    elif (session := caller.session) is not None:
        answer = GetCallerIdentityAnswer(
            account_id=account_id,
            identity_type="AssumedRoleUser",
            arn=f"{caller_arn(caller, request.configuration)}/{session.name}",
            principal_id=f"{session.role_id}:{session.name}",
            role_id=session.role_id,
        )
    else:
        answer = GetCallerIdentityAnswer(
            account_id=account_id,
            identity_type="Account",
            arn=root_arn(account_id),
            principal_id=account_id,
            user_id=account_id,
        )
    return Result(answer)


ENDPOINT = Endpoint(OPERATION, handle, CALLS_A_SECOND, unsubscribed=True, anyone=True)
