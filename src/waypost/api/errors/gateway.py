"""The error codes of the gateway: signatures, limits, permissions, and calls of unknown operations.

Codes, statuses and messages are those of the published gateway pages and of the error list that every cams
operation declares. Where editions of the documentation disagree on a status, that of the live gateway is
used: 404 for an unknown access key or action, 400 for nearly all others.
"""

from waypost.api.errors.error_code import ErrorCode
from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.model import codes

OPERATION_ERRORS = (
    ErrorCode(
        codes.UNSUBSCRIPT,
        400,
        "You have not subscribed to the specified product.",
        "The account may not use the product or the channel.",
        "Have the operator of this service open the channel for the account.",
    ),
    ErrorCode(
        codes.PERMISSION_DENY,
        400,
        "You are not authorized to perform the operation.",
        "No policy of the user or role behind the access key allows the operation, or one denies it.",
        "Attach a policy that allows the action named in AccessDeniedDetail.",
    ),
    ErrorCode(
        codes.LIMIT_CONTROL,
        400,
        "The system is under flow control.",
        "The account calls an operation more often than its limit allows, the service is short of room, or "
        "other calls never stopped changing what the call was to change.",
        "Wait for the milliseconds in the header x-acs-retry-after, then call again.",
    ),
    ErrorCode(
        codes.UNKNOWN_RESOURCE_OWNER,
        400,
        "The resource does not belong to the current user.",
        "The call names a space, sender, template or message that the account does not own.",
        "Check CustSpaceId and the ids in the call, and which account the access key belongs to.",
    ),
)

SIGNATURE_ERRORS = (
    ErrorCode(
        codes.INVALID_ACCESS_KEY_ID_NOT_FOUND,
        404,
        "Specified access key is not found.",
        "No access key has this id.",
        "Check the id of the access key, and that it was made on this service.",
    ),
    ErrorCode(
        codes.INVALID_ACCESS_KEY_ID_INACTIVE,
        400,
        "Specified access key is disabled.",
        "The access key exists but was switched off.",
        "Enable the key again, or use another.",
    ),
    ErrorCode(
        codes.INVALID_TIME_STAMP_FORMAT,
        400,
        "Specified time stamp or date value is not well formatted.",
        "Timestamp or x-acs-date is not written as yyyy-MM-ddTHH:mm:ssZ in UTC.",
        "Write the time as in 2026-11-23T03:46:08Z.",
    ),
    ErrorCode(
        codes.INVALID_TIME_STAMP_EXPIRED,
        400,
        "Specified time stamp or date value is expired.",
        f"The time of the call is more than {CLOCK_TOLERANCE_S // 60} minutes away from the clock of this "
        "service.",
        "Set the caller's clock; sign each call anew instead of storing signed calls.",
    ),
    ErrorCode(
        codes.SIGNATURE_NONCE_USED,
        400,
        "Specified signature nonce was used already.",
        f"The same access key has sent this nonce within the last {2 * CLOCK_TOLERANCE_S // 60} minutes.",
        "Make a new random nonce for every call, retries included.",
    ),
    ErrorCode(
        codes.SIGNATURE_DOES_NOT_MATCH,
        400,
        "Specified signature is not matched with our calculation.",
        "The signature, computed here from what arrived, is another; or the body is not the one signed.",
        "Compare the caller's string to sign with the one at the end of the message; if they are equal, "
        "the secret is wrong; if not, look for a proxy that changes headers or the query.",
    ),
    ErrorCode(
        codes.INCOMPLETE_SIGNATURE,
        400,
        "The request signature does not conform to Aliyun standards.",
        "The Authorization header can't be read, or too few headers are signed.",
        "Sign with an official SDK, or sign at least the headers that the message names.",
    ),
    ErrorCode(
        codes.INVALID_SIGNATURE_METHOD,
        400,
        "Specified signature method is not valid.",
        "The call is signed with an algorithm other than ACS3-HMAC-SHA256 or HMAC-SHA1.",
        "Use the signature algorithm that the SDK chooses by itself.",
    ),
    ErrorCode(
        codes.INVALID_SECURITY_TOKEN_MALFORMED,
        400,
        "Specified SecurityToken is malformed.",
        "The SecurityToken was not issued by this service, or the call uses a bearer token.",
        "Send the SecurityToken as AssumeRole gave it, with its AccessKeyId and AccessKeySecret.",
    ),
    ErrorCode(
        codes.INVALID_SECURITY_TOKEN_EXPIRED,
        400,
        "Specified SecurityToken is expired.",
        "The time for which the temporary credentials were issued is over.",
        "Call AssumeRole again.",
    ),
    ErrorCode(
        codes.INVALID_SECURITY_TOKEN_MISMATCH_WITH_ACCESS_KEY,
        400,
        "Specified SecurityToken mismatch with the AccessKey.",
        "The SecurityToken was issued with another AccessKeyId than the one that signed the call.",
        "Send the three parts of one answer of AssumeRole together; no token with a lasting key.",
    ),
    ErrorCode(
        codes.MISSING_SECURITY_TOKEN,
        400,
        "SecurityToken is mandatory for this action.",
        "The call is signed with a temporary AccessKeyId and comes without its SecurityToken.",
        "Give the SDK the SecurityToken too.",
    ),
)

