"""The descriptions of the operations on templates."""

from waypost.api.description import Kind, Member, Operation, Parameter, without_effect
from waypost.api.operations.recurring import ANY_CALL, NOT_YOURS, OWNERS, SOURCE, SUCCESS
from waypost.api.structured import PAGE_INVALID
from waypost.model.templates.components import (
    BODY_INVALID,
    BUTTON_HAS_VARIABLE,
    FILE_URL,
    HEADER_NOT_SUPPORTED,
    INVALID,
    URL_HAS_VARIABLES,
)
from waypost.model.templates.template import AUDIT_STATUSES
from waypost.model.templates.whatsapp_buttons import PHONE_NUMBER
from waypost.model.templates.whatsapp_parts import FOOTER_HAS_VARIABLE, HEADER_HAS_VARIABLES

NOT_THERE = "DetailError.TemplateNotExist"
NOTHING_TO_DELETE = "DelError.TemplateNotExist"
STATUS = "InvalidParameter.AuditStatusNotSupport"
NAME_TAKEN = "InvalidParameter.TemplateNameExist"
CODE_INVALID = "InvalidTemplateCode"
SEND_TTL = "MessageSendTtlSeconds"
LONGEST_NAME = 512
TEMPLATE_TYPES = ("WHATSAPP", "VIBER")
# Two generations of the documentation have two lists; both are in use (other-operations.md).
CATEGORIES = (
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
_P = Parameter
ARCHIVED = "ARCHIVED"

CODE = _P(
    "TemplateCode",
    Kind.STRING,
    "The template.",
    "4521803997126430021",
    missing="InvalidParameter.TemplateCodeNotEmpty",
    required_for="every call, unless TemplateName names the template",
)
_NAME = _P(
    "TemplateName", Kind.STRING, "The template by its name; TemplateCode goes before it.", "spring_sale"
)
LANGUAGE = _P(
    "Language",
    Kind.STRING,
    "The language of the template.",
    "en",
    required=True,
    missing="InvalidParameter.LanguageNotEmpty",
    invalid="InvalidParameter.LanguageNotSupport",
)
TYPE = _P(
    "TemplateType",
    Kind.STRING,
    "The channel of the template.",
    "VIBER",
    allowed=TEMPLATE_TYPES,
    invalid="InvalidParameter.TemplateTypeNotSupport",
)
_CATEGORY = _P(
    "Category",
    Kind.STRING,
    "What the template is for; for WHATSAPP one of the first three.",
    "MARKETING",
    allowed=CATEGORIES,
)
_COMPONENTS = _P(
    "Components",
    Kind.LIST,
    "What the template is made of. VIBER: a BODY with Text, a HEADER with Format (IMAGE, DOCUMENT), Url and, "
    "for a document, FileName and FileType, and BUTTONS with one button of the Type URL. WHATSAPP: a BODY, "
    "and HEADER (TEXT, IMAGE, DOCUMENT, VIDEO), FOOTER, BUTTONS (up to 10), CAROUSEL, LIMITED_TIME_OFFER; "
    "for AUTHENTICATION a BODY and a FOOTER without Text and one button (COPYCODE, ONE_TAP, ZERO_TAP), "
    "whose password is the variable code. Variables are written $(name): in the Text of the BODY, and one "
    "each in the HEADER, at the end of a button's Url and as a CouponCode. A limited-time offer with "
    "HasExpiration has the variable expiration_time_ms.",
    '[{"Type":"BODY","Text":"Hello $(name)"}]',
    required=True,
    invalid=INVALID,
)
_EXAMPLE = _P("Example", Kind.JSON, "A value for each variable, for the review.", '{"name":"Zoe"}')
SPACE = _P(
    "CustSpaceId",
    Kind.STRING,
    "A space of the account. A template belongs to the account, and all its spaces can send it.",
    "cams-sandbox",
    invalid=NOT_YOURS,
)


ARCHIVE_TYPE = _P(
    "ArchiveType",
    Kind.STRING,
    "ARCHIVED puts templates away: they are not sent and not listed. NOT_ARCHIVED brings them back.",
    "ARCHIVED",
    required=True,
    allowed=(ARCHIVED, "NOT_ARCHIVED"),
)


OF_ISVS = without_effect("CustWabaId", "IsvCode")
PAUSED = _P(
    "CategoryChangePaused",
    Kind.STRING,
    "WHATSAPP: whether the template is to be stopped when Meta changes its category; kept and shown.",
    "false",
    allowed=("true", "false"),
    default="false",
)
_SEND_TTL = _P(
    SEND_TTL,
    Kind.INTEGER,
    "WHATSAPP: seconds in which a message of the template may be delivered; AUTHENTICATION 30 to 900, "
    "UTILITY 30 to 43200.",
    "600",
    minimum=30,
    maximum=43_200,
    default="as for any message",
)
_OF_WHATSAPP = without_effect("AllowCategoryChange", "ProductSetId")
_MADE = Member(
    "Data",
    "The template.",
    kind="object",
    members=(
        Member("TemplateCode", "19 digits, the same in every language of the name.", "4521803997126430021"),
        Member("TemplateName", "The name.", "spring_sale"),
    ),
)
_OF_COMPONENTS = (
    "MissingType",
    "MissingText",
    "MissingUrl",
    HEADER_NOT_SUPPORTED,
    BODY_INVALID,
    BUTTON_HAS_VARIABLE,
    URL_HAS_VARIABLES,
    FILE_URL,
    FOOTER_HAS_VARIABLE,
    HEADER_HAS_VARIABLES,
    PHONE_NUMBER,
    "MissingCouponCode",
    "MissingFlowId",
    "MissingNavigateScreen",
    "MissingAutofillText",
    "MissingPackageName",
    "MissingSignatureHash",
)

CREATE = Operation(
    name="CreateChatappTemplate",
    summary="Makes a template, or another language of one, and hands it to the review.",
    source=SOURCE + "createchatapptemplate",
    parameters=(
        TYPE._replace(required=True),
        _CATEGORY._replace(required=True),
        _P(
            "Name",
            Kind.STRING,
            "The name, once for each language of an account; for WHATSAPP of small letters, digits and _.",
            "spring_sale",
            required=True,
            longest=LONGEST_NAME,
            one_line=True,
        ),
        LANGUAGE,
        _COMPONENTS,
        _EXAMPLE,
        SPACE,
        PAUSED,
        _SEND_TTL,
        *_OF_WHATSAPP,
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(SUCCESS, _MADE),
    errors=(*ANY_CALL, NAME_TAKEN, *_OF_COMPONENTS),
)

MODIFY = Operation(
    name="ModifyChatappTemplate",
    summary="Changes a template that has not passed its review, and hands it to the review again.",
    source=SOURCE + "modifychatapptemplate",
    parameters=(
        CODE,
        _NAME,
        LANGUAGE,
        _COMPONENTS,
        _EXAMPLE,
        TYPE,
        _CATEGORY._replace(description="The category the template has; it cannot be changed."),
        SPACE,
        PAUSED,
        _SEND_TTL,
        *_OF_WHATSAPP,
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(SUCCESS, _MADE),
    errors=(*ANY_CALL, NOT_THERE, STATUS, CODE_INVALID, *_OF_COMPONENTS),
)

_DETAIL_MEMBERS = (
    Member("TemplateCode", "The template.", "4521803997126430021"),
    Member("Name", "Its name.", "spring_sale"),
    Member("TemplateType", "Its channel, in capitals.", "VIBER"),
    Member("Category", "What it is for.", "MARKETING"),
    Member("Language", "Its language.", "en"),
    Member("AuditStatus", f"One of {', '.join(AUDIT_STATUSES)}.", "pass"),
    Member("Reason", "With fail: why.", ""),
    Member("AllowSend", "Whether it can be sent.", kind="boolean"),
    Member("Components", "As they were given.", kind="array"),
    Member("Example", "As it was given.", kind="object"),
    Member("CategoryChangePaused", "WHATSAPP: as it was given.", kind="boolean"),
    Member(SEND_TTL, "WHATSAPP: as it was given.", "600", kind="integer"),
)

DETAIL = Operation(
    name="GetChatappTemplateDetail",
    summary="Shows one language of a template.",
    source=SOURCE + "getchatapptemplatedetail",
    parameters=(CODE, _NAME, LANGUAGE, TYPE, SPACE, *OF_ISVS, *OWNERS),
    answer=(SUCCESS, Member("Data", "The template.", kind="object", members=_DETAIL_MEMBERS)),
    errors=(*ANY_CALL, NOT_THERE),
)

LIST = Operation(
    name="ListChatappTemplate",
    summary="Lists the account's templates, each language of each, by name and language.",
    source=SOURCE + "listchatapptemplate",
    parameters=(
        _P(
            "AuditStatus",
            Kind.STRING,
            "Lists templates in that state of the review.",
            "pass",
            allowed=AUDIT_STATUSES,
            invalid=STATUS,
        ),
        _CATEGORY,
        _P("Code", Kind.STRING, "Lists the languages of one template.", "4521803997126430021"),
        ARCHIVE_TYPE._replace(
            description="Waypost's own: ARCHIVED lists the templates that are archived, and no others.",
            required=False,
            default="NOT_ARCHIVED: those that are not",
        ),
        _P("Name", Kind.STRING, "Lists templates whose name holds that text.", "spring"),
        LANGUAGE._replace(required=False, description="Lists templates in that language.", missing=""),
        TYPE,
        _P(
            "Page",
            Kind.OBJECT,
            "Which part of the list.",
            '{"Index":1,"Size":10}',
            default="the first 10",
            invalid=PAGE_INVALID,
        ),
        SPACE,
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        Member("Total", "How many there are on all pages.", kind="integer"),
        Member(
            "ListTemplate",
            "The templates.",
            kind="array",
            members=(
                Member("TemplateCode", "The template.", "4521803997126430021"),
                Member("TemplateName", "Its name.", "spring_sale"),
                *_DETAIL_MEMBERS[2:7],
                Member("LastUpdateTime", "When it changed last, milliseconds UTC.", kind="integer"),
            ),
        ),
    ),
    errors=ANY_CALL,
)

DELETE = Operation(
    name="DeleteChatappTemplate",
    summary="Deletes a template: one language of it, or all.",
    source=SOURCE + "deletechatapptemplate",
    parameters=(
        CODE,
        _NAME,
        LANGUAGE._replace(
            required=False,
            missing="",
            description="The language that is deleted.",
            default="all languages",
        ),
        TYPE,
        SPACE,
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(SUCCESS,),
    errors=(*ANY_CALL, NOTHING_TO_DELETE, CODE_INVALID),
)
