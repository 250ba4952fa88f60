"""The error codes of the ram and sts operations, on users, access keys, policies, roles and sessions.

Codes, statuses and messages are those of the published error lists of RAM and of AssumeRole; where a message
there does not match its code, it is corrected. Source:
https://www.alibabacloud.com/help/doc-detail/28754.htm, https://www.alibabacloud.com/help/doc-detail/42775.htm
"""

from waypost.api.errors.error_code import ErrorCode
from waypost.model import codes
from waypost.model.access import limits


def _wrong(code: str, message: str, remedy: str) -> ErrorCode:
    """The entry for a parameter with an invalid value; its name follows the first dot of the code."""
    return ErrorCode(code, 400, message, f"{code.split('.')[1]} has a value that is not allowed.", remedy)


def _absent(code: str, message: str) -> ErrorCode:
    when = "There is no such thing in the account of the caller; another account's is answered the same."
    return ErrorCode(
        code, 404, message, when, "Check the names, and which account the access key belongs to."
    )


def _conflict(code: str, message: str, when: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, 409, message, when, remedy)


PARAMETER_ERRORS = (
    ErrorCode(
        codes.MALFORMED_POLICY_DOCUMENT,
        400,
        "The policy document is malformed.",
        "PolicyDocument or AssumeRolePolicyDocument is not JSON, or not a policy of this service.",
        "Correct the place that the message names.",
    ),
    _wrong(
        codes.INVALID_POLICY_GRAMMAR,
        "The parameter Policy has not passed grammar check.",
        "Send a policy document, or leave Policy out.",
    ),
    _wrong(codes.INVALID_POLICY_TYPE, 'The parameter - "PolicyType" is incorrect.', "Send Custom or System."),
    _wrong(codes.INVALID_STATUS, 'The parameter - "Status" is incorrect.', "Send Active or Inactive."),
    _wrong(
        codes.INVALID_MAX_ITEMS,
        'The parameter - "MaxItems" is incorrect.',
        f"Send a number from 1 to {limits.MOST_LISTED}.",
    ),
    _wrong(
        codes.INVALID_MAX_SESSION_DURATION,
        'The parameter - "MaxSessionDuration" is incorrect.',
        f"Send seconds, from {limits.DEFAULT_SESSION_S} to {limits.LONGEST_SESSION_S}.",
    ),
    _wrong(
        codes.INVALID_ROLE_ARN,
        "The parameter RoleArn is wrongly formed.",
        "Send acs:ram::<account>:role/<role name>.",
    ),
    _wrong(
        codes.INVALID_ROLE_SESSION_NAME,
        "The parameter RoleSessionName is wrongly formed.",
        "Send 2 to 64 letters, digits and . @ - _.",
    ),
    _wrong(
        codes.INVALID_DURATION_SECONDS,
        "The Min/Max value of DurationSeconds is 15min/MaxSessionDuration of the role.",
        f"Send seconds, from {limits.SHORTEST_SESSION_S} to the role's MaxSessionDuration.",
    ),
)

PERMISSION_ERRORS = (
    ErrorCode(
        codes.NO_PERMISSION,
        403,
        "You are not authorized to do this action.",
        "No policy of the caller allows the action, one denies it, the role does not trust the caller, or "
        "what is to be changed is declared by the operator.",
        "Attach a policy that allows the action named in AccessDeniedDetail, or change the role's trust.",
    ),
)

ABSENCE_ERRORS = (
    _absent(codes.NO_SUCH_USER, "The user does not exist."),
    _absent(codes.NO_SUCH_USER_ACCESS_KEY, "The user access key does not exist."),
    _absent(codes.NO_SUCH_USER_POLICY, "The indicate policy of the user does not exist."),
    _absent(codes.NO_SUCH_POLICY, "The policy does not exist."),
    _absent(codes.NO_SUCH_POLICY_VERSION, "The policy version does not exist."),
    _absent(codes.NO_SUCH_ROLE, "The role does not exist."),
    _absent(codes.NO_SUCH_ROLE_POLICY, "The indicate policy of the role does not exist."),
)

_CHOOSE = "Choose another name, or change the one that is there."
_NOTHING_TO_DO = "Go on; it is attached."

