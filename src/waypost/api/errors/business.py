"""The error codes of the cams operations, on messages, templates, pages and senders.

The codes, with their odd spellings, are those of the error code page of the product. It has explanations but
no literal messages, so the messages are Waypost's, except where a test fixture of a third party shows the
real one (`FileUrlError`, `TemplateNameExist`, `QueryParam.startTime`). All have HTTP 400, as in all
observations of the live service.
"""

from waypost.api.errors.error_code import ErrorCode
from waypost.api.limits import CLIENT_TOKEN_KEPT_MS
from waypost.model import codes


def _refusal(code: str, message: str, when: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, 400, message, when, remedy)


MESSAGE_ERRORS = (
    _refusal(
        codes.NO_AUTH,
        "You are not authorized to do this.",
        "The account may not use the feature at all, or the Viber sender is suspended.",
        "Have the operator of this service open the feature for the account, or the sender resumed.",
    ),
    _refusal(
        codes.CHANNEL_TYPE_NOT_SUPPORT,
        "The channel type is not supported.",
        "ChannelType is none of the channels that this service carries.",
        "Send one of the channels that the message lists.",
    ),
    _refusal(
        codes.MESSAGE_TYPE_NOT_EMPTY,
        "MessageType must not be empty.",
        "Type is message, but MessageType is missing.",
        "Send the MessageType, such as text.",
    ),
    _refusal(
        codes.MESSAGE_TYPE_NOT_SUPPORT,
        "The message type is not supported.",
        "The channel has no such MessageType.",
        "Send one of the message types that the message lists.",
    ),
    _refusal(
        codes.CONTENT_NOT_EMPTY,
        "Content must not be empty.",
        "Type is message, but Content is missing.",
        "Send the Content as JSON text.",
    ),
    _refusal(
        codes.CONTENT_ERROR,
        "Content is not well formed.",
        "Content is not JSON, or a field in it is missing, unknown to the type, or too long.",
        "Correct the field that the message names.",
    ),
    _refusal(
        codes.WINDOW_CLOSED,
        "The session window of this user is closed.",
        "A free message on WhatsApp, Messenger or Instagram, and the user's last message to this sender is "
        "more than 24 hours ago.",
        "Send a template, or wait until the user writes.",
    ),
    _refusal(
        codes.IDEMPOTENT_PARAMETER_MISMATCH,
        "The request uses the same client token as a previous, but non-identical request.",
        f"ClientToken was used for another call in the last {CLIENT_TOKEN_KEPT_MS // 3_600_000} hours.",
        "Make up a new token for every call that is not a repetition.",
    ),
    _refusal(
        codes.TO_SUPPRESSED,
        "The recipient wants no promotions from this sender.",
        "A promotion to a person on the suppression list: they wrote a STOP word to the sender, blocked it, "
        "or were put there by call.",
        "Leave the person out; a transaction may still be sent. DeleteSuppression takes them off the list.",
    ),
    _refusal(
        codes.TEXT_NOT_EMPTY,
        "The text must not be empty.",
        "A text message has no text in its Content.",
        "Send text in Content.",
    ),
    _refusal(
        codes.LINK_NOT_EMPTY,
        "The link must not be empty.",
        "A media message has no link in its Content.",
        "Send the URL of the file as link in Content.",
    ),
    _refusal(
        codes.TEMPLATE_CODE_NOT_EMPTY,
        "TemplateCode must not be empty.",
        "Type is template, but neither TemplateCode nor TemplateName is given.",
        "Send the code of an approved template.",
    ),
    _refusal(
        codes.LANGUAGE_NOT_EMPTY,
        "Language must not be empty.",
        "Type is template, but Language is missing.",
        "Send the language code of the template.",
    ),
    _refusal(
        codes.SEND_SMS_NOT_SUPPORT,
        "Fallback to SMS is not supported.",
        "FallBackId or FallBackContent is given for a channel or destination without SMS.",
        "Leave the fallback out, or have an SMS sender set up.",
    ),
    _refusal(
        codes.FROM_ONLY_NUMERIC,
        "From must be numeric.",
        "From contains something other than digits, such as a plus sign.",
        "Send digits only, without + and spaces.",
    ),
    _refusal(
        codes.TO_ONLY_NUMERIC,
        "To must be numeric.",
        "To contains something other than digits, such as a plus sign.",
        "Send the number in E.164 form without +.",
    ),
    _refusal(
        codes.PHONE_NUMBER_ERROR,
        "The phone number is not valid.",
        "A phone number is too short, too long, or belongs to no country.",
        "Send country code and number, 7 to 15 digits.",
    ),
)

