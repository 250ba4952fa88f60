"""The parameters of SendChatappMessage, many of which SendChatappMassMessage shares."""

from collections.abc import Mapping
from typing import Annotated

from waypost.api.description import Decoded, Kind, Parameter
from waypost.api.operations.messages.requested_fallback import (
    FALL_BACK_TO,
    FallbackAddresses,
    decode_fallback_addresses,
)
from waypost.model import codes
from waypost.model.addresses import INDIVIDUAL
from waypost.model.channels import MESSAGE_CHANNELS, VIBER, WHATSAPP
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId
from waypost.model.message.extras import (
    FlowAction,
    ProductAction,
    decode_flow_action,
    decode_payload,
    decode_product_action,
)
from waypost.model.message.labels import Label, parse_label
from waypost.model.templates.template import parse_params

TEMPLATE, MESSAGE = "template", "message"
"""The values of Type: a template message, a free message."""
UNDELIVERED, SENT_FAILED = "undelivered", "sentFailed"
"""The values of FallBackRule."""
TEMPLATE_PARAMS = "TemplateParams"


def decode_label(text: str) -> Decoded:
    """Decodes Label; accepts the typo `pormotion` of the official documentation as `promotion`."""
    label = parse_label(text)
    if label is not None:
        return label, ()
    allowed = f"allowed are {', '.join(Label)}"
    return None, [Fault(codes.invalid("Label"), "Label", "is not allowed", allowed, text)]


