"""What a template is made of: the components of a call, checked and turned into the content of a message.

The rules are those of Viber (other-operations.md, CreateChatappTemplate): the text is the BODY, an image or a
document is the HEADER, at most one button, and that one opens a URL. Which combinations there are is the
content table's word.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from waypost.model.content.check import check_members
from waypost.model.content.table import CHANNELS
from waypost.model.faults import Fault
from waypost.model.quoting import quoted
from waypost.model.templates.template import Template, variables

COMPONENTS = "Components"
INVALID = "InvalidComponents"
HEADER_NOT_SUPPORTED = "InvalidParameter.HeaderTypeNotSupport"
BODY_INVALID = "InvalidParameter.MessageInvalid"
BUTTON_HAS_VARIABLE = "InvalidParameter.ButtonTextHaveVariable"
URL_HAS_VARIABLES = "InvalidParameter.UrlMoreVarable"
FILE_URL = "InvalidParameter.FileUrlError"

_TYPES = ("BODY", "HEADER", "BUTTONS")
_FORMATS = ("IMAGE", "DOCUMENT")


class Made(NamedTuple):
    """What the components come to: a MessageType and its content, with variables."""

    message_type: str = ""
    content: Mapping[str, str | int] = {}


def read_components(components: Sequence[Mapping[str, Any]]) -> tuple[Made, list[Fault]]:
    """Checks the components of a Viber template.

    Members that the SDK sends empty (`""`, `[]`, null) count as absent.

    Returns:
        What they come to, and everything that is wrong; the first is complete only without faults.
    """
    faults: list[Fault] = []
    parts: dict[str, Mapping[str, Any]] = {}
    for place, component in enumerate(components):
        kind = str(component.get("Type") or "").upper()
        where = f"{COMPONENTS}[{place}].Type"
        if not kind:
            faults.append(Fault("MissingType", where, "it is missing; every component needs it."))
        elif kind not in _TYPES:
            text = f"{quoted(kind)} is not allowed for Viber; allowed are {', '.join(_TYPES)}."
            faults.append(Fault(INVALID, where, text))
        elif kind in parts:
            faults.append(Fault(INVALID, where, f"there is a {kind} already; one is allowed."))
        else:
            parts[kind] = component
    if not components:
        faults.append(
            Fault("MissingComponents", COMPONENTS, "it is empty; a template needs a BODY or a HEADER.")
        )
    content: dict[str, str | int] = {}
    header = ""
    if "BODY" in parts:
        faults += _body(parts["BODY"], content)
    if "HEADER" in parts:
        header, found = _header(parts["HEADER"], content)
        faults += found
    if "BUTTONS" in parts:
        faults += _button(parts["BUTTONS"], content)
    if faults:
        return Made(), faults
    message_type = "_".join(
        word
        for word, there in (
            ("text", "text" in content),
            (header, bool(header)),
            ("button", "caption" in content),
        )
        if there
    )
    if message_type not in CHANNELS["viber"]:
        text = (
            "Viber carries a text, an image or a document alone, or a text with an image, a button or both."
        )
        return Made(), [Fault(INVALID, COMPONENTS, text)]
    _, found = check_members("viber", message_type, content, None)
    return Made(message_type, content), [_of_components(fault) for fault in found]


def components_of(template: Template) -> list[dict[str, Any]]:
    """The components of a template: as its call gave them, or worked out for one that was declared."""
    if template.components:
        return [dict(component) for component in template.components]
    content = template.content
    made: list[dict[str, Any]] = []
    if "link" in content:
        kind = next((word for word in ("video", "document") if word in template.message_type), "image")
        header: dict[str, Any] = {"Type": "HEADER", "Format": kind.upper(), "Url": content["link"]}
        names = {
            "fileName": "FileName",
            "fileType": "FileType",
            "thumbnail": "ThumbUrl",
            "duration": "Duration",
        }
        made.append(header | {names[name]: content[name] for name in names if name in content})
    if "text" in content:
        made.append({"Type": "BODY", "Text": content["text"]})
    if "caption" in content:
        button = {"Type": "URL", "Text": content["caption"], "Url": content.get("action", "")}
        made.append({"Type": "BUTTONS", "Buttons": [button]})
    return made


def files_of(content: Mapping[str, Any]) -> list[str]:
    """The links of a template's content to files that are the same for every message, each once."""
    parts = [content, *content.get("cards", ())]
    links = [part["media"]["link"] if "media" in part else part.get("link", "") for part in parts]
    return [link for link in dict.fromkeys(links) if link and not variables(link)]


