"""The JSON object of a request to Viber's partner API. Sources: see `codes`."""

from collections.abc import Callable, Mapping

import msgspec

from waypost.connectors.contract import Submission
from waypost.connectors.viber.codes import TRACKED
from waypost.model.content.rules import Value

MIN_TTL_S = 30
MAX_TTL_S = 1_209_600
# No size or duration is larger; JSON's numbers are exact up to it.
_MAX_NUMBER = 2**53

Content = Mapping[str, Value]


class NotExpressibleError(Exception):
    """Viber's API cannot express the submission; has the status with which Viber would refuse it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


_TEXT = {"#txt": "text"}
_IMAGE = {"#img": "link"}
_BUTTON = {"#caption": "caption", "#action": "action"}
_THUMBNAIL = {"#thumbnail": "thumbnail"}
_CAPTION = {"#caption": "caption"}
_MESSAGES = {
    "text": _TEXT,
    "image": _IMAGE,
    "text_image": _TEXT | _IMAGE,
    "text_button": _TEXT | _BUTTON,
    "text_image_button": _TEXT | _IMAGE | _BUTTON,
    "video": _THUMBNAIL | {"#action": "link"},
    "text_video": _TEXT | _THUMBNAIL | {"#action": "link"},
    "text_video_button": _TEXT | _THUMBNAIL | _CAPTION | {"#action": "link"},
    "text_video_button/own_url": _TEXT | _THUMBNAIL | _CAPTION | {"#media": "link", "#action": "action"},
    "document": {"#action": "link", "#fileName": "fileName"},
}
"""MessageType, with `/` and a variant if it has one, to the members of `message`: each one's member of the
content."""

# An image with text and without a button has an empty button.
_EMPTY_MEMBERS = {"text_image": {"#caption": "", "#action": ""}}


class Form(msgspec.Struct, frozen=True):
    """What the requests of one MessageType, and variant if it has several, have in common.

    Attributes:
        code: Viber's type code; None if there is none without a label.
        members: the members of `message`, and each one's member of the content.
        empty: the members of `message` that are empty.
        add_facts: adds what a request has of its file beside `message`; None if it has nothing.
    """

    code: int | None
    members: Mapping[str, str]
    empty: Mapping[str, str]
    add_facts: "Callable[[Request, Content], None] | None"


def forms(type_codes: Mapping[str, int]) -> dict[str, Form]:
    """The forms of requests, by MessageType with `/` and a label or variant, and by MessageType alone.

    Args:
        type_codes: see `codes.TYPE_CODES`.
    """
    kinds = {name.partition("/")[0] for name in _MESSAGES}
    made = {}
    for name in kinds | _MESSAGES.keys() | type_codes.keys():
        kind = name.partition("/")[0]
        if kind in kinds:
            code = type_codes.get(name, type_codes.get(kind))
            members = _MESSAGES.get(name, _MESSAGES[kind])
            made[name] = Form(code, members, _EMPTY_MEMBERS.get(kind, {}), _FILE_FACTS.get(kind))
    return made


class Request(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The JSON object of a request.

    Attributes:
        service_id: the sender.
        seq: the number of the submission.
        type: Viber's type code.
        ttl: seconds.
        file_size, duration, file_type: of the file of a video or a document.
    """

    service_id: int
    dest: str
    seq: int
    type: int
    ttl: int
    label: str = ""
    tag: str = ""
    file_size: int | None = None
    duration: int | None = None
    file_type: str | None = None
    message: dict[str, str]


def build_request(submission: Submission, forms: Mapping[str, Form]) -> Request:
    """The request that submits a leg.

    Raises:
        NotExpressibleError: Viber's API cannot express the submission.
    """
    if not submission.sender.isdecimal():
        raise NotExpressibleError(2, "the sender is not a numeric Viber service id")
    kind, content, variant = submission.message_type, submission.content, submission.label
    if kind == "text_video_button" and content.get("action"):
        variant = "own_url"
    form = forms.get(f"{kind}/{variant}") or forms.get(kind)
    if form is None:
        raise NotExpressibleError(5, f"Viber has no message type {kind}")
    message = {name: str(content.get(member, "")) for name, member in form.members.items()}
    if "" in message.values():
        raise _missing(next(form.members[name] for name, value in message.items() if not value))
    message |= form.empty
    if form.code is None:
        raise NotExpressibleError(18, f"a {kind} needs the label promotion or transaction")
    if form.code in TRACKED:
        message["#tracking_data"] = submission.tracking_data
    request = Request(
        service_id=int(submission.sender),
        dest=submission.recipient,
        seq=submission.number,
        type=form.code,
        ttl=min(max(submission.ttl, MIN_TTL_S), MAX_TTL_S),
        label=submission.label,
        tag=submission.tag,
        message=message,
    )
    if form.add_facts is not None:
        form.add_facts(request, content)
    return request


def _add_facts_of_video(request: Request, content: Content) -> None:
    request.file_size = _to_integer(_required(content, "fileSize"))
    request.duration = _to_integer(_required(content, "duration"))


def _add_facts_of_document(request: Request, content: Content) -> None:
    request.file_type = _required(content, "fileType")


_FILE_FACTS = {
    "video": _add_facts_of_video,
    "text_video": _add_facts_of_video,
    "text_video_button": _add_facts_of_video,
    "document": _add_facts_of_document,
}
"""MessageType to what adds that a request has of its file beside `message`."""


def _required(content: Content, member: str) -> str:
    value = str(content.get(member, ""))
    if not value:
        raise _missing(member)
    return value


def _missing(member: str) -> NotExpressibleError:
    return NotExpressibleError(6, f"the content has no {member}")


def _to_integer(value: str) -> int:
    try:
        number = int(float(value))
        if not 0 <= number <= _MAX_NUMBER:
            raise OverflowError(value)
        return number
    except (ValueError, OverflowError) as error:
        raise NotExpressibleError(6, f"not a number: {value[:40]}") from error
