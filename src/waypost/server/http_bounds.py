"""The bounds of a connection: how large a request may be, and how long a client may be silent.

Every bound on what a client sends before it is known who sends it belongs here; `http_protocol` and
`connections` are where bytes and connections are counted.
"""

from typing import NamedTuple

from waypost.api.limits import LONGEST_BODY, LONGEST_HEAD


class Bounds(NamedTuple):
    """The bounds of each connection.

    Attributes:
        head: the longest request line and headers together, in bytes; a longer one is refused.
        body: the longest body of a request that a `Handler` answers, in bytes; a longer one is refused as its
            endpoint refuses it. ASGI applications read bodies themselves, in pieces.
        idle_s: how long a connection may be idle between two requests, in seconds; SDKs keep theirs open.
    """

    head: int = LONGEST_HEAD
    body: int = LONGEST_BODY
    idle_s: float = 75.0


DEFAULT_BOUNDS = Bounds()
