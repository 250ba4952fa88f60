"""AssumeRole: issues temporary credentials for a session of a role.

Only users and sessions can assume roles, not the owner of an account, as in the official service. Credentials
expire by real time, the time that signatures are checked against.
"""

from typing import Annotated

import msgspec

from waypost.api.caller import Caller, principal_name
from waypost.api.denial import access_denied_detail
from waypost.api.description import Operation, Params, without_effect
from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.iso_time import iso_time
from waypost.api.operations.sts.caller_arn import caller_arn
from waypost.api.operations.sts.limits import CALLS_A_SECOND
from waypost.api.operations.sts.role_arn import NO_ROLE, RoleArn, RoleArnParameter, role_resource
from waypost.api.operations.sts.session_parameters import DurationSeconds, SessionName, SessionPolicy
from waypost.api.product import STS
from waypost.api.security_token import issue_credentials
from waypost.model import codes
from waypost.model.access.limits import DEFAULT_SESSION_S, LONGEST_CHAINED_SESSION_S
from waypost.model.access.principals import Role
from waypost.model.access.trust import decide_trust, names_account, parse_trust
from waypost.model.faults import Fault
from waypost.model.quoting import quoted
from waypost.storage.secrets import SecretBox


class AssumeRoleParams(Params, frozen=True):
    """The role, and the name, duration and policy of the session."""

    role_arn: RoleArnParameter = NO_ROLE
    role_session_name: SessionName = ""
    duration_seconds: DurationSeconds = DEFAULT_SESSION_S
    policy: SessionPolicy = ""


class AssumedRoleUser(Answer, frozen=True):
    """The arn and id of the session."""

    arn: Annotated[str, member("How it is named.", "acs:ram::1:role/courier/shop")]
    assumed_role_id: Annotated[
        str, member("The role's id and the session's name.", "306820913600512345:shop")
    ]


class CredentialsRow(Answer, frozen=True):
    """Temporary credentials."""

    access_key_id: Annotated[str, member("Begins with STS.", "STS.Z1k0aq4m2zdQ8x1k0a")]
    access_key_secret: Annotated[str, member("Its secret.", "-")]
    security_token: Annotated[str, member("Goes with every call.", "CAIS...")]
    expiration: Annotated[str, member("When they are over, UTC.", "2026-11-23T04:46:08Z")]


class AssumeRoleAnswer(Answer, frozen=True):
    """The answer with the session and its credentials."""

    assumed_role_user: Annotated[AssumedRoleUser, member("The session.")]
    credentials: Annotated[CredentialsRow, member("Sign with the first two, and send the third along.")]


OPERATION = Operation(
    "AssumeRole",
    "Gives temporary credentials, with which one may do what a role may. They are stored nowhere "
    "and are over at their time by the machine's clock; a change of the role or its policies counts at once.",
    AssumeRoleParams,
    AssumeRoleAnswer,
    errors=(codes.NO_SUCH_ROLE,),
    ignored=without_effect("ExternalId", "SourceIdentity"),
    product=STS,
)


def handle(request: Request[AssumeRoleParams], secret_box: SecretBox) -> Result[AssumeRoleAnswer]:
    """Issues temporary credentials.

    Raises:
        ApiError: the caller is the owner of an account; a parameter is invalid; there is no such role, or it
            does not trust the caller; the session would be longer than the role allows.
    """
    caller, params = request.caller, request.params
    if caller.is_owner:
        raise ApiError(codes.NO_PERMISSION, "Roles may not be assumed by root accounts.")
    request.refuse()
    role = _trusting_role(request, params.role_arn)
    _check_duration(params.duration_seconds, role, caller)
    name = params.role_session_name
    ends_at = int(request.origin.now_s) + params.duration_seconds
    credentials = issue_credentials(secret_box, role, name, params.policy, ends_at)
    return Result(
        AssumeRoleAnswer(
            assumed_role_user=AssumedRoleUser(arn=f"{role.arn}/{name}", assumed_role_id=f"{role.id}:{name}"),
            credentials=CredentialsRow(
                access_key_id=credentials.access_key_id,
                access_key_secret=credentials.secret,
                security_token=credentials.token,
                expiration=iso_time(ends_at * 1000),
            ),
        )
    )


def _check_duration(seconds: int, role: Role, caller: Caller) -> None:
    """Refuses a session that is longer than the role allows or, if a session assumes it, than that allows."""
    longest = role.longest_session if caller.session is None else LONGEST_CHAINED_SESSION_S
    if seconds > longest:
        allowed = f"at most {longest} seconds are, for this role and caller"
        code = codes.INVALID_DURATION_SECONDS
        raise from_faults([Fault(code, "DurationSeconds", "is not allowed", allowed, seconds)])


def _trusting_role(request: Request[AssumeRoleParams], role_arn: RoleArn) -> Role:
    """The role with that arn, if it trusts the caller.

    Raises:
        ApiError: EntityNotExist.Role if there is no such role, or it is of another account and trusts nobody
            in the caller's account; NoPermission if it does not trust the caller.
    """
    caller, configuration = request.caller, request.configuration
    role = configuration.principals.role(role_arn.account_id, role_arn.role_name)
    trust = parse_trust(msgspec.json.decode(role.trust)) if role is not None else ()
    is_own = role_arn.account_id == caller.account_id
    if role is None or not (is_own or names_account(trust, caller.account_id)):
        raise from_faults([Fault(codes.NO_SUCH_ROLE, "RoleArn", "does not exist", value=role_arn.text)])
    arn = caller_arn(caller, configuration)
    decision = decide_trust(trust, caller.account_id, arn, request.origin.context())
    if not decision.allowed:
        name = principal_name(caller, configuration)
        raise ApiError(
            codes.NO_PERMISSION,
            f"The role {quoted(role.name)} does not trust {name.display_name}.",
            access_denied_detail=access_denied_detail(decision, OPERATION.action, caller.account_id, *name),
        )
    return role


ENDPOINT = Endpoint(OPERATION, handle, CALLS_A_SECOND, unsubscribed=True, resources=role_resource)
