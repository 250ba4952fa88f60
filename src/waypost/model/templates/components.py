"""The components of a template, checked and converted to message content.

The rules are those of Viber (other-operations.md, CreateChatappTemplate): the text is the BODY, an image, a
document or a video is the HEADER, at most one button, and that one opens a URL; beside a video it has none.
Which combinations there are is the content table's word.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from waypost.model import codes
from waypost.model.channels import VIBER
from waypost.model.content.check import check_members
from waypost.model.faults import Fault
from waypost.model.templates.component_faults import (
    COMPONENTS,
    among,
    invalid_member,
    missing_member,
    numbered_variable,
    repeated,
    variable_in_button,
)
from waypost.model.templates.template import Template, variables

_TYPES = ("BODY", "HEADER", "BUTTONS")
_FORMATS = ("IMAGE", "DOCUMENT", "VIDEO")
# Viber wants to know a video's size in bytes, and no member of a component holds it: what the file cannot be
# asked for is taken for this.
_UNKNOWN_SIZE = 1024 * 1024
_NORMALISED = ("link", "thumbnail", "action", "duration")
_COMPONENT_PATHS = {
    "Content.text": "BODY.Text",
    "Content.link": "HEADER.Url",
    "Content.fileName": "HEADER.FileName",
    "Content.fileType": "HEADER.FileType",
    "Content.thumbnail": "HEADER.ThumbUrl",
    "Content.duration": "HEADER.Duration",
    "Content.caption": "BUTTONS.Buttons[0].Text",
    "Content.action": "BUTTONS.Buttons[0].Url",
}


class TemplateContent(NamedTuple):
    """The content of a template: a MessageType and its members, with variables."""

    message_type: str = ""
    content: Mapping[str, str | int] = {}


def read_components(components: Sequence[Mapping[str, Any]]) -> tuple[TemplateContent, list[Fault]]:
    """Checks the components of a Viber template.

    Members that the SDK sends empty (`""`, `[]`, null) count as absent.

    Returns:
        What they come to, and everything that is wrong; the first is complete only without faults.
    """
    parts, faults = _parts_by_type(components)
    content: dict[str, str | int] = {}
    header = ""
    if "BODY" in parts:
        faults += _put_body(parts["BODY"], content)
    if "HEADER" in parts:
        header, header_faults = _put_header(parts["HEADER"], content)
        faults += header_faults
    if "BUTTONS" in parts:
        faults += _put_button(parts["BUTTONS"], content, has_url=header != "video")
    if faults:
        return TemplateContent(), faults
    words = (("text", "text" in content), (header, bool(header)), ("button", "caption" in content))
    message_type = "_".join(word for word, present in words if present)
    if message_type not in VIBER.content:
        problem = (
            "Viber carries a text, an image, a document or a video alone, or a text with an image or a "
            "video, a button or both"
        )
        return TemplateContent(), [invalid_member(COMPONENTS, problem)]
    fields, content_faults = check_members("viber", message_type, content, None)
    content |= {name: fields[name] for name in _NORMALISED if name in fields}  # type: ignore[misc]
    return TemplateContent(message_type, content), [_component_fault(fault) for fault in content_faults]


def _parts_by_type(
    components: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, Mapping[str, Any]], list[Fault]]:
    parts: dict[str, Mapping[str, Any]] = {}
    faults: list[Fault] = []
    for place, component in enumerate(components):
        kind = str(component.get("Type") or "").upper()
        path = f"{COMPONENTS}[{place}]"
        if not kind:
            faults.append(missing_member(path, "Type", "every component"))
        elif kind not in _TYPES:
            faults.append(invalid_member(f"{path}.Type", "is not allowed for Viber", among(_TYPES), kind))
        elif kind in parts:
            faults.append(repeated(f"{path}.Type", kind))
        else:
            parts[kind] = component
    if not components:
        allowed = "a template needs a BODY or a HEADER"
        faults.append(Fault(codes.missing(COMPONENTS), COMPONENTS, "it is empty", allowed))
    return parts, faults


def components_of(template: Template) -> list[dict[str, Any]]:
    """The components of a template: as its call sent them, or derived from the content of a declared one."""
    if template.components:
        return [dict(component) for component in template.components]
    content = template.content
    components: list[dict[str, Any]] = []
    if "link" in content:
        kind = next((word for word in ("video", "document") if word in template.message_type), "image")
        header: dict[str, Any] = {"Type": "HEADER", "Format": kind.upper(), "Url": content["link"]}
        names = {
            "fileName": "FileName",
            "fileType": "FileType",
            "thumbnail": "ThumbUrl",
            "duration": "Duration",
        }
        components.append(header | {names[name]: content[name] for name in names if name in content})
    if "text" in content:
        components.append({"Type": "BODY", "Text": content["text"]})
    if "caption" in content:
        button = {"Type": "URL", "Text": content["caption"], "Url": content.get("action", "")}
        components.append({"Type": "BUTTONS", "Buttons": [button]})
    return components


def files_of(content: Mapping[str, Any]) -> list[str]:
    """The URLs of files in a template's content that contain no variable, each once."""
    parts = [content, *content.get("cards", ())]
    links = [part["media"]["link"] if "media" in part else part.get("link", "") for part in parts]
    return [link for link in dict.fromkeys(links) if link and not variables(link)]