TEMPLATE_ERRORS = (
    _refusal(
        codes.MESSAGE_INVALID,
        "The message body is not valid.",
        "A template's body contains variables of the form {{1}} or text that the channel refuses.",
        "Write variables as the channel wants them.",
    ),
    _refusal(
        codes.FOOTER_HAVE_VARIABLE,
        "The footer must not contain a variable.",
        "A template's footer contains a variable.",
        "Move the variable to the body.",
    ),
    _refusal(
        codes.HEADER_MORE_VARABLE,
        "The header must not contain more than one variable.",
        "A template's header contains two variables or more.",
        "Keep one variable in the header.",
    ),
    _refusal(
        codes.HEADER_TYPE_NOT_SUPPORT,
        "The header type is not supported.",
        "A template's header has a Format that the channel does not know.",
        "Use a header format that the message lists.",
    ),
    _refusal(
        codes.BUTTON_TEXT_HAVE_VARIABLE,
        "The button text must not contain a variable.",
        "The text of a template's button contains a variable.",
        "Write the button's text out.",
    ),
    _refusal(
        codes.URL_MORE_VARABLE,
        "The URL must not contain more than one variable.",
        "The URL of a template's button contains two variables or more.",
        "Keep one variable, at the end of the URL.",
    ),
    _refusal(
        codes.TEMPLATE_NAME_EXIST,
        "A template with the same name and language already exists",
        "A template is created under a name and language already used in the space.",
        "Choose another name, or change the existing template.",
    ),
    _refusal(
        codes.CREATE_ERROR,
        "The template can not be created.",
        "The channel's provider refused the template.",
        "Correct what the message tells of the provider's reason.",
    ),
    _refusal(
        codes.FILE_URL_ERROR,
        "The file can not download.",
        "The URL of a header's file is no URL, or the file can't be fetched while the call runs.",
        "Put the file where this service can fetch it over HTTPS.",
    ),
    _refusal(
        codes.LANGUAGE_NOT_SUPPORT,
        "The language is not supported.",
        "Language is not a known code.",
        "Send a language code such as en or zh_CN.",
    ),
    _refusal(
        codes.AUDIT_STATUS_NOT_SUPPORT,
        "The audit status is not supported.",
        "AuditStatus is none of the known ones, or a template's own does not allow to send or to change it.",
        "Send pass, fail, auditing or unaudit; send templates that passed; change those that have not.",
    ),
    _refusal(
        codes.TEMPLATE_TYPE_NOT_SUPPORT,
        "The template type is not supported.",
        "TemplateType is none of the channels with templates.",
        "Send WHATSAPP or VIBER.",
    ),
    _refusal(
        codes.DEL_ERROR_TEMPLATE_NOT_EXIST,
        "The template does not exist.",
        "A template to be deleted does not exist.",
        "Check TemplateCode and Language.",
    ),
    _refusal(
        codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST,
        "The template does not exist.",
        "A template to be shown or used does not exist.",
        "Check TemplateCode, Language and CustSpaceId.",
    ),
)

LIST_ERRORS = (
    _refusal(
        codes.PAGE_INVALID,
        "The page is not valid.",
        "Page is not an object with an Index from 1 and a Size.",
        'Send Page as {"Index":1,"Size":10}.',
    ),
    _refusal(
        codes.TEMPLATE_LIST_ERROR_QUERY_ERROR,
        "The template list can not be queried.",
        "The templates can't be listed with these conditions.",
        "Correct the condition that the message names.",
    ),
    _refusal(
        codes.QUERY_PARAM_START_TIME,
        "Query start time not allowed to be empty",
        "Messages are listed without StartTime.",
        "Send StartTime.",
    ),
)

QUEUE_ERRORS = (
    _refusal(
        codes.QUEUE_NOT_ENABLED,
        "The queue is not enabled.",
        "A token is wanted for a queue in which nothing is put: no space and no sender of the account has "
        "QueueFlag=Y.",
        "Call UpdateAccountWebhook or UpdatePhoneWebhook with QueueFlag=Y.",
    ),
)

BUSINESS_ERRORS = MESSAGE_ERRORS + TEMPLATE_ERRORS + LIST_ERRORS + QUEUE_ERRORS