ROUTING_ERRORS = (
    ErrorCode(
        codes.INVALID_API_NOT_FOUND,
        404,
        "Specified api is not found, please check your url and method.",
        "The call went to a path that this service does not have.",
        "Call the path /; give the SDK an endpoint of host and port alone.",
    ),
    ErrorCode(
        codes.INVALID_ACTION_NOT_FOUND,
        404,
        "Specified api is not found, please check your url and method.",
        "No operation has the name in Action or x-acs-action, or it is one that is not answered yet.",
        "Check the operation's name, and that it belongs to the Version of the call.",
    ),
    ErrorCode(
        codes.NO_SUCH_VERSION,
        400,
        "The specified version does not exist.",
        "Version or x-acs-version is none of those that are served.",
        "Send the version 2020-06-06 for cams, 2015-05-01 for ram, 2015-04-01 for sts.",
    ),
    ErrorCode(
        codes.INVALID_PROTOCOL_NEED_SSL,
        404,
        "Your request is denied as lack of ssl protect.",
        "The service is set up to take calls over HTTPS only, and this one came over HTTP.",
        "Use the protocol https.",
    ),
    ErrorCode(
        codes.UNSUPPORTED_HTTP_METHOD,
        400,
        "This http method not supported.",
        "The call is neither a GET nor a POST.",
        "Use POST, as the SDKs do.",
    ),
    ErrorCode(
        codes.INVALID_FORMAT,
        400,
        "Specified parameter format is not valid.",
        "Format is neither JSON nor XML.",
        "Send Format=JSON, or leave it out.",
    ),
    ErrorCode(
        codes.MISSING_PARAMETER,
        400,
        'The input parameter "{parameter}" that is mandatory for processing this request is not supplied',
        "A required parameter is missing that has no code of its own.",
        "Send the parameter that the message names.",
    ),
    ErrorCode(
        codes.INVALID_PARAMETER,
        400,
        'The specified value of parameter "{parameter}" is not valid.',
        "A value can't be used and has no code of its own, or the bytes of the call can't be decoded.",
        "Correct the parameter that the message names; values travel percent-encoded as UTF-8.",
    ),
    ErrorCode(
        codes.INTERNAL_ERROR,
        500,
        "The request processing has failed due to some unknown error, exception or failure.",
        "A fault of this service.",
        "Call again; if it stays, give the RequestId to the operator of this service.",
    ),
    ErrorCode(
        codes.SERVICE_UNAVAILABLE,
        503,
        "The request has failed due to a temporary failure of the server.",
        "The service is starting, stopping, or can't reach its store.",
        "Call again after a moment; nothing was accepted.",
    ),
)

GATEWAY_ERRORS = OPERATION_ERRORS + SIGNATURE_ERRORS + ROUTING_ERRORS
