"""Every wire code that refuses a call, written once: rules and operations name them by these constants.

Their HTTP status and message stand in `waypost.api.errors`. Codes made from the name of a parameter come from
`missing` and `invalid`.
"""

# Calls: signatures, limits, permissions, routing (errors.md, sections 1, 2 and 4).
UNSUBSCRIPT = "Product.Unsubscript"
PERMISSION_DENY = "Ram.PermissionDeny"
LIMIT_CONTROL = "System.LimitControl"
UNKNOWN_RESOURCE_OWNER = "Unknown.ResourceOwnerId"
INVALID_ACCESS_KEY_ID_NOT_FOUND = "InvalidAccessKeyId.NotFound"
INVALID_ACCESS_KEY_ID_INACTIVE = "InvalidAccessKeyId.Inactive"
INVALID_TIME_STAMP_FORMAT = "InvalidTimeStamp.Format"
INVALID_TIME_STAMP_EXPIRED = "InvalidTimeStamp.Expired"
SIGNATURE_NONCE_USED = "SignatureNonceUsed"
SIGNATURE_DOES_NOT_MATCH = "SignatureDoesNotMatch"
INCOMPLETE_SIGNATURE = "IncompleteSignature"
INVALID_SIGNATURE_METHOD = "InvalidSignatureMethod"
INVALID_SECURITY_TOKEN_MALFORMED = "InvalidSecurityToken.Malformed"
INVALID_SECURITY_TOKEN_EXPIRED = "InvalidSecurityToken.Expired"
INVALID_SECURITY_TOKEN_MISMATCH_WITH_ACCESS_KEY = "InvalidSecurityToken.MismatchWithAccessKey"
MISSING_SECURITY_TOKEN = "MissingSecurityToken"
INVALID_API_NOT_FOUND = "InvalidApi.NotFound"
INVALID_ACTION_NOT_FOUND = "InvalidAction.NotFound"
NO_SUCH_VERSION = "NoSuchVersion"
INVALID_PROTOCOL_NEED_SSL = "InvalidProtocol.NeedSsl"
UNSUPPORTED_HTTP_METHOD = "UnsupportedHTTPMethod"
INVALID_FORMAT = "InvalidParameter.Format"
MISSING_PARAMETER = "MissingParameter"
INVALID_PARAMETER = "InvalidParameter"
INTERNAL_ERROR = "InternalError"
SERVICE_UNAVAILABLE = "ServiceUnavailable"

# Operations of cams (errors.md, section 3).
NO_AUTH = "Authentication.NoAuth"
CHANNEL_TYPE_NOT_SUPPORT = "InvalidParameter.ChannelTypeNotSupport"
MESSAGE_TYPE_NOT_EMPTY = "InvalidParameter.MessageTypeNotEmpty"
MESSAGE_TYPE_NOT_SUPPORT = "InvalidParameter.MessageTypeNotSupport"
CONTENT_NOT_EMPTY = "InvalidParameter.ContentNotEmpty"
CONTENT_ERROR = "InvalidParameter.ContentError"
WINDOW_CLOSED = "InvalidParameter.SessionWindowExpired"
IDEMPOTENT_PARAMETER_MISMATCH = "IdempotentParameterMismatch"
TO_SUPPRESSED = "InvalidParameter.ToSuppressed"
TEXT_NOT_EMPTY = "InvalidParameter.TextNotEmpty"
LINK_NOT_EMPTY = "InvalidParameter.LinkNotEmpty"
TEMPLATE_CODE_NOT_EMPTY = "InvalidParameter.TemplateCodeNotEmpty"
LANGUAGE_NOT_EMPTY = "InvalidParameter.LanguageNotEmpty"
SEND_SMS_NOT_SUPPORT = "InvalidParameter.SendSmsNotSupport"
FROM_ONLY_NUMERIC = "InvalidParameter.FromOnlyNumeric"
TO_ONLY_NUMERIC = "InvalidParameter.ToOnlyNumeric"
PHONE_NUMBER_ERROR = "InvalidParameter.PhoneNumberError"
MESSAGE_INVALID = "InvalidParameter.MessageInvalid"
FOOTER_HAVE_VARIABLE = "InvalidParameter.FooterHaveVariable"
HEADER_MORE_VARABLE = "InvalidParameter.HeaderMoreVarable"
HEADER_TYPE_NOT_SUPPORT = "InvalidParameter.HeaderTypeNotSupport"
BUTTON_TEXT_HAVE_VARIABLE = "InvalidParameter.ButtonTextHaveVariable"
URL_MORE_VARABLE = "InvalidParameter.UrlMoreVarable"
TEMPLATE_NAME_EXIST = "InvalidParameter.TemplateNameExist"
CREATE_ERROR = "InvalidParameter.CreateError"
FILE_URL_ERROR = "InvalidParameter.FileUrlError"
LANGUAGE_NOT_SUPPORT = "InvalidParameter.LanguageNotSupport"
AUDIT_STATUS_NOT_SUPPORT = "InvalidParameter.AuditStatusNotSupport"
TEMPLATE_TYPE_NOT_SUPPORT = "InvalidParameter.TemplateTypeNotSupport"
DEL_ERROR_TEMPLATE_NOT_EXIST = "DelError.TemplateNotExist"
DETAIL_ERROR_TEMPLATE_NOT_EXIST = "DetailError.TemplateNotExist"
PAGE_INVALID = "InvalidParameter.PageInvalid"
TEMPLATE_LIST_ERROR_QUERY_ERROR = "TemplateListError.QueryError"
QUERY_PARAM_START_TIME = "QueryParam.startTime"

