"""The limits of Viber's partner API, and the status with which Viber refuses a request outside them.

Source: the n8n-nodes-viber-bm client (member types and limits), the reseller tyntec's FAQ (text, label,
ttl) and ChatApp's own page of Viber codes (file name, thumbnail, size, duration). The connector's table is
not used here on purpose: a simulator that shared it would agree with its mistakes.
"""

from collections.abc import Collection
from typing import Any, TypeGuard

OK = 0
BAD_SERVICE_ID = 2
BAD_DATA = 3
BAD_MESSAGE_TYPE = 5
BAD_PARAMETERS = 6
BAD_LABEL = 18
INVALID_TTL = 20
INVALID_PHONE_NUMBER = 27
FILE_NOT_PERMITTED = 28
BAD_FILE_NAME_LENGTH = 29
BAD_THUMBNAIL = 30
BAD_FILE_SIZE = 31
BAD_DURATION = 32
TEMPLATE_NOT_FOUND = 38
TEMPLATE_VALIDATION_ERROR = 39
SURVEY_VALIDATION_ERROR = 40
CAROUSEL_VALIDATION_ERROR = 41

DEFAULT_TTL_S = 1_209_600

_TEXT_MEMBERS = ("#txt",)
_FILE_MEMBERS = ("#action", "#fileName")
_REQUIRED_MEMBERS: dict[int, tuple[str, ...]] = {
    **dict.fromkeys((6, 106, 206, 225, 306), _TEXT_MEMBERS),
    **dict.fromkeys((7, 107, 207, 307), ("#img",)),
    **dict.fromkeys((8, 108, 208, 210), ("#txt", "#img", "#caption", "#action")),
    **dict.fromkeys((9, 109, 209), ("#txt", "#caption", "#action")),
    **dict.fromkeys((220, 221, 222, 223, 224), _FILE_MEMBERS),
    230: ("#action", "#thumbnail"),
    231: ("#txt", "#action", "#thumbnail"),
    232: ("#txt", "#caption", "#action", "#thumbnail"),
    233: ("#txt", "#caption", "#action", "#media", "#thumbnail"),
    **dict.fromkeys((801, 802), _TEXT_MEMBERS),
    **dict.fromkeys((901, 1701, 1702), ()),
}
_NEED_TRACKING_DATA = frozenset(
    (206, 207, 208, 209, 210, 220, 225, 230, 231, 232, 233, 306, 307, 801, 802, 901)
)
_FORBID_TRACKING_DATA = frozenset((7, 8, 9, 107, 108, 109))
_OPTIONAL_BUTTON = frozenset((8, 108, 208, 210))
_FILES = frozenset((220, 221, 222, 223, 224))
_VIDEOS = frozenset((230, 231, 232, 233))
_LISTS = frozenset((801, 802))
_TEXT_FILES = ("doc", "docx", "rtf", "dot", "dotx", "odt", "odf", "fodt", "txt", "info")
_SHEETS = ("xls", "xlsx", "ods", "fods", "csv", "xlsm", "xltx")
_FILE_TYPES = frozenset((*_TEXT_FILES, *_SHEETS, "pdf", "xps", "pdax", "eps"))
_MAX_VIDEO_BYTES = 200 * 1024 * 1024


def check(body: object, services: Collection[int]) -> int:
    """The status with which Viber answers a request; 0 if it is valid.

    Args:
        body: the decoded JSON of the request.
        services: the service ids that may send.
    """
    if not isinstance(body, dict):
        return BAD_DATA
    if not _is_integer(body.get("service_id")) or body["service_id"] not in services:
        return BAD_SERVICE_ID
    message = body.get("message", {})
    if not isinstance(message, dict) or not all(isinstance(value, str) for value in message.values()):
        return BAD_DATA
    if len(message.get("#txt", "")) > 1000:
        return BAD_DATA
    code = body.get("type")
    if not _is_integer(code) or code not in _REQUIRED_MEMBERS:
        return BAD_MESSAGE_TYPE
    return _check_envelope(body) or _check_members(code, message) or _check_extras(code, body, message)


