"""The products whose operations are served; the version of one and the Action name an operation."""

from typing import NamedTuple


class Product(NamedTuple):
    """A product of the official service.

    Attributes:
        name: how policies name its actions, `cams:SendChatappMessage`.
        version: the Version of its calls.
        denied: the code with which a call is refused that no policy allows.
        says_ok: whether its answers have the members Code and Message when nothing is wrong.
        what: what its operations are about, as a heading.
    """

    name: str
    version: str
    denied: str
    says_ok: bool
    what: str


CAMS = Product("cams", "2020-06-06", "Ram.PermissionDeny", says_ok=True, what="Chat app messages")
RAM = Product(
    "ram", "2015-05-01", "NoPermission", says_ok=False, what="Users, access keys, policies and roles"
)
STS = Product("sts", "2015-04-01", "NoPermission", says_ok=False, what="Temporary credentials")
