"""What an HTTP status alone says of a submission, for responses whose body does not say more."""

from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown
from waypost.outbound.reply import Reply, retry_after


def outcome_of_status(reply: Reply, text: str, code: str = "") -> Refused | Unknown:
    """The outcome that a status other than 2xx means, whatever the body is: a page of a proxy, or nothing.

    Args:
        text: the provider's words.
        code: the provider's code; empty for none.
    """
    match reply.status:
        case 429:
            return Refused(SendFailure.RATE_LIMITED, code, text, retry_after(reply))
        case 503:
            return Refused(SendFailure.BUSY, code, text, retry_after(reply))
        case 401 | 403 | 404 | 405:
            return Refused(SendFailure.NOT_CONFIGURED, code, text)
        case status if 400 <= status < 500 and status != 408:
            return Refused(SendFailure.BAD_REQUEST, code, text)
        case _:
            return Unknown(text)
