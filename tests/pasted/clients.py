"""Requests as clients sign and send them, and the texts by which people show them."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from tests.sdk.callers import signed_call
from waypost.api.request import Call
from waypost.api.sdk_code.literals import shell_text

FORM = "application/x-www-form-urlencoded"
_COMMON = {
    "AccessKeyId": "LTAI5t",
    "Format": "JSON",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureNonce": "7c1",
    "SignatureVersion": "1.0",
    "Timestamp": "2026-11-27T08:00:00Z",
    "Version": "2020-06-06",
}


def v3_call(operation: str, parameters: Mapping[str, str], *, in_body: bool) -> Call:
    """All in the query, as current SDKs and `waypost call` sign, or in a form."""
    raw = urlencode(parameters, quote_via=quote)
    query, body = ("", raw) if in_body else (raw, "")
    more = {"content-type": FORM} if body else {}
    fields = {} if in_body else parameters
    _, headers = signed_call(
        "127.0.0.1:8080", operation, "LTAI5t", "secret", fields, body.encode(), more=more
    )
    return Call("POST", "/", query, headers, body.encode(), "")


def v1_call(operation: str, parameters: Mapping[str, str], method: str) -> Call:
    """As older SDKs sign: all in the query of a GET, or in the form of a POST."""
    params = {**parameters, **_COMMON, "Action": operation}
    raw = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in sorted(params.items()))
    text = f"{method}&%2F&{quote(raw, safe='')}"
    signature = base64.b64encode(hmac.new(b"secret&", text.encode(), hashlib.sha1).digest()).decode()
    raw += f"&Signature={quote(signature, safe='')}"
    headers = {"host": "127.0.0.1:8080"}
    if method == "GET":
        return Call("GET", "/", raw, headers, b"", "")
    return Call("POST", "/", "", {**headers, "content-type": FORM}, raw.encode(), "")


def raw_text(call: Call, line_end: str = "\r\n") -> str:
    """A request as it goes over the wire."""
    target = f"/?{call.raw_query}" if call.raw_query else "/"
    headers = {**call.headers, "content-length": str(len(call.body))}
    lines = (f"{call.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()))
    return line_end.join((*lines, "", call.body.decode()))


def verbose_text(call: Call) -> str:
    """A request as `curl -v` shows it, which has its headers alone."""
    lines = raw_text(call, "\n").partition("\n\n")[0].splitlines()
    return "\n".join(
        ["*   Trying 127.0.0.1:8080...", *(f"> {line}" for line in lines), "> ", "< HTTP/1.1 200 OK"]
    )


def url_text(call: Call) -> str:
    """A signed URL."""
    return f"http://{call.headers['host']}/?{call.raw_query}"


def curl_text(call: Call) -> str:
    """A curl command, as browsers and tools write it."""
    words = [
        "curl",
        "-X",
        call.method,
        url_text(call) if call.raw_query else f"http://{call.headers['host']}",
    ]
    for name, value in call.headers.items():
        words += ["-H", f"{name}: {value}"]
    if call.body:
        words += ["--data-raw", call.body.decode()]
    return " \\\n  ".join(map(shell_text, words))
