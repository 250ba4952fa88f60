"""ArchiveChatappTemplate: archives WhatsApp templates, or restores archived ones."""

from typing import Annotated, Any, NamedTuple

from waypost.api.description import Decoded, Operation, Parameter, Params
from waypost.api.json_decoders import list_decoder
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.templates.lookup import scope_faults, space_id_of
from waypost.api.operations.templates.parameters import (
    ARCHIVE_TYPE,
    ARCHIVED,
    HELD_TYPES,
    IGNORED,
    RequiredCustSpaceId,
)
from waypost.api.operations.templates.whatsapp_templates import changeable_template, template_changes
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE

MOST_TEMPLATES = 1000
"""The largest number of templates in one call."""

_LIST = "TemplateList"
_decode_list = list_decoder(_LIST)


class TemplateLanguage(NamedTuple):
    """An item of TemplateList: one language of a template."""

    code: str
    language: str


def decode_template_list(text: str) -> Decoded:
    """Decodes TemplateList, `[{"TemplateCode":"...","Language":"en"}]`, into a list of `TemplateLanguage`."""
    items, faults = _decode_list(text)
    if faults:
        return None, faults
    faults = [fault for index, item in enumerate(items) for fault in _item_faults(index, item)]
    if not 0 < len(items) <= MOST_TEMPLATES:
        problem, allowed = f"it has {len(items)} templates", f"1 to {MOST_TEMPLATES} are allowed"
        faults.insert(0, Fault(codes.invalid(_LIST), _LIST, problem, allowed))
    if faults:
        return None, faults
    return [TemplateLanguage(item["TemplateCode"], item["Language"]) for item in items], ()


def _item_faults(index: int, item: dict[str, Any]) -> list[Fault]:
    members = (("TemplateCode", codes.TEMPLATE_CODE_NOT_EMPTY), ("Language", codes.LANGUAGE_NOT_EMPTY))
    return [
        Fault(code, f"{_LIST}[{index}].{name}", "a text is needed")
        for name, code in members
        if not isinstance(item.get(name), str) or not item[name]
    ]


class ArchiveChatappTemplateParams(Params, frozen=True):
    """The templates, and whether to archive or restore them."""

    templates: Annotated[
        list[TemplateLanguage],
        Parameter(
            _LIST,
            f"The templates, at most {MOST_TEMPLATES}, each with TemplateCode and Language.",
            '[{"TemplateCode":"4521803997126430021","Language":"en"}]',
            required=True,
            decode=decode_template_list,
        ),
    ] = []
    archive_type: Annotated[str, ARCHIVE_TYPE] = ""
    channel_type: Annotated[
        str,
        Parameter(
            "ChannelType",
            "The channel of the templates.",
            HELD_TYPES[0],
            required=True,
            allowed=HELD_TYPES,
            invalid=codes.CHANNEL_TYPE_NOT_SUPPORT,
        ),
    ] = ""
    cust_space_id: RequiredCustSpaceId = NO_SPACE


class ArchiveOutcome(Answer, frozen=True):
    """The success members that the official service repeats inside Data."""

    success: Annotated[bool, member("Always true.")] = True
    code: Annotated[str, member("OK.", "OK")] = "OK"
    message: Annotated[str, member("OK.", "OK")] = "OK"


class ArchiveChatappTemplateAnswer(SuccessAnswer, frozen=True):
    """The answer when all templates were changed."""

    data: Annotated[ArchiveOutcome, member("The result.")] = ArchiveOutcome()


OPERATION = Operation(
    "ArchiveChatappTemplate",
    "Archives WhatsApp templates, or brings archived ones back: all that are named, or none.",
    ArchiveChatappTemplateParams,
    ArchiveChatappTemplateAnswer,
    errors=(
        codes.UNKNOWN_RESOURCE_OWNER,
        codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST,
        codes.invalid("TemplateCode"),
        codes.TEMPLATE_CODE_NOT_EMPTY,
        codes.LANGUAGE_NOT_EMPTY,
    ),
    ignored=IGNORED,
)


def handle(request: Request[ArchiveChatappTemplateParams]) -> Result[ArchiveChatappTemplateAnswer]:
    """Archives templates, or restores them.

    Raises:
        ApiError: a parameter is invalid, or a template does not exist or cannot be changed.
    """
    params = request.params
    request.refuse(scope_faults(request, "", params.cust_space_id))
    space_id = space_id_of(request, params.cust_space_id)
    templates = [
        changeable_template(request, f"{_LIST}[{index}].TemplateCode", code, language, space_id)
        for index, (code, language) in enumerate(params.templates)
    ]
    changes = template_changes(templates, {"archived": params.archive_type == ARCHIVED})
    return Result(ArchiveChatappTemplateAnswer(), changes=changes)


ENDPOINT = Endpoint(OPERATION, handle)