ChannelType = Annotated[
    str,
    Parameter(
        "ChannelType",
        "The channel.",
        "viber",
        required=True,
        allowed=MESSAGE_CHANNELS,
        invalid=codes.CHANNEL_TYPE_NOT_SUPPORT,
    ),
]
TEMPLATE_CODE = Parameter(
    "TemplateCode",
    "The template.",
    "744c4b5c79c9432497a075bdfca30001",
    missing=codes.TEMPLATE_CODE_NOT_EMPTY,
    invalid=codes.UNKNOWN_RESOURCE_OWNER,
    required_for="Type=template, unless TemplateName names the template",
    effect_when=("Type", TEMPLATE),
)
TemplateName = Annotated[
    str,
    Parameter(
        "TemplateName",
        "The template by its name; TemplateCode overrides it.",
        "sandbox_welcome",
        invalid=codes.UNKNOWN_RESOURCE_OWNER,
        effect_when=("Type", TEMPLATE),
    ),
]
LANGUAGE = Parameter(
    "Language",
    "The language of the template; without effect on a free message.",
    "en",
    required_when=("Type", "template"),
    missing=codes.LANGUAGE_NOT_EMPTY,
    invalid=codes.LANGUAGE_NOT_SUPPORT,
    effect_when=("Type", TEMPLATE),
)
From = Annotated[
    str,
    Parameter(
        "From",
        "The sender, digits only: for viber its Service ID, for whatsapp a registered number, for "
        "messenger the page's id, for instagram the account's id, for telegram the bot's id, for line "
        "the channel id.",
        "20001",
        required=True,
        invalid=codes.FROM_ONLY_NUMERIC,
    ),
]
FallBackId = Annotated[
    str, Parameter("FallBackId", "The fallback policy.", "S_000001", invalid=codes.UNKNOWN_RESOURCE_OWNER)
]
FallBackContent = Annotated[
    str,
    Parameter(
        "FallBackContent",
        "The text of the fallback; like its other parameters it has no effect without FallBackId. As an SMS "
        "it may have so many segments as sms.max_segments says (by default 10), each of 153 characters, or "
        "67 with letters beyond the GSM alphabet.",
        "This is a fallback message.",
        default="the message's own text",
    ),
]
FallBackDuration = Annotated[
    int | None,
    Parameter(
        "FallBackDuration",
        "Falls back when no delivered receipt came within so many seconds; overrides the wait of the "
        "policy's first step.",
        "120",
        minimum=60,
        maximum=43200,
        default="the policy's, or no timer: only a failure or a failed receipt falls back",
    ),
]
FallBackRule = Annotated[
    str,
    Parameter(
        "FallBackRule",
        "undelivered: falls back when the message cannot reach the device. sentFailed: also when the "
        "template or its variables are not valid, which then is no error of the call.",
        UNDELIVERED,
        allowed=(UNDELIVERED, SENT_FAILED),
        default=UNDELIVERED,
    ),
]
CustSpaceId = Annotated[
    SpaceId,
    Parameter(
        "CustSpaceId",
        "The space.",
        "cams-sandbox",
        invalid=codes.UNKNOWN_RESOURCE_OWNER,
        default="the account's default space",
    ),
]
LabelParameter = Annotated[
    Label | None,
    Parameter(
        "Label",
        "Viber's class of message; a transaction is plain text only.",
        "promotion",
        required_for="ChannelType=viber",
        required_when=("ChannelType", "viber"),
        decode=decode_label,
    ),
]
Ttl = Annotated[
    int | None,
    Parameter(
        "Ttl",
        "Seconds in which the message may be delivered; passed on to Viber.",
        "50",
        minimum=30,
        maximum=1_209_600,
        default="for viber the setting viber.default_ttl, else 30 days",
    ),
]
Tag = Annotated[
    str, Parameter("Tag", "Passed to Viber for its reports.", "tag", effect_when=("ChannelType", VIBER.name))
]
TASK_ID = Parameter(
    "TaskId",
    "The caller's own id, returned in callbacks.",
    "100000001",
    default="the MessageId",
)
Type = Annotated[
    str,
    Parameter(
        "Type",
        "A template message or a free message.",
        "template",
        required=True,
        allowed=(TEMPLATE, MESSAGE),
    ),
]
MessageType = Annotated[
    str,
    Parameter(
        "MessageType",
        "The form of a free message.",
        "text",
        required_when=("Type", "message"),
        missing=codes.MESSAGE_TYPE_NOT_EMPTY,
        invalid=codes.MESSAGE_TYPE_NOT_SUPPORT,
        effect_when=("Type", MESSAGE),
    ),
]
To = Annotated[
    str,
    Parameter(
        "To",
        "The recipient: for viber and whatsapp a phone number in E.164 digits without +, for messenger a "
        "page-scoped and for instagram an Instagram-scoped user id, for telegram a chat id, for line a "
        "user id.",
        "8613900000000",
        required=True,
        invalid=codes.TO_ONLY_NUMERIC,
    ),
]
TemplateParams = Annotated[
    Mapping[str, str],
    Parameter(
        TEMPLATE_PARAMS,
        "The values of the template's variables, a JSON object.",
        '{"name":"Zoe","code":"1234"}',
        kind=Kind.JSON,
        decode=parse_params,
        effect_when=("Type", TEMPLATE),
    ),
]
Content = Annotated[
    str,
    Parameter(
        "Content",
        "The content of a free message, a JSON object; its members depend on MessageType.",
        '{"text":"hello"}',
        required_when=("Type", "message"),
        missing=codes.CONTENT_NOT_EMPTY,
        invalid=codes.CONTENT_ERROR,
        kind=Kind.JSON,
        effect_when=("Type", MESSAGE),
    ),
]
FallBackTo = Annotated[
    FallbackAddresses,
    Parameter(
        FALL_BACK_TO,
        "Waypost's own: to whom the fallback goes where that is not To, since an id of another kind is "
        "never taken for a phone number. The phone number of the SMS, in E.164 digits without +, or a "
        'JSON object of channels and addresses: {"sms":"8613900000000","telegram":"7701234"}.',
        "8613900000000",
        required_for="FallBackId with a step on whose channel To is no address",
        missing=codes.missing(FALL_BACK_TO),
        invalid=codes.invalid(FALL_BACK_TO),
        decode=decode_fallback_addresses,
    ),
]
TrackingData = Annotated[
    str,
    Parameter(
        "TrackingData",
        "Passed to Viber and returned with the user's reply.",
        "tracking_id:123456",
        effect_when=("ChannelType", VIBER.name),
    ),
]
Payload = Annotated[
    tuple[str, ...],
    Parameter(
        "Payload",
        "What the quick-reply buttons of a whatsapp template send back, a JSON array of up to 3 strings.",
        '["yes","no"]',
        kind=Kind.JSON,
        decode=decode_payload,
        effect_when=("ChannelType", WHATSAPP.name),
    ),
]
FlowActionParameter = Annotated[
    FlowAction | None,
    Parameter(
        "FlowAction",
        "For the flow button of a whatsapp template, a JSON object.",
        '{"FlowToken":"t1","FlowActionData":{"step":"1"}}',
        kind=Kind.JSON,
        decode=decode_flow_action,
        effect_when=("ChannelType", WHATSAPP.name),
    ),
]
ProductActionParameter = Annotated[
    ProductAction | None,
    Parameter(
        "ProductAction",
        "For the products of a whatsapp template, a JSON object; at most 10 sections with 30 products.",
        '{"ThumbnailProductRetailerId":"p1"}',
        kind=Kind.JSON,
        decode=decode_product_action,
        effect_when=("ChannelType", WHATSAPP.name),
    ),
]
ContextMessageId = Annotated[
    str,
    Parameter(
        "ContextMessageId",
        "The message that is replied to: its MessageId, or the MessageId of an inbound callback.",
        "wamid.HBgL",
    ),
]
RecipientType = Annotated[
    str,
    Parameter(
        "RecipientType",
        "What a whatsapp To is.",
        INDIVIDUAL,
        allowed=(INDIVIDUAL, "group", "userId"),
        default=INDIVIDUAL,
        effect_when=("ChannelType", WHATSAPP.name),
    ),
]
