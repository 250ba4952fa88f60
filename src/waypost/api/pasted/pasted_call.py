"""A pasted text as a call: which operation, with which parameters, signed by which key and scheme."""

import re
from typing import NamedTuple

from waypost.api.description import CALL_PARAMETERS
from waypost.api.errors.catalogue import ApiError
from waypost.api.limits import LONGEST_MASS_BODY
from waypost.api.operations.catalogue import EVERY
from waypost.api.pasted.curl_command import curl_request
from waypost.api.pasted.not_a_request import NotARequestError
from waypost.api.pasted.sent_request import SentRequest, request_of_text, request_to_url
from waypost.api.product import CAMS
from waypost.api.request import parameters
from waypost.api.signatures.scheme import Scheme
from waypost.model.quoting import shown

_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")


class PastedCall(NamedTuple):
    """A call as it was pasted.

    Attributes:
        operation: the Action, also one that no operation has.
        version: the Version of the product; that of the operation if the request has none.
        parameters: those of the operation, without what belongs to any call and to its signature.
        headers: lower-case name to value, as sent.
        scheme: by which it is signed; None if it is not.
        access_key_id: which key signed it; empty if it is not signed.
        request: the request as it is, for the signature doctor.
    """

    operation: str
    version: str
    parameters: dict[str, str]
    headers: dict[str, str]
    scheme: Scheme | None
    access_key_id: str
    request: SentRequest


def pasted_call(text: str) -> PastedCall:
    """Reads a curl command, a URL or the text of an HTTP request.

    Raises:
        NotARequestError: it is none of these, or no call of an operation.
    """
    return call_of_request(pasted_request(text))


def call_of_request(request: SentRequest) -> PastedCall:
    """Finds the operation and its parameters in a request.

    Raises:
        NotARequestError: it is no call of an operation, or its parameters cannot be decoded.
    """
    call = request.call
    if call.path != "/":
        if call.path.startswith("/queues"):
            raise NotARequestError("The request goes to a queue; a call of an operation has the path /.")
        path = shown(call.path[:64])
        raise NotARequestError(f"The request has the path {path}; a call of an operation has the path /.")
    try:
        params = parameters(call)
    except ApiError as error:
        raise NotARequestError(f"The parameters cannot be read: {error.message}") from None
    operation = call.headers.get("x-acs-action") or params.get("Action", "")
    if not operation:
        raise NotARequestError(
            "The request names no operation: it has neither a header x-acs-action nor a parameter Action."
        )
    known = EVERY.get(operation)
    version = call.headers.get("x-acs-version") or params.get("Version", "")
    authorization = call.headers.get("authorization", "")
    scheme = Scheme.V3 if authorization.startswith("ACS3-") else Scheme.V1 if "Signature" in params else None
    credential = _CREDENTIAL.search(authorization) if scheme is Scheme.V3 else None
    return PastedCall(
        operation,
        version or (known.operation.product if known is not None else CAMS).version,
        {name: value for name, value in params.items() if name not in CALL_PARAMETERS},
        dict(call.headers),
        scheme,
        credential[1] if credential is not None else params.get("AccessKeyId", ""),
        request,
    )


def pasted_request(text: str) -> SentRequest:
    """Reads a curl command, a URL or the text of an HTTP request, whatever it is sent to.

    Raises:
        NotARequestError: it is none of these.
    """
    if len(text) > LONGEST_MASS_BODY:
        raise NotARequestError(f"The text is longer than {LONGEST_MASS_BODY} characters.")
    text = text.lstrip()
    if not text:
        raise NotARequestError("There is no text. Paste a curl command, a signed URL or an HTTP request.")
    sent = [line[2:] for line in text.splitlines() if line.startswith("> ") or line == ">"]
    if text.startswith(("> ", "* ")) and sent:
        # What `curl -v` shows of a request.
        return request_of_text("\n".join(line.rstrip() for line in sent) + "\n")
    if text[:8].lower().startswith(("http://", "https://")):
        url = text.strip()
        if re.search(r"\s", url):
            raise NotARequestError("The URL has spaces or line ends; paste it alone, in one line.")
        return request_to_url("GET", url.partition("#")[0], {}, "")
    if re.match(r"[A-Za-z]{3,10}[ \t]+(?:/|https?://)\S*(?:[ \t]+HTTP/[0-9.]+)?[ \t]*(?:\r?\n|$)", text):
        return request_of_text(text)
    if re.search(r"(?:^|[\s;|&/])curl[ \t]", text):
        return curl_request(text)
    return request_of_text(text)
