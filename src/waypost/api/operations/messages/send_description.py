"""SendChatappMessage as its parameter table says it."""

from waypost.api.description import Kind, Member, Operation, Parameter, without_effect
from waypost.api.errors.business import TO_SUPPRESSED, TOKEN_MISMATCH
from waypost.api.operations.messages.client_token import CLIENT_TOKEN
from waypost.api.operations.recurring import ANY_CALL, NOT_YOURS, OWNERS, SOURCE
from waypost.model.content.table import CHANNELS
from waypost.model.message.labels import Label

SUSPENDED = "Authentication.NoAuth"
_P = Parameter

SEND_CHATAPP_MESSAGE = Operation(
    name="SendChatappMessage",
    summary="Sends one message to one recipient: a template or a free message, with SMS fallback if wanted.",
    source=SOURCE + "sendchatappmessage",
    parameters=(
        _P(
            "ChannelType",
            Kind.STRING,
            "The channel.",
            "viber",
            required=True,
            allowed=tuple(CHANNELS),
            invalid="InvalidParameter.ChannelTypeNotSupport",
        ),
        _P(
            "Type",
            Kind.STRING,
            "A template message or a free message.",
            "template",
            required=True,
            allowed=("template", "message"),
        ),
        _P(
            "MessageType",
            Kind.STRING,
            "The form of a free message.",
            "text",
            required_when=("Type", "message"),
            missing="InvalidParameter.MessageTypeNotEmpty",
            invalid="InvalidParameter.MessageTypeNotSupport",
        ),
        _P(
            "TemplateCode",
            Kind.STRING,
            "The template.",
            "744c4b5c79c9432497a075bdfca30001",
            missing="InvalidParameter.TemplateCodeNotEmpty",
            invalid=NOT_YOURS,
            required_for="Type=template, unless TemplateName names the template",
        ),
        _P(
            "TemplateName",
            Kind.STRING,
            "The template by its name; TemplateCode goes before it.",
            "sandbox_welcome",
            invalid=NOT_YOURS,
        ),
        _P(
            "Language",
            Kind.STRING,
            "The language of the template; without effect on a free message.",
            "en",
            required_when=("Type", "template"),
            missing="InvalidParameter.LanguageNotEmpty",
            invalid="InvalidParameter.LanguageNotSupport",
        ),
        _P(
            "From",
            Kind.STRING,
            "The sender, digits only: for viber its Service ID, for whatsapp a registered number, for "
            "messenger the page's id, for instagram the account's id, for telegram the bot's id, for line "
            "the channel id.",
            "20001",
            required=True,
            invalid="InvalidParameter.FromOnlyNumeric",
        ),
        _P(
            "To",
            Kind.STRING,
            "The recipient: for viber and whatsapp a phone number in E.164 digits without +, for messenger a "
            "page-scoped and for instagram an Instagram-scoped user id, for telegram a chat id, for line a "
            "user id.",
            "8613900000000",
            required=True,
            invalid="InvalidParameter.ToOnlyNumeric",
        ),
        _P(
            "TemplateParams",
            Kind.JSON,
            "The values of the template's variables, a JSON object.",
            '{"name":"Zoe","code":"1234"}',
        ),
        _P(
            "Content",
            Kind.JSON,
            "The content of a free message, a JSON object; its members depend on MessageType.",
            '{"text":"hello"}',
            required_when=("Type", "message"),
            missing="InvalidParameter.ContentNotEmpty",
            invalid="InvalidParameter.ContentError",
        ),
        _P("FallBackId", Kind.STRING, "The fallback policy.", "S_000001", invalid=NOT_YOURS),
        _P(
            "FallBackContent",
            Kind.STRING,
            "The text of the fallback.",
            "This is a fallback message.",
            default="the message's own text",
        ),
        _P(
            "FallBackTo",
            Kind.STRING,
            "Waypost's own: to whom the fallback goes where that is not To, since an id of another kind is "
            "never taken for a phone number. The phone number of the SMS, in E.164 digits without +, or a "
            'JSON object of channels and addresses: {"sms":"8613900000000","telegram":"7701234"}.',
            "8613900000000",
            required_for="FallBackId with a step on whose channel To is no address",
            missing="MissingFallBackTo",
            invalid="InvalidFallBackTo",
        ),
        _P(
            "FallBackDuration",
            Kind.INTEGER,
            "Falls back when no delivered receipt came within so many seconds; goes before the wait of the "
            "policy's first step.",
            "120",
            minimum=60,
            maximum=43200,
            default="the policy's, or no timer: only a failure or a failed receipt falls back",
        ),
        _P(
            "FallBackRule",
            Kind.STRING,
            "undelivered: falls back when the message cannot reach the device. sentFailed: also when the "
            "template or its variables are not valid, which then is no error of the call.",
            "undelivered",
            allowed=("undelivered", "sentFailed"),
            default="undelivered",
        ),
        _P(
            "CustSpaceId",
            Kind.STRING,
            "The space.",
            "cams-sandbox",
            invalid=NOT_YOURS,
            default="the account's default space",
        ),
        _P(
            "TrackingData",
            Kind.STRING,
            "Passed to Viber and returned with the user's reply.",
            "tracking_id:123456",
        ),
        _P(
            "Label",
            Kind.STRING,
            "Viber's class of message; a transaction is plain text only.",
            "promotion",
            allowed=tuple(label.value for label in Label),
            required_for="ChannelType=viber",
            required_when=("ChannelType", "viber"),
        ),
        _P(
            "Ttl",
            Kind.INTEGER,
            "Seconds in which the message may be delivered; Viber is told.",
            "50",
            minimum=30,
            maximum=1_209_600,
            default="for viber the setting viber.default_ttl, else 30 days",
        ),
        _P("Tag", Kind.STRING, "Passed to Viber for its reports.", "tag"),
        _P(
            "TaskId",
            Kind.STRING,
            "The caller's own id, returned in callbacks.",
            "100000001",
            default="the MessageId",
        ),
        CLIENT_TOKEN,
        _P(
            "Payload",
            Kind.JSON,
            "What the quick-reply buttons of a whatsapp template send back, a JSON array of up to 3 strings.",
            '["yes","no"]',
        ),
        _P(
            "FlowAction",
            Kind.JSON,
            "For the flow button of a whatsapp template, a JSON object.",
            '{"FlowToken":"t1","FlowActionData":{"step":"1"}}',
        ),
        _P(
            "ProductAction",
            Kind.JSON,
            "For the products of a whatsapp template, a JSON object; at most 10 sections with 30 products.",
            '{"ThumbnailProductRetailerId":"p1"}',
        ),
        _P(
            "ContextMessageId",
            Kind.STRING,
            "The message that is replied to: its MessageId, or the MessageId of an inbound callback.",
            "wamid.HBgL",
        ),
        _P(
            "RecipientType",
            Kind.STRING,
            "What a whatsapp To is.",
            "individual",
            allowed=("individual", "group", "userId"),
            default="individual",
        ),
        *without_effect("IsvCode", "CustWabaId"),
        *OWNERS,
    ),
    answer=(
        Member(
            "MessageId", "The message's id: 25 digits that begin with the date.", "2026112303460800000100000"
        ),
    ),
    errors=(
        *ANY_CALL,
        NOT_YOURS,
        SUSPENDED,
        "InvalidParameter.TextNotEmpty",
        "InvalidParameter.LinkNotEmpty",
        "InvalidParameter.ContentError",
        "InvalidParameter.FromOnlyNumeric",
        "InvalidParameter.ToOnlyNumeric",
        "InvalidParameter.PhoneNumberError",
        TO_SUPPRESSED,
        TOKEN_MISMATCH,
        "InvalidParameter.SendSmsNotSupport",
        "InvalidParameter.SessionWindowExpired",
        "InvalidParameter.TemplateCodeNotEmpty",
        "InvalidTemplateParams",
        "InvalidParameter.AuditStatusNotSupport",
    ),
)
