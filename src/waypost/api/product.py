"""The products whose operations are served; the version of one and the Action name an operation."""

from typing import NamedTuple


class Product(NamedTuple):
    """A product of the official service.

    Attributes:
        name: how policies name its actions, `cams:SendChatappMessage`.
        version: the Version of its calls.
        denied: the code with which a call is refused that no policy allows.
        has_code_and_message: whether its answers have the members Code and Message when nothing is wrong.
        what: what its operations are about, as a heading.
    """

    name: str
    version: str
    denied: str
    has_code_and_message: bool
    what: str


CAMS = Product(
    "cams", "2020-06-06", "Ram.PermissionDeny", has_code_and_message=True, what="Chat app messages"
)
RAM = Product(
    "ram",
    "2015-05-01",
    "NoPermission",
    has_code_and_message=False,
    what="Users, access keys, policies and roles",
)
STS = Product("sts", "2015-04-01", "NoPermission", has_code_and_message=False, what="Temporary credentials")