# Operations of ram and sts (console-and-access.md, section 4).
MALFORMED_POLICY_DOCUMENT = "MalformedPolicyDocument"
INVALID_POLICY_GRAMMAR = "InvalidParameter.PolicyGrammar"
INVALID_POLICY_TYPE = "InvalidParameter.PolicyType"
INVALID_STATUS = "InvalidParameter.Status"
INVALID_MAX_ITEMS = "InvalidParameter.MaxItems"
INVALID_MAX_SESSION_DURATION = "InvalidParameter.MaxSessionDuration"
INVALID_ROLE_ARN = "InvalidParameter.RoleArn"
INVALID_ROLE_SESSION_NAME = "InvalidParameter.RoleSessionName"
INVALID_DURATION_SECONDS = "InvalidParameter.DurationSeconds"
NO_PERMISSION = "NoPermission"
NO_SUCH_USER = "EntityNotExist.User"
NO_SUCH_USER_ACCESS_KEY = "EntityNotExist.User.AccessKey"
NO_SUCH_USER_POLICY = "EntityNotExist.User.Policy"
NO_SUCH_POLICY = "EntityNotExist.Policy"
NO_SUCH_POLICY_VERSION = "EntityNotExist.Policy.Version"
NO_SUCH_ROLE = "EntityNotExist.Role"
NO_SUCH_ROLE_POLICY = "EntityNotExist.Role.Policy"
ALREADY_EXISTS_USER = "EntityAlreadyExists.User"
ALREADY_EXISTS_POLICY = "EntityAlreadyExists.Policy"
ALREADY_EXISTS_ROLE = "EntityAlreadyExists.Role"
ALREADY_EXISTS_USER_POLICY = "EntityAlreadyExists.User.Policy"
ALREADY_EXISTS_ROLE_POLICY = "EntityAlreadyExists.Role.Policy"
DELETE_CONFLICT_USER_ACCESS_KEY = "DeleteConflict.User.AccessKey"
DELETE_CONFLICT_USER_POLICY = "DeleteConflict.User.Policy"
DELETE_CONFLICT_ROLE_POLICY = "DeleteConflict.Role.Policy"
DELETE_CONFLICT_POLICY_USER = "DeleteConflict.Policy.User"
DELETE_CONFLICT_POLICY_ROLE = "DeleteConflict.Policy.Role"
DELETE_CONFLICT_POLICY_VERSION = "DeleteConflict.Policy.Version"
DELETE_CONFLICT_POLICY_VERSION_DEFAULT = "DeleteConflict.Policy.Version.Default"
LIMIT_EXCEEDED_USER = "LimitExceeded.User"
LIMIT_EXCEEDED_USER_ACCESS_KEY = "LimitExceeded.User.AccessKey"
LIMIT_EXCEEDED_USER_POLICY = "LimitExceeded.User.Policy"
LIMIT_EXCEEDED_POLICY = "LimitExceeded.Policy"
LIMIT_EXCEEDED_POLICY_VERSION = "LimitExceeded.Policy.Version"
LIMIT_EXCEEDED_ROLE = "LimitExceeded.Role"
LIMIT_EXCEEDED_ROLE_POLICY = "LimitExceeded.Role.Policy"

# The operation of dybaseapi; no published list was found.
QUEUE_NOT_ENABLED = "QueueNotEnabled"


def missing(parameter: str) -> str:
    """The code for a missing parameter that has no code of its own, such as `MissingMessageId`."""
    return f"Missing{parameter}"


def invalid(parameter: str) -> str:
    """The code for a wrong value of a parameter that has no code of its own, such as `InvalidInstanceId`."""
    return f"Invalid{parameter}"


def invalid_text(parameter: str, violation: str) -> str:
    """The code for a text of a ram operation that breaks a rule, such as `InvalidParameter.UserName.Length`.

    Args:
        violation: `InvalidChars`, `Length` or `Format`.
    """
    return f"InvalidParameter.{parameter}.{violation}"