def _body(body: Mapping[str, Any], content: dict[str, str | int]) -> list[Fault]:
    text = body.get("Text")
    if not isinstance(text, str) or not text:
        return [Fault("MissingText", f"{COMPONENTS}.BODY.Text", "it is missing; a BODY needs it.")]
    content["text"] = text
    if "{{" in text:
        told = f"{quoted(text)} has a variable of the form {{{{1}}}}; variables are written $(name)."
        return [Fault(BODY_INVALID, f"{COMPONENTS}.BODY.Text", told)]
    return []


def _header(header: Mapping[str, Any], content: dict[str, str | int]) -> tuple[str, list[Fault]]:
    form = str(header.get("Format") or "").upper()
    if form not in _FORMATS:
        # A video's size must be told to Viber, and no member of a component holds it.
        text = f"{quoted(form)} is not allowed for Viber; allowed are {', '.join(_FORMATS)}."
        return "", [Fault(HEADER_NOT_SUPPORTED, f"{COMPONENTS}.HEADER.Format", text)]
    link = header.get("Url")
    if not isinstance(link, str) or not link:
        return "", [Fault("MissingUrl", f"{COMPONENTS}.HEADER.Url", "it is missing; a HEADER needs it.")]
    if variables(link):
        text = f"{quoted(link)} has a variable; the file of a header is the same for everyone."
        return "", [Fault(FILE_URL, f"{COMPONENTS}.HEADER.Url", text)]
    content["link"] = link
    if form == "DOCUMENT":
        for name, member in (("fileName", "FileName"), ("fileType", "FileType")):
            if header.get(member):
                content[name] = str(header[member])
    return form.lower(), []


def _button(component: Mapping[str, Any], content: dict[str, str | int]) -> list[Fault]:
    buttons = component.get("Buttons")
    where = f"{COMPONENTS}.BUTTONS.Buttons"
    if not isinstance(buttons, list) or len(buttons) != 1 or not isinstance(buttons[0], dict):
        return [Fault(INVALID, where, "Viber allows one button, as a list of one object.")]
    button = buttons[0]
    if str(button.get("Type") or "").upper() != "URL":
        return [Fault(INVALID, f"{where}[0].Type", "Viber allows a button of the Type URL alone.")]
    faults = [
        Fault(f"Missing{member}", f"{where}[0].{member}", "it is missing; a button needs it.")
        for member in ("Text", "Url")
        if not isinstance(button.get(member), str) or not button[member]
    ]
    if faults:
        return faults
    content["caption"], content["action"] = button["Text"], button["Url"]
    if variables(button["Text"]):
        text = f"{quoted(button['Text'])} has a variable; the text of a button is the same for everyone."
        faults.append(Fault(BUTTON_HAS_VARIABLE, f"{where}[0].Text", text))
    if len(variables(button["Url"])) > 1:
        text = f"{quoted(button['Url'])} has more than one variable."
        faults.append(Fault(URL_HAS_VARIABLES, f"{where}[0].Url", text))
    return faults


def _of_components(fault: Fault) -> Fault:
    code = FILE_URL if fault.parameter == "Content.link" else INVALID
    names = {
        "Content.text": "BODY.Text",
        "Content.link": "HEADER.Url",
        "Content.fileName": "HEADER.FileName",
        "Content.fileType": "HEADER.FileType",
        "Content.caption": "BUTTONS.Buttons[0].Text",
        "Content.action": "BUTTONS.Buttons[0].Url",
    }
    return Fault(code, f"{COMPONENTS}.{names.get(fault.parameter, '')}", fault.message)
