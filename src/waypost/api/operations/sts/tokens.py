"""AssumeRole, which gives temporary credentials, and GetCallerIdentity, which says whose a key is.

As officially, only users and sessions assume roles, not the account's owner. Time is real time here, as it is
for signatures.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from waypost.api.caller import Caller, principal
from waypost.api.denial import access_denied_detail
from waypost.api.description import Kind, Parameter, without_effect
from waypost.api.errors.catalogue import ApiError, from_faults, refuse
from waypost.api.legacy_description import Operation
from waypost.api.members import Member
from waypost.api.operations.legacy import Endpoint, Request, Result
from waypost.api.operations.ram.changing import wire_time
from waypost.api.product import STS
from waypost.api.security_token import SESSION_POLICY, issue
from waypost.model import codes
from waypost.model.access.policy import PolicyError, parse_policy
from waypost.model.access.principals import Role
from waypost.model.access.trust import names_account, parse_trust, root_arn, trusts
from waypost.model.configuration import Configuration
from waypost.model.faults import Fault
from waypost.model.quoting import quoted

_SHORTEST, _DEFAULT, _LONGEST = 900, 3600, 43200
# A role that was assumed from within another is held shorter, as officially.
_LONGEST_OF_SESSION = 3600
_LONGEST_POLICY = 2048
_ASSUMED_A_SECOND = 100
_ARN = re.compile(r"acs:ram:[^:]*:([^:]+):role/([A-Za-z0-9.-]{1,64})")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_SOURCE = "https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-"
_P = Parameter

ASSUME = Operation(
    name="AssumeRole",
    summary="Gives temporary credentials, with which one may do what a role may. They are stored nowhere "
    "and are over at their time by the machine's clock; a change of the role or its policies counts at once.",
    source=_SOURCE + "assumerole",
    product=STS,
    parameters=(
        _P(
            "RoleArn",
            "The role.",
            "acs:ram::1:role/courier",
            required=True,
            invalid=codes.INVALID_ROLE_ARN,
        ),
        _P(
            "RoleSessionName",
            "What the session is called where it is named: 2 to 64 letters, digits and . @ - _.",
            "shop",
            required=True,
            invalid=codes.INVALID_ROLE_SESSION_NAME,
        ),
        _P(
            "DurationSeconds",
            "How long they are to be good for, in seconds; at most the role's MaxSessionDuration, and "
            f"{_LONGEST_OF_SESSION} for a caller with temporary credentials.",
            "3600",
            minimum=_SHORTEST,
            maximum=_LONGEST,
            default=str(_DEFAULT),
            invalid=codes.INVALID_DURATION_SECONDS,
            kind=Kind.INTEGER,
        ),
        _P(
            "Policy",
            f"A policy that narrows the session, at most {_LONGEST_POLICY} characters: it may do what both "
            "this and the role's policies allow.",
            '{"Version":"1","Statement":[]}',
            default="all that the role may do",
            invalid=codes.INVALID_POLICY_GRAMMAR,
        ),
        *without_effect("ExternalId", "SourceIdentity"),
    ),
    answer=(
        Member(
            "AssumedRoleUser",
            "The session.",
            kind="object",
            members=(
                Member("Arn", "How it is named.", "acs:ram::1:role/courier/shop"),
                Member("AssumedRoleId", "The role's id and the session's name.", "306820913600512345:shop"),
            ),
        ),
        Member(
            "Credentials",
            "Sign with the first two, and send the third along.",
            kind="object",
            members=(
                Member("AccessKeyId", "Begins with STS.", "STS.Z1k0aq4m2zdQ8x1k0a"),
                Member("AccessKeySecret", "Its secret.", "-"),
                Member("SecurityToken", "Goes with every call.", "CAIS..."),
                Member("Expiration", "When they are over, UTC.", "2026-11-23T04:46:08Z"),
            ),
        ),
    ),
    errors=(codes.UNSUBSCRIPT, codes.NO_PERMISSION, codes.LIMIT_CONTROL, codes.NO_SUCH_ROLE),
)
IDENTITY = Operation(
    name="GetCallerIdentity",
    summary="Says whose the access key of the call is. Everyone may ask.",
    source=_SOURCE + "getcalleridentity",
    product=STS,
    parameters=(),
    answer=(
        Member("AccountId", "The account.", "1"),
        Member("IdentityType", "Account, RAMUser or AssumedRoleUser.", "RAMUser"),
        Member("Arn", "How policies name the caller.", "acs:ram::1:user/alice"),
        Member(
            "PrincipalId", "The caller's id; of a session, the role's and its name.", "216959339000654321"
        ),
        Member("UserId", "The user's id, or the account for its owner; empty for a session.", ""),
        Member("RoleId", "The role's id, for a session; else empty.", ""),
    ),
    errors=(codes.UNSUBSCRIPT, codes.NO_PERMISSION, codes.LIMIT_CONTROL),
)


def assume(request: Request) -> Result:
    """Gives temporary credentials.

    Raises:
        ApiError: the call's faults, or that the role does not trust the caller.
    """
    caller = request.caller
    if caller.is_owner:
        raise ApiError(codes.NO_PERMISSION, "Roles may not be assumed by root accounts.")
    texts, numbers, faults = ASSUME.read(request.given)
    faults += _faults(texts)
    refuse(ASSUME, faults)
    role = _role(request, texts["RoleArn"])
    duration = numbers.get("DurationSeconds", _DEFAULT)
    longest = role.longest_session if caller.session is None else _LONGEST_OF_SESSION
    if duration > longest:
        said = f"{duration} is not allowed; at most {longest} seconds are, for this role and caller."
        raise from_faults([Fault(codes.INVALID_DURATION_SECONDS, "DurationSeconds", said)])
    name = texts["RoleSessionName"]
    ends_at = int(request.origin.now_s) + duration
    credentials = issue(request.secret_box, role, name, texts.get("Policy", ""), ends_at)
    return Result(
        {
            "AssumedRoleUser": {"Arn": f"{role.arn}/{name}", "AssumedRoleId": f"{role.id}:{name}"},
            "Credentials": {
                "AccessKeyId": credentials.access_key_id,
                "AccessKeySecret": credentials.secret,
                "SecurityToken": credentials.token,
                "Expiration": wire_time(ends_at * 1000),
            },
        }
    )


def identity(request: Request) -> Result:
    """Says whose the access key is."""
    caller, account_id = request.caller, request.caller.account_id
    told: dict[str, Any] = {"AccountId": account_id, "UserId": "", "RoleId": ""}
    if caller.is_owner:
        told |= {"IdentityType": "Account", "PrincipalId": account_id, "UserId": account_id}
        return Result(told | {"Arn": root_arn(account_id)})
    if caller.session is not None:
        session = caller.session
        told |= {
            "IdentityType": "AssumedRoleUser",
            "PrincipalId": f"{session.role_id}:{session.name}",
            "RoleId": session.role_id,
        }
        return Result(told | {"Arn": f"{_arn(caller, request.configuration)}/{session.name}"})
    told |= {"IdentityType": "RAMUser", "PrincipalId": caller.user_id, "UserId": caller.user_id}
    return Result(told | {"Arn": _arn(caller, request.configuration)})


def _faults(texts: Mapping[str, str]) -> list[Fault]:
    faults = []
    arn, name, policy = texts.get("RoleArn"), texts.get("RoleSessionName"), texts.get("Policy")
    if arn is not None and not _ARN.fullmatch(arn):
        said = f"{quoted(arn)} is not allowed; acs:ram::<account>:role/<role name> is."
        faults.append(Fault(codes.INVALID_ROLE_ARN, "RoleArn", said))
    if name is not None and not _SESSION_NAME.fullmatch(name):
        said = f"{quoted(name)} is not allowed; 2 to 64 letters, digits and . @ - _ are."
        faults.append(Fault(codes.INVALID_ROLE_SESSION_NAME, "RoleSessionName", said))
    if policy is not None:
        faults += _policy_faults(policy)
    return faults


def _policy_faults(policy: str) -> list[Fault]:
    code = codes.INVALID_POLICY_GRAMMAR
    if len(policy) > _LONGEST_POLICY:
        said = f"it has {len(policy)} characters; at most {_LONGEST_POLICY} are allowed."
        return [Fault(code, "Policy", said)]
    try:
        parse_policy(SESSION_POLICY, msgspec.json.decode(policy))
    except (PolicyError, ValueError, RecursionError) as error:
        return [Fault(code, "Policy", f"{error}.")]
    return []


def _role(request: Request, arn: str) -> Role:
    """The role, if the caller may know of it and it trusts the caller."""
    caller, configuration = request.caller, request.configuration
    account_id, name = _named(arn)
    role = configuration.principals.role(account_id, name)
    trust = parse_trust(msgspec.json.decode(role.trust)) if role is not None else ()
    # A role of another account that trusts nobody here is as good as none.
    if role is None or (account_id != caller.account_id and not names_account(trust, caller.account_id)):
        raise from_faults([Fault(codes.NO_SUCH_ROLE, "RoleArn", f"{quoted(arn)} is not there.")])
    decision = trusts(trust, caller.account_id, _arn(caller, configuration), request.origin.context())
    if not decision.allowed:
        kind, called = principal(caller, configuration)
        raise ApiError(
            codes.NO_PERMISSION,
            f"The role {quoted(name)} does not trust {called}.",
            access_denied_detail=access_denied_detail(
                decision, ASSUME.action, caller.account_id, kind, called
            ),
        )
    return role


def _named(arn: str) -> tuple[str, str]:
    found = _ARN.fullmatch(arn)
    assert found is not None
    return found[1], found[2]


def _arn(caller: Caller, configuration: Configuration) -> str:
    """How trust policies name a caller that is no owner."""
    if caller.session is not None:
        return f"acs:ram::{caller.account_id}:role/{caller.session.role_name}"
    return f"acs:ram::{caller.account_id}:user/{principal(caller, configuration)[1]}"


def _about_role(given: Mapping[str, str], caller: Caller, _: Configuration) -> Sequence[str]:
    found = _ARN.fullmatch(given.get("RoleArn", ""))
    account_id, name = found.groups() if found is not None else (caller.account_id, "*")
    return (f"acs:ram:*:{account_id}:role/{name}",)


ENDPOINTS = (
    Endpoint(ASSUME, assume, _ASSUMED_A_SECOND, unsubscribed=True, resources=_about_role),
    Endpoint(IDENTITY, identity, _ASSUMED_A_SECOND, unsubscribed=True, anyone=True),
)
