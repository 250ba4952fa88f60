"""ArchiveChatappTemplate and ModifyChatappTemplateProperties: whether a template that passed may be sent.

Neither touches what was reviewed, so there is no new review.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from waypost.api.description import Kind, Member, Operation, Parameter, shown
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import ANY_CALL, NOT_YOURS, ORIGIN, OWNERS, SOURCE, SUCCESS
from waypost.api.operations.templates.template_descriptions import (
    ARCHIVE_TYPE,
    ARCHIVED,
    CODE,
    CODE_INVALID,
    LANGUAGE,
    NOT_THERE,
    OF_ISVS,
    PAUSED,
    SPACE,
    TYPE,
)
from waypost.api.operations.templates.templates import changed, of_request, refuse_declared, space_of
from waypost.api.structured import read_list
from waypost.model.faults import Fault
from waypost.model.templates.template import Template
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

MOST_TEMPLATES = 1000
_LIST = "TemplateList"
_WHATSAPP = "WHATSAPP"
_P = Parameter

ARCHIVE = Operation(
    name="ArchiveChatappTemplate",
    summary="Archives WhatsApp templates, or brings archived ones back: all that are named, or none.",
    source=SOURCE + "archivechatapptemplate",
    parameters=(
        _P(
            _LIST,
            Kind.LIST,
            f"The templates, at most {MOST_TEMPLATES}, each with TemplateCode and Language.",
            '[{"TemplateCode":"4521803997126430021","Language":"en"}]',
            required=True,
        ),
        ARCHIVE_TYPE,
        _P(
            "ChannelType",
            Kind.STRING,
            "The channel of the templates.",
            _WHATSAPP,
            required=True,
            allowed=(_WHATSAPP,),
            invalid="InvalidParameter.ChannelTypeNotSupport",
        ),
        SPACE._replace(required=True),
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "What came of it.",
            kind="object",
            members=(SUCCESS, Member("Code", "OK.", "OK"), Member("Message", "OK.", "OK")),
        ),
    ),
    errors=(
        *ANY_CALL,
        NOT_YOURS,
        NOT_THERE,
        CODE_INVALID,
        "InvalidParameter.TemplateCodeNotEmpty",
        "InvalidParameter.LanguageNotEmpty",
    ),
)

PROPERTIES = Operation(
    name="ModifyChatappTemplateProperties",
    summary="Says of a WhatsApp template whether it may be sent.",
    source=SOURCE + "modifychatapptemplateproperties",
    parameters=(
        CODE._replace(required=True, required_for=""),
        LANGUAGE,
        TYPE._replace(required=True, allowed=(_WHATSAPP,), example=_WHATSAPP),
        SPACE._replace(required=True),
        _P(
            "AllowSend",
            Kind.STRING,
            "Whether it may be sent.",
            "false",
            allowed=("true", "false"),
            default="as it is",
        ),
        PAUSED._replace(default="as it is"),
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(SUCCESS, Member("Model", "OK.", "OK")),
    errors=(*ANY_CALL, NOT_YOURS, NOT_THERE, CODE_INVALID),
)


def archive(request: Request) -> Result:
    """Archives templates, or brings them back.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = ARCHIVE.read(request.given)
    named, found = _named(texts.get(_LIST))
    refuse(ARCHIVE, faults + found + of_request(request, texts))
    templates = [
        _whatsapp(request, texts, f"{_LIST}[{place}].TemplateCode", (code, language))
        for place, (code, language) in enumerate(named)
    ]
    archived = texts["ArchiveType"] == ARCHIVED
    answer = {"Data": {"Success": True, "Code": "OK", "Message": "OK"}}
    return changed(answer, _write(templates, archived=archived))


def modify_properties(request: Request) -> Result:
    """Changes whether a template may be sent.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = PROPERTIES.read(request.given)
    refuse(PROPERTIES, faults + of_request(request, texts))
    template = _whatsapp(request, texts, "TemplateCode", (texts["TemplateCode"], texts["Language"]))
    names = {"AllowSend": "allow_send", "CategoryChangePaused": "category_change_paused"}
    wanted = {names[name]: texts[name] == "true" for name in names if name in texts}
    return changed({"Model": "OK"}, _write([template], **wanted))


def _named(text: str | None) -> tuple[list[tuple[str, str]], list[Fault]]:
    """The TemplateCode and the Language of each template of the list."""
    if text is None:
        return [], []
    listed, faults = read_list(_LIST, text, f"Invalid{_LIST}")
    if not faults and not 0 < len(listed) <= MOST_TEMPLATES:
        said = f"it has {len(listed)} templates; 1 to {MOST_TEMPLATES} are allowed."
        faults.append(Fault(f"Invalid{_LIST}", _LIST, said))
    for place, one in enumerate(listed):
        faults += [
            Fault(f"InvalidParameter.{member}NotEmpty", f"{_LIST}[{place}].{member}", "a text is needed.")
            for member in ("TemplateCode", "Language")
            if not isinstance(one.get(member), str) or not one[member]
        ]
    return [] if faults else [(one["TemplateCode"], one["Language"]) for one in listed], faults


def _whatsapp(request: Request, texts: Mapping[str, str], parameter: str, named: tuple[str, str]) -> Template:
    """A template of WhatsApp, by code and language, that a call may change.

    Raises:
        ApiError: there is none in this account, or the operator declares it.
    """
    code, language = named
    template = request.configuration.template(
        request.caller.account_id, code, language, space_of(request, texts)
    )
    if template is None or template.channel != "whatsapp":
        text = f"{shown(code)} is not a WhatsApp template of this account in {language}."
        raise from_faults([Fault(NOT_THERE, parameter, text)])
    refuse_declared(template)
    return template


def _write(templates: list[Template], **wanted: bool) -> Callable[[Transaction], None]:
    def write(transaction: Transaction) -> None:
        now: list[Template] = []
        for template in templates:
            # Its review may have come in between: that stays.
            current = transaction.entry(entry_key(template))
            if not isinstance(current, Template):
                text = f"{shown(template.code)} was deleted at the same time."
                raise from_faults([Fault(NOT_THERE, "TemplateCode", text)])
            changes: Mapping[str, Any] = wanted
            now.append(msgspec.structs.replace(current, **changes))
        transaction.put_entries(now, ORIGIN)

    return write


ENDPOINTS = (Endpoint(ARCHIVE, archive), Endpoint(PROPERTIES, modify_properties))
