"""GetChatappTemplateDetail: shows one language of a template."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import UNSET, UnsetType

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.templates.lookup import find_template, reference_faults
from waypost.api.operations.templates.parameters import (
    IGNORED,
    CustSpaceId,
    Language,
    TemplateCode,
    TemplateName,
    TemplateType,
)
from waypost.api.operations.templates.row import (
    CategoryMember,
    CodeMember,
    LanguageMember,
    NameMember,
    ReasonMember,
    StatusMember,
    TypeMember,
)
from waypost.model import codes
from waypost.model.channels import channel_named
from waypost.model.identifiers import NO_SPACE
from waypost.model.templates.components import components_of
from waypost.model.templates.template import Template


class GetChatappTemplateDetailParams(Params, frozen=True):
    """The template and language to show."""

    template_code: TemplateCode = ""
    template_name: TemplateName = ""
    language: Language = ""
    template_type: TemplateType = ""
    cust_space_id: CustSpaceId = NO_SPACE


class TemplateDetail(Answer, frozen=True):
    """One language of a template, with its components."""

    template_code: CodeMember
    name: NameMember
    template_type: TypeMember
    category: CategoryMember
    language: LanguageMember
    audit_status: StatusMember
    reason: ReasonMember
    allow_send: Annotated[bool, member("Whether it can be sent.")]
    components: Annotated[Sequence[dict[str, Any]], member("As in the call.")]
    example: Annotated[dict[str, str], member("As in the call.")]
    category_change_paused: Annotated[bool | UnsetType, member("WHATSAPP: as in the call.")] = UNSET
    message_send_ttl_seconds: Annotated[int | UnsetType, member("WHATSAPP: as in the call.", "600")] = UNSET


class GetChatappTemplateDetailAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the template."""

    data: Annotated[TemplateDetail, member("The template.")]


OPERATION = Operation(
    "GetChatappTemplateDetail",
    "Shows one language of a template.",
    GetChatappTemplateDetailParams,
    GetChatappTemplateDetailAnswer,
    errors=(codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST,),
    ignored=IGNORED,
)


def handle(request: Request[GetChatappTemplateDetailParams]) -> Result[GetChatappTemplateDetailAnswer]:
    """Shows a template.

    Raises:
        ApiError: a parameter is invalid, or the account has no such template.
    """
    request.refuse(reference_faults(request, request.params))
    template = find_template(request, request.params)
    return Result(GetChatappTemplateDetailAnswer(data=_template_detail(template)))


def _template_detail(template: Template) -> TemplateDetail:
    on_whatsapp = channel_named(template.channel).provider_holds_templates
    return TemplateDetail(
        template_code=template.code,
        name=template.name,
        template_type=template.channel.upper(),
        category=template.category,
        language=template.language,
        audit_status=template.status,
        reason=template.reason,
        allow_send=not template.unsendable,
        components=components_of(template),
        example=template.example,
        category_change_paused=template.category_change_paused if on_whatsapp else UNSET,
        message_send_ttl_seconds=template.send_ttl if on_whatsapp and template.send_ttl else UNSET,
    )


ENDPOINT = Endpoint(OPERATION, handle)