def _check_envelope(body: dict[str, Any]) -> int:
    dest = body.get("dest")
    if not isinstance(dest, str) or not (dest.isascii() and dest.isdecimal() and 7 <= len(dest) <= 15):
        return INVALID_PHONE_NUMBER
    if body.get("label") not in ("promotion", "transaction"):
        return BAD_LABEL
    ttl = body.get("ttl", DEFAULT_TTL_S)
    if not _is_integer(ttl) or not 30 <= ttl <= DEFAULT_TTL_S:
        return INVALID_TTL
    if not _is_integer(body.get("seq", 0)) or not isinstance(body.get("tag", ""), str):
        return BAD_PARAMETERS
    return OK


def _check_members(code: int, message: dict[str, str]) -> int:
    for member in _REQUIRED_MEMBERS[code]:
        may_be_empty = code in _OPTIONAL_BUTTON and member in ("#caption", "#action")
        if member not in message or not (message[member] or may_be_empty):
            return BAD_THUMBNAIL if member == "#thumbnail" else BAD_PARAMETERS
    if (code in _NEED_TRACKING_DATA and "#tracking_data" not in message) or (
        code in _FORBID_TRACKING_DATA and "#tracking_data" in message
    ):
        return BAD_PARAMETERS
    if (
        bool(message.get("#caption")) != bool(message.get("#action"))
        and "#caption" in _REQUIRED_MEMBERS[code]
    ):
        return BAD_PARAMETERS
    if len(message.get("#caption", "")) > 30 or not message.get("#img", "https://").startswith("https://"):
        return BAD_PARAMETERS
    return OK


def _check_extras(code: int, body: dict[str, Any], message: dict[str, str]) -> int:
    if code in _FILES:
        if str(body.get("file_type", "")).lower() not in _FILE_TYPES:
            return FILE_NOT_PERMITTED
        return BAD_FILE_NAME_LENGTH if len(message["#fileName"]) > 25 else OK
    if code in _VIDEOS:
        if len(message["#thumbnail"]) > 1000:
            return BAD_THUMBNAIL
        size, duration = body.get("file_size"), body.get("duration")
        if not _is_integer(size) or not 0 < size <= _MAX_VIDEO_BYTES:
            return BAD_FILE_SIZE
        return OK if _is_integer(duration) and 0 < duration <= 600 else BAD_DURATION
    if code in _LISTS:
        return (
            OK if len(message["#txt"]) <= 85 and _is_survey(body.get("survey")) else SURVEY_VALIDATION_ERROR
        )
    if code == 901:
        return OK if _is_carousel(body.get("carousel")) else CAROUSEL_VALIDATION_ERROR
    if code in (1701, 1702):
        return _check_template(body)
    return OK


def _check_template(body: dict[str, Any]) -> int:
    if not body.get("templateId"):
        return TEMPLATE_NOT_FOUND
    params = body.get("templateParams", {})
    is_valid = isinstance(params, dict) and all(
        isinstance(text, str) and len(text) <= 125 for text in params.values()
    )
    return OK if is_valid else TEMPLATE_VALIDATION_ERROR


def _is_survey(survey: object) -> bool:
    options = survey.get("options") if isinstance(survey, dict) else None
    return (
        isinstance(options, list)
        and 2 <= len(options) <= 10
        and all(isinstance(option, str) and 0 < len(option) <= 50 for option in options)
    )


def _is_carousel(carousel: object) -> bool:
    items = carousel.get("items") if isinstance(carousel, dict) else None
    return isinstance(items, list) and 2 <= len(items) <= 5 and all(_is_card(item) for item in items)


def _is_card(item: object) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("title"), str):
        return False
    first, second = item.get("primaryButton"), item.get("secondaryButton")
    return (
        2 <= len(item["title"]) <= 38
        and bool(item.get("imageUrl"))
        and _is_button(first, 10)
        and (second is None or _is_button(second, 12))
    )


def _is_button(button: object, max_length: int) -> bool:
    return (
        isinstance(button, dict)
        and isinstance(button.get("label"), str)
        and 0 < len(button["label"]) <= max_length
        and bool(button.get("actionUrl"))
    )


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
