"""The errors of the ram and sts operations: what is wrong with a user, a key, a policy, a role or a session.

Codes, statuses and messages are those of RAM's published list, and of the published list of what goes wrong
with AssumeRole; where a message there speaks of another thing than its code, it is corrected. Source:
https://www.alibabacloud.com/help/doc-detail/28754.htm, https://www.alibabacloud.com/help/doc-detail/42775.htm
"""

from waypost.api.errors.error_code import ErrorCode


def _wrong(code: str, message: str, remedy: str) -> ErrorCode:
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
        "MalformedPolicyDocument",
        400,
        "The policy document is malformed.",
        "PolicyDocument or AssumeRolePolicyDocument is not JSON, or not a policy of this service.",
        "Correct the place that the message names.",
    ),
    _wrong(
        "InvalidParameter.PolicyGrammar",
        "The parameter Policy has not passed grammar check.",
        "Send a policy document, or leave Policy out.",
    ),
    _wrong(
        "InvalidParameter.PolicyType", 'The parameter - "PolicyType" is incorrect.', "Send Custom or System."
    ),
    _wrong("InvalidParameter.Status", 'The parameter - "Status" is incorrect.', "Send Active or Inactive."),
    _wrong(
        "InvalidParameter.MaxItems",
        'The parameter - "MaxItems" is incorrect.',
        "Send a number from 1 to 1000.",
    ),
    _wrong(
        "InvalidParameter.MaxSessionDuration",
        'The parameter - "MaxSessionDuration" is incorrect.',
        "Send seconds, from 3600 to 43200.",
    ),
    _wrong(
        "InvalidParameter.RoleArn",
        "The parameter RoleArn is wrongly formed.",
        "Send acs:ram::<account>:role/<role name>.",
    ),
    _wrong(
        "InvalidParameter.RoleSessionName",
        "The parameter RoleSessionName is wrongly formed.",
        "Send 2 to 64 letters, digits and . @ - _.",
    ),
    _wrong(
        "InvalidParameter.DurationSeconds",
        "The Min/Max value of DurationSeconds is 15min/MaxSessionDuration of the role.",
        "Send seconds, from 900 to the role's MaxSessionDuration.",
    ),
)

PERMISSION_ERRORS = (
    ErrorCode(
        "NoPermission",
        403,
        "You are not authorized to do this action.",
        "No policy of the caller allows the action, one denies it, the role does not trust the caller, or "
        "what is to be changed is declared by the operator.",
        "Attach a policy that allows the action named in AccessDeniedDetail, or change the role's trust.",
    ),
)

ABSENCE_ERRORS = (
    _absent("EntityNotExist.User", "The user does not exist."),
    _absent("EntityNotExist.User.AccessKey", "The user access key does not exist."),
    _absent("EntityNotExist.User.Policy", "The indicate policy of the user does not exist."),
    _absent("EntityNotExist.Policy", "The policy does not exist."),
    _absent("EntityNotExist.Policy.Version", "The policy version does not exist."),
    _absent("EntityNotExist.Role", "The role does not exist."),
    _absent("EntityNotExist.Role.Policy", "The indicate policy of the role does not exist."),
)

_CHOOSE = "Choose another name, or change the one that is there."
_GO_ON = "Go on; it is as wanted."

CONFLICT_ERRORS = (
    _conflict("EntityAlreadyExists.User", "The user does already EXIST.", "The name is in use.", _CHOOSE),
    _conflict("EntityAlreadyExists.Policy", "The policy does already EXIST.", "The name is in use.", _CHOOSE),
    _conflict("EntityAlreadyExists.Role", "The role does already EXIST.", "The name is in use.", _CHOOSE),
    _conflict(
        "EntityAlreadyExists.User.Policy",
        "The user has already been attached this policy.",
        "The policy is attached to the user already.",
        _GO_ON,
    ),
    _conflict(
        "EntityAlreadyExists.Role.Policy",
        "The role has already been attached this policy.",
        "The policy is attached to the role already.",
        _GO_ON,
    ),
    _conflict(
        "DeleteConflict.User.AccessKey",
        "The user CAN NOT has any access key while deleting the user.",
        "A user to be deleted has access keys.",
        "Delete the keys first.",
    ),
    _conflict(
        "DeleteConflict.User.Policy",
        "The user CAN NOT has any attached policy while deleting the user.",
        "A user to be deleted has policies.",
        "Detach the policies first.",
    ),
    _conflict(
        "DeleteConflict.Role.Policy",
        "The role CAN NOT has any attached policy while deleting the role.",
        "A role to be deleted has policies.",
        "Detach the policies first.",
    ),
    _conflict(
        "DeleteConflict.Policy.User",
        "The policy CAN NOT been attached to any user while deleting the policy.",
        "A policy to be deleted is attached to a user.",
        "Detach it first; ListEntitiesForPolicy says from whom.",
    ),
    _conflict(
        "DeleteConflict.Policy.Role",
        "The policy CAN NOT been attached to any role while deleting the policy.",
        "A policy to be deleted is attached to a role.",
        "Detach it first; ListEntitiesForPolicy says from which.",
    ),
    _conflict(
        "DeleteConflict.Policy.Version",
        "The policy CAN NOT has any version except the default version.",
        "A policy to be deleted has other versions beside its default one.",
        "Delete those first, or send CascadingDelete=true.",
    ),
    _conflict(
        "DeleteConflict.Policy.Version.Default",
        "The default policy version CAN NOT been deleted directly.",
        "The version to be deleted is the one that decides.",
        "Make another one the default first.",
    ),
)


def _too_many(of: str, most: str) -> ErrorCode:
    return _conflict(
        f"LimitExceeded.{of}",
        f"The count of {of} is beyond the current limits.",
        f"There are {most} already.",
        "Delete what is not needed any more.",
    )


LIMIT_ERRORS = (
    _too_many("User", "1000 users in the account"),
    _too_many("User.AccessKey", "2 access keys of the user, or 5 of the account's owner"),
    _too_many("User.Policy", "20 policies attached to the user"),
    _too_many("Policy", "1500 policies in the account"),
    _too_many("Policy.Version", "5 versions of the policy"),
    _too_many("Role", "1000 roles in the account"),
    _too_many("Role.Policy", "20 policies attached to the role"),
)

ACCESS_ERRORS = PARAMETER_ERRORS + PERMISSION_ERRORS + ABSENCE_ERRORS + CONFLICT_ERRORS + LIMIT_ERRORS
