"""The products cams, ram, sts and dybaseapi; the Version of a product and an Action identify an operation."""

from typing import NamedTuple

from waypost.model import codes


class Product(NamedTuple):
    """A product of the official service.

    Attributes:
        name: the prefix of its actions in policies, `cams:SendChatappMessage`.
        version: the parameter Version of its calls.
        older_versions: versions by which callers name the same operations.
        denied: the error code of a call that no policy allows.
        has_code_and_message: whether its successful answers have the members Code and Message.
        subject: the subject of its operations, as a heading.
        documents: the address of its official pages, to which the name of an operation in lower case is
            added.
    """

    name: str
    version: str
    denied: str
    has_code_and_message: bool
    subject: str
    documents: str
    older_versions: tuple[str, ...] = ()

    @property
    def any_call(self) -> tuple[str, ...]:
        """The error codes that any call of the product can be refused with once it is authenticated."""
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
DYBASE = Product(
    "dybaseapi",
    "2017-05-25",
    codes.PERMISSION_DENY,
    has_code_and_message=True,
    subject="Tokens for the queues",
    documents=f"{_HELP}chatapp/developer-reference/",
    older_versions=("2018-05-01",),
)
