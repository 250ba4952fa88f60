"""A route: which connector carries the legs of a sender."""

from waypost.connectors.contract import Connector


class Route:
    """A connector with the name that senders refer to.

    Args:
        receipt_url: the URL that the provider sends receipts to.
        longest_request: how long a request may take at most, in seconds.
    """

    def __init__(
        self, name: str, connector: Connector, receipt_url: str, longest_request: float = 30.0
    ) -> None:
        self.name = name
        self.connector = connector
        self.receipt_url = receipt_url
        self.longest_request = longest_request
