"""The documented codes with which the rules answer a faulty call (errors.md §3 and, for the last, §4).

Their HTTP status and the body they travel in are the front door's.
"""

CHANNEL_TYPE_NOT_SUPPORT = "InvalidParameter.ChannelTypeNotSupport"
MESSAGE_TYPE_NOT_SUPPORT = "InvalidParameter.MessageTypeNotSupport"
CONTENT_NOT_EMPTY = "InvalidParameter.ContentNotEmpty"
CONTENT_ERROR = "InvalidParameter.ContentError"
TEXT_NOT_EMPTY = "InvalidParameter.TextNotEmpty"
LINK_NOT_EMPTY = "InvalidParameter.LinkNotEmpty"
FROM_ONLY_NUMERIC = "InvalidParameter.FromOnlyNumeric"
# The readable copy of the page breaks off inside this name; the rest of it is our reading.
TO_ONLY_NUMERIC = "InvalidParameter.ToOnlyNumeric"
PHONE_NUMBER_ERROR = "InvalidParameter.PhoneNumberError"
# No list names the refusal of a free message outside the window; the form is that of the documented codes.
WINDOW_CLOSED = "InvalidParameter.SessionWindowExpired"
# The gateway's form for a parameter that is not valid, `Invalid{ParameterName}`.
INVALID_TEMPLATE_PARAMS = "InvalidTemplateParams"
