"""The parameters of a call as they are kept on record, with nothing of people or of content.

A value is shown only where it is known to be none of these. What is not known is hidden: under a misspelled
name stands what was meant for the right one.
"""

from collections.abc import Collection, Mapping
from urllib.parse import quote, unquote

from waypost.model.masking import mask_number
from waypost.model.quoting import shown

MOST_NAMES = 100
"""How many parameters of a call are kept."""

# Names and ids that customers or this service gave to things; none is of a person.
_SHOWN = frozenset(
    {
        "Action",
        "Code",
        "CountryId",
        "CustSpaceId",
        "EndTimeStr",
        "FallBackId",
        "Format",
        "From",
        "GroupMessageId",
        "InstanceId",
        "Language",
        "MessageId",
        "MessageType",
        "Page",
        "PolicyName",
        "QueueName",
        "RegionId",
        "RequestNo",
        "RoleArn",
        "RoleName",
        "RuleId",
        "RuleName",
        "SceneTemplateCode",
        "SenderId",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "StartTimeStr",
        "Status",
        "TaskId",
        "TemplateCode",
        "TemplateName",
        "Timestamp",
        "Version",
        "VersionId",
    }
)
_ADDRESSES = frozenset(
    {
        "BusinessNumber",
        "MobilePhone",
        "NewMobilePhone",
        "PhoneNumber",
        "To",
        "UserAccessKeyId",
        "UserNumber",
    }
)
_LONGEST_ADDRESS = 40
_LONGEST_SHOWN = 64
# On record by themselves, where they are of use.
_LEFT_OUT = frozenset({"AccessKeyId", "SecurityToken", "Signature"})

_HIDDEN = "***"
# Between the method and path and the parameters of a string to sign of V1.
_PARAMETERS = "&%2F&"


def masked_parameters(params: Mapping[str, str], plain: Collection[str] = ()) -> dict[str, str]:
    """The parameters of a call by name, with masked values.

    Args:
        params: as they were sent, percent-decoded.
        plain: names of further parameters whose values are of a fixed set, or numbers.
    """
    masked: dict[str, str] = {}
    for name, text in params.items():
        if len(masked) == MOST_NAMES:
            break
        if name not in _LEFT_OUT:
            masked[shown(name)] = _masked(name, text, plain)
    return masked


def _masked(name: str, text: str, plain: Collection[str]) -> str:
    if _is_shown(name, text, plain):
        return text
    if name in _ADDRESSES and len(text) <= _LONGEST_ADDRESS:
        return mask_number(text)
    return f"{len(text)} characters" if text else ""


def masked_string_to_sign(text: str, plain: Collection[str] = ()) -> str:
    """A string to sign with its values masked: that of V1 has all parameters of a call, that of V3 a digest.

    Args:
        plain: as for `masked_parameters`.
    """
    beginning, separator, parameters = text.partition(_PARAMETERS)
    if not separator:
        return text
    pairs = unquote(parameters).split("&")
    return beginning + separator + quote("&".join(_masked_pair(pair, plain) for pair in pairs), safe="~")


def _masked_pair(pair: str, plain: Collection[str]) -> str:
    name, separator, value = pair.partition("=")
    is_shown = not value or _is_shown(unquote(name), unquote(value), plain)
    return pair if is_shown else f"{name}{separator}{_HIDDEN}"


def _is_shown(name: str, text: str, plain: Collection[str]) -> bool:
    # What is in the wrong place may be anything: a sentence is no name.
    is_name = len(text) <= _LONGEST_SHOWN and not any(map(str.isspace, text))
    return is_name and (name in _SHOWN or name in plain)
