"""ListChatappTemplate: lists the account's templates, one page per call."""

from typing import Annotated

from waypost.api.description import Kind, Operation, Parameter, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.paging import Page, decode_page
from waypost.api.operations.templates.lookup import has_type, scope_faults, space_id_of
from waypost.api.operations.templates.parameters import (
    ARCHIVE_TYPE,
    ARCHIVED,
    IGNORED,
    LANGUAGE,
    Category,
    CustSpaceId,
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
from waypost.model.identifiers import NO_SPACE
from waypost.model.templates.template import AUDIT_STATUSES, Template

_CALLS_PER_SECOND = 5


class ListChatappTemplateParams(Params, frozen=True):
    """The filters and the page; an absent filter matches every template."""

    audit_status: Annotated[
        str,
        Parameter(
            "AuditStatus",
            "Lists templates in that state of the review.",
            "pass",
            allowed=AUDIT_STATUSES,
            invalid=codes.AUDIT_STATUS_NOT_SUPPORT,
        ),
    ] = ""
    category: Category = ""
    code: Annotated[str, Parameter("Code", "Lists the languages of one template.", "4521803997126430021")] = (
        ""
    )
    archive_type: Annotated[
        str,
        ARCHIVE_TYPE._replace(
            description="Waypost's own: ARCHIVED lists the templates that are archived, and no others.",
            required=False,
            default="NOT_ARCHIVED: those that are not",
        ),
    ] = ""
    name: Annotated[str, Parameter("Name", "Lists templates whose name holds that text.", "spring")] = ""
    language: Annotated[
        str,
        LANGUAGE._replace(required=False, description="Lists templates in that language.", missing=""),
    ] = ""
    template_type: TemplateType = ""
    page: Annotated[
        Page,
        Parameter(
            "Page",
            "Which part of the list.",
            '{"Index":1,"Size":10}',
            default="the first 10",
            invalid=codes.PAGE_INVALID,
            kind=Kind.OBJECT,
            decode=decode_page,
        ),
    ] = Page()
    cust_space_id: CustSpaceId = NO_SPACE


class TemplateRow(Answer, frozen=True):
    """One language of a template, as the list shows it."""

    template_code: CodeMember
    template_name: NameMember
    template_type: TypeMember
    category: CategoryMember
    language: LanguageMember
    audit_status: StatusMember
    reason: ReasonMember
    last_update_time: Annotated[int, member("When it changed last, milliseconds UTC.")]


class ListChatappTemplateAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one page of templates."""

    total: Annotated[int, member("How many there are on all pages.")]
    list_template: Annotated[list[TemplateRow], member("The templates.")]


OPERATION = Operation(
    "ListChatappTemplate",
    "Lists the account's templates, each language of each, by name and language.",
    ListChatappTemplateParams,
    ListChatappTemplateAnswer,
    ignored=IGNORED,
)


def handle(request: Request[ListChatappTemplateParams]) -> Result[ListChatappTemplateAnswer]:
    """Returns one page of templates.

    Raises:
        ApiError: a parameter is invalid.
    """
    params = request.params
    request.refuse(scope_faults(request, params.language, params.cust_space_id))
    space_id = space_id_of(request, params.cust_space_id)
    templates = [
        template
        for template in request.configuration.templates(request.caller.account_id, space_id)
        if _matches(template, params)
    ]
    page = templates[params.page.skipped : params.page.skipped + params.page.size]
    rows = [_template_row(template) for template in page]
    return Result(ListChatappTemplateAnswer(total=len(templates), list_template=rows))


def _matches(template: Template, params: ListChatappTemplateParams) -> bool:
    return (
        template.archived is (params.archive_type == ARCHIVED)
        and params.code in ("", template.code)
        and params.name in template.name
        and params.language in ("", template.language)
        and params.audit_status in ("", template.status)
        and params.category in ("", template.category)
        and has_type(template, params.template_type)
    )


def _template_row(template: Template) -> TemplateRow:
    return TemplateRow(
        template_code=template.code,
        template_name=template.name,
        template_type=template.channel.upper(),
        category=template.category,
        language=template.language,
        audit_status=template.status,
        reason=template.reason,
        last_update_time=template.updated_at or template.declared_at,
    )


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND)
