"""Which of the sandboxes behind one port a request is for: AccessKeyIds and paths begin with its name.

`ci-42@sandbox` is the AccessKeyId `sandbox` of the sandbox `ci-42`, whose pages, control endpoints and
webhooks are below `/@ci-42`. What names none is for the common one, whose name is empty.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from waypost.api.http_messages import HttpRequest

COMMON = ""
_QUEUES = "/queues"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_IN_PATH = re.compile(r"/@([A-Za-z0-9][A-Za-z0-9._-]{0,63})(?=/|$)")
# Of V3, of V1, and of the queues.
_KEY_IN_HEADER = re.compile(rb"(?:Credential=|MNS )([^,:\s]+)")
_KEY_IN_FORM = re.compile(rb"(?:^|&)(?:AccessKeyId|accesskeyid)=([^&]*)")


def is_name(text: str) -> bool:
    """Whether a sandbox can have that name."""
    return _NAME.fullmatch(text) is not None


def prefix_of(name: str) -> str:
    """What the AccessKeyIds of a sandbox begin with."""
    return f"{name}@" if name else ""


def root_of(name: str) -> str:
    """What the paths of a sandbox begin with."""
    return f"/@{name}" if name else ""


def name_in_path(path: str) -> str:
    """The name that a path begins with; empty if it has none."""
    found = _IN_PATH.match(path)
    return found[1] if found is not None else COMMON


def name_in_key(access_key_id: str) -> str:
    """The name that an AccessKeyId begins with; empty if it has none."""
    name, at, _ = access_key_id.rpartition("@")
    return name if at and _NAME.fullmatch(name) else COMMON


def name_of_queue_call(scope: Mapping[str, Any]) -> str:
    """The name in the AccessKeyId of a request to the queues, by its ASGI scope; empty if it has none."""
    return name_in_key(_key_in_headers(scope["headers"])) if scope["path"].startswith(_QUEUES) else COMMON


def name_of_call(request: HttpRequest) -> str:
    """The name in the AccessKeyId of a call whose body is received; empty if it has none."""
    signed = _key_in_headers(request.headers)
    if signed:
        return name_in_key(signed)
    found = _KEY_IN_FORM.search(request.query) or _KEY_IN_FORM.search(request.body)
    return name_in_key(unquote_plus(found[1].decode("latin-1"))) if found is not None else COMMON


def _key_in_headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name.lower() == b"authorization" and (found := _KEY_IN_HEADER.search(value)) is not None:
            return found[1].decode("latin-1")
    return ""
