"""CopyTemplate: copies a template to another name; the copy is reviewed separately.

The official pages describe its two parameters only as "template code" and "template name". Waypost reads the
first as the template to copy, and the second as the name of the copy.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.derived_id import code_prefix, new_template_code
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on, relies_on_all
from waypost.api.operations.templates.lookup import find_languages, scope_faults, space_id_of, unknown_code
from waypost.api.operations.templates.parameters import (
    IGNORED,
    LANGUAGE,
    LONGEST_NAME,
    TEMPLATE_TYPES,
    CustSpaceId,
)
from waypost.model import codes
from waypost.model.channels import channel_named
from waypost.model.entries import template_ids
from waypost.model.entry_changes import EntryChange
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.templates.components import components_of
from waypost.model.templates.template import UNREVIEWED, Template
from waypost.model.templates.whatsapp_components import check_name

_CODE, _NAME = "SceneTemplateCode", "SceneTemplateName"


class CopyTemplateParams(Params, frozen=True):
    """The template to copy, and the name of the copy."""

    code: Annotated[
        str, Parameter(_CODE, "The template that is copied.", "4521803997126430021", required=True)
    ] = ""
    name: Annotated[
        str,
        Parameter(
            _NAME,
            "The name of the copy.",
            "summer_sale",
            required=True,
            longest=LONGEST_NAME,
            one_line=True,
        ),
    ] = ""
    language: Annotated[
        str,
        LANGUAGE._replace(
            required=False, missing="", description="The language that is copied.", default="all languages"
        ),
    ] = ""
    cust_space_id: CustSpaceId = NO_SPACE


class CopiedTemplate(Answer, frozen=True):
    """The code, name and category of the copy."""

    scene_template_code: Annotated[str, member("Its TemplateCode.", "4521803997126430022")]
    scene_template_name: Annotated[str, member("Its name.", "summer_sale")]
    whatsapp_catagory: Annotated[str, member("Its category.", "MARKETING")]


class CopyTemplateAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the copy."""

    data: Annotated[CopiedTemplate, member("The copy.")]


OPERATION = Operation(
    "CopyTemplate",
    "Copies a template of the account to another name and hands the copy to the review.",
    CopyTemplateParams,
    CopyTemplateAnswer,
    errors=(
        codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST,
        codes.TEMPLATE_NAME_EXIST,
        codes.TEMPLATE_TYPE_NOT_SUPPORT,
    ),
    ignored=IGNORED,
)


def handle(request: Request[CopyTemplateParams]) -> Result[CopyTemplateAnswer]:
    """Copies a template.

    Raises:
        ApiError: a parameter is invalid, or the template cannot be copied to that name.
    """
    params = request.params
    request.refuse(scope_faults(request, params.language, params.cust_space_id))
    space_id = space_id_of(request, params.cust_space_id)
    sources = find_languages(request, params.code, params.language, space_id)
    if not sources:
        raise unknown_code(_CODE, params.code)
    channel, category = sources[0].channel, sources[0].category
    if channel.upper() not in TEMPLATE_TYPES:
        problem = f"templates of {channel} are made by the operator of this service alone"
        raise from_faults([Fault(codes.TEMPLATE_TYPE_NOT_SUPPORT, _CODE, problem)])
    if channel_named(channel).provider_holds_templates:
        name_faults = check_name(params.name)
        request.refuse([fault._replace(code=codes.invalid(_NAME), parameter=_NAME) for fault in name_faults])
    if request.configuration.template_languages(request.caller.account_id, params.name, space_id):
        problem = "is there already"
        raise from_faults([Fault(codes.TEMPLATE_NAME_EXIST, _NAME, problem, value=params.name)])
    copies = _copies(request, sources, space_id)
    copied = CopiedTemplate(
        scene_template_code=copies[0].code, scene_template_name=params.name, whatsapp_catagory=category
    )
    account_id = request.caller.account_id
    changes: list[EntryChange] = [
        *map(inserts, copies),
        relies_on_all(request, Template, id_prefix=template_ids(account_id, code_prefix(copies[0].code))),
        *relies_on(request.configuration.space(account_id, params.cust_space_id)),
    ]
    return Result(CopyTemplateAnswer(data=copied), changes=changes)


def _copies(
    request: Request[CopyTemplateParams], sources: Sequence[Template], space_id: SpaceId
) -> list[Template]:
    name, code = (
        request.params.name,
        new_template_code(request.caller.account_id, space_id, request.params.name),
    )
    return [
        msgspec.structs.replace(
            source,
            code=code,
            name=name,
            space_id=space_id or None,
            provider_template_id=None,
            components=tuple(components_of(source)),
            status=UNREVIEWED,
            reason="",
            archived=False,
            allow_send=True,
            created_at=request.now,
            updated_at=request.now,
        )
        for source in sources
    ]


ENDPOINT = Endpoint(OPERATION, handle)