CONFLICT_ERRORS = (
    _conflict(codes.ALREADY_EXISTS_USER, "The user does already EXIST.", "The name is in use.", _CHOOSE),
    _conflict(codes.ALREADY_EXISTS_POLICY, "The policy does already EXIST.", "The name is in use.", _CHOOSE),
    _conflict(codes.ALREADY_EXISTS_ROLE, "The role does already EXIST.", "The name is in use.", _CHOOSE),
    _conflict(
        codes.ALREADY_EXISTS_USER_POLICY,
        "The user has already been attached this policy.",
        "The policy is attached to the user already.",
        _NOTHING_TO_DO,
    ),
    _conflict(
        codes.ALREADY_EXISTS_ROLE_POLICY,
        "The role has already been attached this policy.",
        "The policy is attached to the role already.",
        _NOTHING_TO_DO,
    ),
    _conflict(
        codes.DELETE_CONFLICT_USER_ACCESS_KEY,
        "The user CAN NOT has any access key while deleting the user.",
        "A user to be deleted has access keys.",
        "Delete the keys first.",
    ),
    _conflict(
        codes.DELETE_CONFLICT_USER_POLICY,
        "The user CAN NOT has any attached policy while deleting the user.",
        "A user to be deleted has policies.",
        "Detach the policies first.",
    ),
    _conflict(
        codes.DELETE_CONFLICT_ROLE_POLICY,
        "The role CAN NOT has any attached policy while deleting the role.",
        "A role to be deleted has policies.",
        "Detach the policies first.",
    ),
    _conflict(
        codes.DELETE_CONFLICT_POLICY_USER,
        "The policy CAN NOT been attached to any user while deleting the policy.",
        "A policy to be deleted is attached to a user.",
        "Detach it first; ListEntitiesForPolicy says from whom.",
    ),
    _conflict(
        codes.DELETE_CONFLICT_POLICY_ROLE,
        "The policy CAN NOT been attached to any role while deleting the policy.",
        "A policy to be deleted is attached to a role.",
        "Detach it first; ListEntitiesForPolicy says from which.",
    ),
    _conflict(
        codes.DELETE_CONFLICT_POLICY_VERSION,
        "The policy CAN NOT has any version except the default version.",
        "A policy to be deleted has other versions beside its default one.",
        "Delete those first, or send CascadingDelete=true.",
    ),
    _conflict(
        codes.DELETE_CONFLICT_POLICY_VERSION_DEFAULT,
        "The default policy version CAN NOT been deleted directly.",
        "The version to be deleted is the one that decides.",
        "Make another one the default first.",
    ),
)


def _too_many(code: str, most: str) -> ErrorCode:
    return _conflict(
        code,
        f"The count of {code.removeprefix('LimitExceeded.')} is beyond the current limits.",
        f"There are {most} already.",
        "Delete what is not needed any more.",
    )


LIMIT_ERRORS = (
    _too_many(codes.LIMIT_EXCEEDED_USER, f"{limits.MOST_USERS} users in the account"),
    _too_many(
        codes.LIMIT_EXCEEDED_USER_ACCESS_KEY,
        f"{limits.MOST_USER_KEYS} access keys of the user, or {limits.MOST_OWNER_KEYS} of the account's "
        "owner",
    ),
    _too_many(
        codes.LIMIT_EXCEEDED_USER_POLICY, f"{limits.MOST_ATTACHED_POLICIES} policies attached to the user"
    ),
    _too_many(codes.LIMIT_EXCEEDED_POLICY, f"{limits.MOST_POLICIES} policies in the account"),
    _too_many(codes.LIMIT_EXCEEDED_POLICY_VERSION, f"{limits.MOST_POLICY_VERSIONS} versions of the policy"),
    _too_many(codes.LIMIT_EXCEEDED_ROLE, f"{limits.MOST_ROLES} roles in the account"),
    _too_many(
        codes.LIMIT_EXCEEDED_ROLE_POLICY, f"{limits.MOST_ATTACHED_POLICIES} policies attached to the role"
    ),
)

ACCESS_ERRORS = PARAMETER_ERRORS + PERMISSION_ERRORS + ABSENCE_ERRORS + CONFLICT_ERRORS + LIMIT_ERRORS
