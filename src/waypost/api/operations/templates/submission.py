"""The contents of a template, which CreateChatappTemplate and ModifyChatappTemplate submit for review."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

from waypost.api.description import Decoded, Kind, Parameter, without_effect
from waypost.api.errors.catalogue import from_faults
from waypost.api.json_decoders import list_decoder, object_decoder
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.templates.parameters import IGNORED
from waypost.model import codes
from waypost.model.channels import channel_named
from waypost.model.faults import Fault
from waypost.model.templates.component_faults import COMPONENTS
from waypost.model.templates.components import TemplateContent, files_of, read_components
from waypost.model.templates.template import Template
from waypost.model.templates.whatsapp_components import check_terms, read_whatsapp_components

_decode_list = list_decoder(COMPONENTS)
_decode_object = object_decoder("Example")


def decode_components(text: str) -> Decoded:
    """Decodes Components, a list of objects, which are stored as sent."""
    components, faults = _decode_list(text)
    if "\\u0000" in text:
        nul = Fault(codes.invalid(COMPONENTS), COMPONENTS, "it holds the character NUL")
        return None, [*faults, nul]
    return components, faults


def decode_example(text: str) -> Decoded:
    """Decodes Example: variable to example value; a value that is not a string is converted to one."""
    members, faults = _decode_object(text)
    return (None, faults) if faults else ({name: str(value) for name, value in members.items()}, ())


ComponentList = Annotated[
    Sequence[dict[str, Any]] | None,
    Parameter(
        COMPONENTS,
        "What the template is made of. VIBER: a BODY with Text, a HEADER with Format (IMAGE, DOCUMENT, "
        "VIDEO), Url and, for a document, FileName and FileType, for a video ThumbUrl and Duration, and "
        "BUTTONS with one button of the Type URL, beside a video without Url. WHATSAPP: a BODY, and HEADER "
        "(TEXT, IMAGE, DOCUMENT, VIDEO), FOOTER, BUTTONS (up to 10), CAROUSEL, "
        "LIMITED_TIME_OFFER; for AUTHENTICATION a BODY and a FOOTER without Text and one button (COPYCODE, "
        "ONE_TAP, ZERO_TAP), whose password is the variable code. Variables are written $(name): in the Text "
        "of the BODY, and one each in the HEADER, at the end of a button's Url and as a CouponCode. A "
        "limited-time offer with HasExpiration has the variable expiration_time_ms.",
        '[{"Type":"BODY","Text":"Hello $(name)"}]',
        required=True,
        decode=decode_components,
    ),
]
Example = Annotated[
    Mapping[str, str],
    Parameter(
        "Example",
        "A value for each variable, for the review.",
        '{"name":"Zoe"}',
        decode=decode_example,
        kind=Kind.JSON,
    ),
]
SendTtl = Annotated[
    int | None,
    Parameter(
        "MessageSendTtlSeconds",
        "WHATSAPP: seconds in which a message of the template may be delivered; AUTHENTICATION 30 to 900, "
        "UTILITY 30 to 43200.",
        "600",
        minimum=30,
        maximum=43_200,
        default="as for any message",
    ),
]
SUBMISSION_IGNORED = (*without_effect("AllowCategoryChange", "ProductSetId"), *IGNORED)
COMPONENT_ERRORS = (
    codes.missing("Type"),
    codes.missing("Text"),
    codes.missing("Url"),
    codes.HEADER_TYPE_NOT_SUPPORT,
    codes.MESSAGE_INVALID,
    codes.BUTTON_TEXT_HAVE_VARIABLE,
    codes.URL_MORE_VARABLE,
    codes.FILE_URL_ERROR,
    codes.FOOTER_HAVE_VARIABLE,
    codes.HEADER_MORE_VARABLE,
    codes.PHONE_NUMBER_ERROR,
    codes.missing("CouponCode"),
    codes.missing("FlowId"),
    codes.missing("NavigateScreen"),
    codes.missing("AutofillText"),
    codes.missing("PackageName"),
    codes.missing("SignatureHash"),
)
"""The error codes of invalid components."""


class SubmittedTemplate(Answer, frozen=True):
    """The code and name of a submitted template."""

    template_code: Annotated[
        str, member("19 digits, the same in every language of the name.", "4521803997126430021")
    ]
    template_name: Annotated[str, member("The name.", "spring_sale")]


class SubmissionAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the template that was submitted for review."""

    data: Annotated[SubmittedTemplate, member("The template.")]


def submission_answer(template: Template) -> SubmissionAnswer:
    """The answer to a call that submitted a template."""
    return SubmissionAnswer(data=SubmittedTemplate(template_code=template.code, template_name=template.name))


def read_contents(
    channel: str, category: str, components: Sequence[Mapping[str, Any]] | None, send_ttl: int | None
) -> tuple[TemplateContent, list[Fault]]:
    """Converts components to the content of a template; also returns the faults of the components, the
    category and the time to live.

    Args:
        channel: in lower case.
        category: empty when the parameter is invalid.
        components: None when the parameter is invalid.
        send_ttl: seconds; None without MessageSendTtlSeconds.
    """
    content = TemplateContent()
    faults: list[Fault] = []
    if components is not None:
        if channel_named(channel).provider_holds_templates:
            content, faults = read_whatsapp_components(components, category)
        else:
            content, faults = read_components(components)
    if channel_named(channel).provider_holds_templates and category:
        faults += check_terms(category, send_ttl)
    return content, faults


async def check_files(content: TemplateContent, file_error: Callable[[str], Awaitable[str]] | None) -> None:
    """Checks that the files whose URLs a template contains can be downloaded.

    Args:
        file_error: as in `waypost.api.operations.endpoint.Dependencies`.

    Raises:
        ApiError: a file cannot be downloaded.
    """
    if file_error is None:
        return
    links = files_of(content.content)
    errors = await asyncio.gather(*map(file_error, links))
    for link, error in zip(links, errors, strict=True):
        if error:
            parameter, problem = f"{COMPONENTS}.HEADER.Url", f"cannot be downloaded: {error}"
            raise from_faults([Fault(codes.FILE_URL_ERROR, parameter, problem, value=link)])