def _put_body(body: Mapping[str, Any], content: dict[str, str | int]) -> list[Fault]:
    path = f"{COMPONENTS}.BODY"
    text = body.get("Text")
    if not isinstance(text, str) or not text:
        return [missing_member(path, "Text", "a BODY")]
    content["text"] = text
    return [numbered_variable(f"{path}.Text", text)] if "{{" in text else []


def _put_header(header: Mapping[str, Any], content: dict[str, str | int]) -> tuple[str, list[Fault]]:
    """Puts the link of the header's file into the content; returns the file's kind, and what is wrong."""
    path = f"{COMPONENTS}.HEADER"
    file_format = str(header.get("Format") or "").upper()
    if file_format not in _FORMATS:
        problem = "is not allowed for Viber"
        code = codes.HEADER_TYPE_NOT_SUPPORT
        return "", [Fault(code, f"{path}.Format", problem, among(_FORMATS), file_format)]
    link = header.get("Url")
    if not isinstance(link, str) or not link:
        return "", [missing_member(path, "Url", "a HEADER")]
    if variables(link):
        allowed = "the file of a header is the same for everyone"
        return "", [Fault(codes.FILE_URL_ERROR, f"{path}.Url", "has a variable", allowed, link)]
    content["link"] = link
    if file_format == "DOCUMENT":
        for name, member in (("fileName", "FileName"), ("fileType", "FileType")):
            if header.get(member):
                content[name] = str(header[member])
    if file_format == "VIDEO":
        content["fileSize"] = _UNKNOWN_SIZE
        for name, member in (("thumbnail", "ThumbUrl"), ("duration", "Duration")):
            if header.get(member):
                content[name] = header[member]
    return file_format.lower(), []


def _put_button(component: Mapping[str, Any], content: dict[str, str | int], *, has_url: bool) -> list[Fault]:
    """Puts the button into the content; returns what is wrong.

    Args:
        has_url: whether it needs a URL; if not, one that it has is passed over.
    """
    buttons = component.get("Buttons")
    path = f"{COMPONENTS}.BUTTONS.Buttons"
    if not isinstance(buttons, list) or len(buttons) != 1 or not isinstance(buttons[0], dict):
        return [invalid_member(path, "Viber allows one button, as a list of one object")]
    button = buttons[0]
    path = f"{path}[0]"
    if str(button.get("Type") or "").upper() != "URL":
        return [invalid_member(f"{path}.Type", "Viber allows a button of the Type URL alone")]
    faults = [
        missing_member(path, member, "a button")
        for member in (("Text", "Url") if has_url else ("Text",))
        if not isinstance(button.get(member), str) or not button[member]
    ]
    if faults:
        return faults
    text = content["caption"] = button["Text"]
    if variables(text):
        faults.append(variable_in_button(f"{path}.Text", text))
    if not has_url:
        return faults
    url = content["action"] = button["Url"]
    if len(variables(url)) > 1:
        faults.append(Fault(codes.URL_MORE_VARABLE, f"{path}.Url", "has more than one variable", value=url))
    return faults


def _component_fault(fault: Fault) -> Fault:
    """A fault of the content, expressed as one of the component that the content came from."""
    code = codes.FILE_URL_ERROR if fault.parameter == "Content.link" else codes.invalid(COMPONENTS)
    path = _COMPONENT_PATHS.get(fault.parameter, "")
    return fault._replace(code=code, parameter=f"{COMPONENTS}.{path}")
