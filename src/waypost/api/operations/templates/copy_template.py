"""CopyTemplate: a template under another name, which has its own review.

The official pages say of its two parameters no more than "template code" and "template name". Our reading:
the first names what is copied, the second is the name of the copy.
"""

from typing import Any

import msgspec

from waypost.api.description import Kind, Member, Operation, Parameter, shown
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import ANY_CALL, ORIGIN, OWNERS, SOURCE, SUCCESS
from waypost.api.operations.templates.template_descriptions import (
    LANGUAGE,
    LONGEST_NAME,
    NAME_TAKEN,
    NOT_THERE,
    OF_ISVS,
    SPACE,
    TEMPLATE_TYPES,
)
from waypost.api.operations.templates.templates import changed, of_request, space_of, template_code
from waypost.model.faults import Fault
from waypost.model.templates.components import components_of
from waypost.model.templates.template import UNREVIEWED
from waypost.model.templates.whatsapp_components import check_name
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_CODE, _NAME = "SceneTemplateCode", "SceneTemplateName"
_P = Parameter

COPY = Operation(
    name="CopyTemplate",
    summary="Copies a template of the account to another name and hands the copy to the review.",
    source=SOURCE + "copytemplate",
    parameters=(
        _P(_CODE, Kind.STRING, "The template that is copied.", "4521803997126430021", required=True),
        _P(
            _NAME,
            Kind.STRING,
            "The name of the copy.",
            "summer_sale",
            required=True,
            longest=LONGEST_NAME,
            one_line=True,
        ),
        LANGUAGE._replace(
            required=False, missing="", description="The language that is copied.", default="all languages"
        ),
        SPACE,
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "The copy.",
            kind="object",
            members=(
                Member(_CODE, "Its TemplateCode.", "4521803997126430022"),
                Member(_NAME, "Its name.", "summer_sale"),
                Member("WhatsappCatagory", "Its category.", "MARKETING"),
            ),
        ),
    ),
    errors=(*ANY_CALL, NOT_THERE, NAME_TAKEN, "InvalidParameter.TemplateTypeNotSupport"),
)


def copy(request: Request) -> Result:
    """Copies a template.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = COPY.read(request.given)
    refuse(COPY, faults + of_request(request, texts))
    account_id, configuration = request.caller.account_id, request.configuration
    named, name = texts[_CODE], texts[_NAME]
    space_id = space_of(request, texts)
    known = configuration.template_languages(account_id, named, space_id)
    sources = [
        found
        for language in ([texts["Language"]] if "Language" in texts else known)
        if (found := configuration.template(account_id, named, language, space_id)) is not None
    ]
    if not sources:
        text = f"{shown(named)} is not a template of this account."
        raise from_faults([Fault(NOT_THERE, _CODE, text)])
    source = sources[0]
    if source.channel.upper() not in TEMPLATE_TYPES:
        text = f"templates of {source.channel} are made by the operator of this service alone."
        raise from_faults([Fault("InvalidParameter.TemplateTypeNotSupport", _CODE, text)])
    if source.channel == "whatsapp":
        wrong = [Fault(f"Invalid{_NAME}", _NAME, fault.message) for fault in check_name(name)]
        refuse(COPY, wrong)
    taken = from_faults([Fault(NAME_TAKEN, _NAME, f"{shown(name)} is there already.")])
    if configuration.template_languages(account_id, name, space_id):
        raise taken
    copies = [
        msgspec.structs.replace(
            one,
            code=template_code(account_id, space_id, name),
            name=name,
            space_id=space_id or None,
            provider_template_id=None,
            components=tuple(components_of(one)),
            status=UNREVIEWED,
            reason="",
            archived=False,
            allow_send=True,
            created_at=request.now,
            updated_at=request.now,
        )
        for one in sources
    ]

    def write(transaction: Transaction) -> None:
        if any(transaction.entry(entry_key(one)) is not None for one in copies):
            raise taken
        transaction.put_entries(copies, ORIGIN)

    data: dict[str, Any] = {_CODE: copies[0].code, _NAME: name, "WhatsappCatagory": source.category}
    return changed({"Data": data}, write)


ENDPOINTS = (Endpoint(COPY, copy),)
