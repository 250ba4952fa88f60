"""The products whose operations are served; the version of one and the Action name an operation."""

from typing import NamedTuple

from waypost.model import codes


class Product(NamedTuple):
    """A product of the official service.

    Attributes:
        name: how policies name its actions, `cams:SendChatappMessage`.
        version: the Version of its calls.
        denied: the code with which a call is refused that no policy allows.
        has_code_and_message: whether its answers have the members Code and Message when nothing is wrong.
        subject: what its operations are about, as a heading.
        documents: where its official pages are; the operation's name in small letters completes an address.
    """

    name: str
    version: str
    denied: str
    has_code_and_message: bool
    subject: str
    documents: str

    @property
    def any_call(self) -> tuple[str, ...]:
        """The codes with which any call of an account can be refused."""
        return codes.UNSUBSCRIPT, self.denied, codes.LIMIT_CONTROL


_HELP = "https://www.alibabacloud.com/help/en/"
CAMS = Product(
    "cams",
    "2020-06-06",
    codes.PERMISSION_DENY,
    has_code_and_message=True,
    subject="Chat app messages",
    documents="https://alibabacloud.com/help/en/chatapp/developer-reference/api-cams-2020-06-06-",
)
RAM = Product(
    "ram",
    "2015-05-01",
    codes.NO_PERMISSION,
    has_code_and_message=False,
    subject="Users, access keys, policies and roles",
    documents=f"{_HELP}ram/developer-reference/api-ram-2015-05-01-",
)
STS = Product(
    "sts",
    "2015-04-01",
    codes.NO_PERMISSION,
    has_code_and_message=False,
    subject="Temporary credentials",
    documents=f"{_HELP}ram/developer-reference/api-sts-2015-04-01-",
)
