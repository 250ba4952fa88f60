"""CreateChatappTemplate: creates a template, or adds a language to one."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from waypost.api.description import Operation, Parameter, Params
from waypost.api.operations.derived_id import code_prefix, new_template_code
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on, relies_on_all
from waypost.api.operations.templates.lookup import scope_faults, space_id_of
from waypost.api.operations.templates.parameters import (
    CATEGORY,
    LONGEST_NAME,
    PAUSED,
    TYPE,
    CustSpaceId,
    Language,
)
from waypost.api.operations.templates.submission import (
    COMPONENT_ERRORS,
    SUBMISSION_IGNORED,
    ComponentList,
    Example,
    SendTtl,
    SubmissionAnswer,
    check_files,
    read_contents,
    submission_answer,
)
from waypost.model import codes
from waypost.model.channels import channel_named
from waypost.model.entries import template_ids
from waypost.model.entry_changes import EntryChange
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.templates.template import UNREVIEWED, Template
from waypost.model.templates.whatsapp_components import check_name

_CALLS_PER_SECOND = 50


class CreateChatappTemplateParams(Params, frozen=True):
    """The template to create."""

    template_type: Annotated[str, TYPE._replace(required=True)] = ""
    category: Annotated[str, CATEGORY._replace(required=True)] = ""
    name: Annotated[
        str,
        Parameter(
            "Name",
            "The name, once for each language of an account; for WHATSAPP of small letters, digits and _.",
            "spring_sale",
            required=True,
            longest=LONGEST_NAME,
            one_line=True,
        ),
    ] = ""
    language: Language = ""
    components: ComponentList = None
    example: Example = {}
    cust_space_id: CustSpaceId = NO_SPACE
    category_change_paused: Annotated[bool, PAUSED] = False
    send_ttl: SendTtl = None


OPERATION = Operation(
    "CreateChatappTemplate",
    "Makes a template, or another language of one, and hands it to the review.",
    CreateChatappTemplateParams,
    SubmissionAnswer,
    errors=(codes.TEMPLATE_NAME_EXIST, *COMPONENT_ERRORS),
    ignored=SUBMISSION_IGNORED,
)


async def handle(
    request: Request[CreateChatappTemplateParams], file_error: Callable[[str], Awaitable[str]] | None
) -> Result[SubmissionAnswer]:
    """Creates a template, or adds a language to one.

    Raises:
        ApiError: a parameter is invalid.
    """
    params = request.params
    account_id, name, language = request.caller.account_id, params.name, params.language
    channel = params.template_type.lower()
    content, faults = read_contents(channel, params.category, params.components, params.send_ttl)
    faults += scope_faults(request, language, params.cust_space_id)
    if name and channel_named(channel).provider_holds_templates:
        faults += check_name(name)
    space_id = space_id_of(request, params.cust_space_id)
    namesake = _namesake(request, name, space_id)
    if namesake is not None and request.configuration.template(account_id, name, language, space_id):
        problem = f"is there in {language} already"
        faults.append(Fault(codes.TEMPLATE_NAME_EXIST, "Name", problem, value=name))
    elif namesake is not None and namesake.channel != channel:
        problem = f"is the name of a template of {namesake.channel.upper()}"
        faults.append(Fault(codes.TEMPLATE_NAME_EXIST, "Name", problem, value=name))
    request.refuse(faults)
    template = Template(
        code=namesake.code if namesake is not None else new_template_code(account_id, space_id, name),
        name=name,
        language=language,
        account_id=account_id,
        space_id=space_id or None,
        channel=channel,
        message_type=content.message_type,
        content=dict(content.content),
        status=UNREVIEWED,
        category=params.category,
        components=tuple(params.components or ()),
        example=dict(params.example),
        send_ttl=params.send_ttl or 0,
        category_change_paused=params.category_change_paused,
        created_at=request.now,
        updated_at=request.now,
    )
    await check_files(content, file_error)
    changes: list[EntryChange] = [
        inserts(template),
        relies_on_all(request, Template, id_prefix=template_ids(account_id, code_prefix(template.code))),
        *relies_on(request.configuration.space(account_id, params.cust_space_id)),
    ]
    return Result(submission_answer(template), changes=changes)


def _namesake(request: Request[CreateChatappTemplateParams], name: str, space_id: SpaceId) -> Template | None:
    """An existing template with that name, in any language; None if the name is free."""
    account_id, configuration = request.caller.account_id, request.configuration
    languages = configuration.template_languages(account_id, name, space_id) if name else ()
    return configuration.template(account_id, name, languages[0], space_id) if languages else None


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND)
