"""Parameters that several operations on templates share."""

from typing import Annotated

from waypost.api.description import Parameter, without_effect
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.model import codes
from waypost.model.channels import CHANNELS, TEMPLATE_CHANNELS, VIBER
from waypost.model.identifiers import SpaceId

LONGEST_NAME = 512
"""The longest name of a template, in characters."""

ARCHIVED = "ARCHIVED"
TEMPLATE_TYPES = tuple(name.upper() for name in TEMPLATE_CHANNELS)
"""The channels whose templates can be created and changed by API calls, as values of TemplateType."""
HELD_TYPES = tuple(name.upper() for name in TEMPLATE_CHANNELS if CHANNELS[name].provider_holds_templates)
"""The channels of `TEMPLATE_TYPES` whose provider holds the templates itself."""

# Two generations of the documentation have different lists; both are in use (other-operations.md).
_CATEGORIES = (
    "UTILITY",
    "MARKETING",
    "AUTHENTICATION",
    "text",
    "image",
    "text_image_button",
    "text_button",
    "document",
    "video",
    "text_video",
    "text_video_button",
    "text_image",
)

CODE = Parameter(
    "TemplateCode",
    "The template.",
    "4521803997126430021",
    missing=codes.TEMPLATE_CODE_NOT_EMPTY,
    required_for="every call, unless TemplateName names the template",
)
LANGUAGE = Parameter(
    "Language",
    "The language of the template.",
    "en",
    required=True,
    missing=codes.LANGUAGE_NOT_EMPTY,
    invalid=codes.LANGUAGE_NOT_SUPPORT,
)
TYPE = Parameter(
    "TemplateType",
    "The channel of the template.",
    VIBER.name.upper(),
    allowed=TEMPLATE_TYPES,
    invalid=codes.TEMPLATE_TYPE_NOT_SUPPORT,
)
CATEGORY = Parameter(
    "Category",
    "What the template is for; for WHATSAPP one of the first three.",
    "MARKETING",
    allowed=_CATEGORIES,
)
SPACE = Parameter(
    "CustSpaceId",
    "The space of the template: what a call makes belongs to one space, what the operator declares to all.",
    "cams-sandbox",
    invalid=codes.UNKNOWN_RESOURCE_OWNER,
)
ARCHIVE_TYPE = Parameter(
    "ArchiveType",
    "ARCHIVED puts templates away: they are not sent and not listed. NOT_ARCHIVED brings them back.",
    ARCHIVED,
    required=True,
    allowed=(ARCHIVED, "NOT_ARCHIVED"),
)
PAUSED = Parameter(
    "CategoryChangePaused",
    "WHATSAPP: whether the template is to be stopped when Meta changes its category; stored and shown.",
    "false",
    default="false",
)
IGNORED = (*without_effect("CustWabaId", "IsvCode"), *OWNER_PARAMETERS)
"""Parameters that every operation on templates accepts and ignores."""

TemplateCode = Annotated[str, CODE]
TemplateName = Annotated[
    str, Parameter("TemplateName", "The template by its name; TemplateCode overrides it.", "spring_sale")
]
Language = Annotated[str, LANGUAGE]
TemplateType = Annotated[str, TYPE]
Category = Annotated[str, CATEGORY]
CustSpaceId = Annotated[SpaceId, SPACE]
RequiredCustSpaceId = Annotated[SpaceId, SPACE._replace(required=True)]
