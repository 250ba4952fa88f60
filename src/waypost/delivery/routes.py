"""A route: which connector carries the legs of a sender."""

from waypost.connectors.contract import Connector


class Route:
    """A connector with the name that senders refer to.

    Args:
        receipt_url: the URL that the provider sends receipts to.
        longest_request: how long a request may take at most, in seconds.
        rate: how many requests may start in a second; 0 for any number.
    """

    def __init__(
        self,
        name: str,
        connector: Connector,
        receipt_url: str,
        longest_request: float = 30.0,
        rate: int = 0,
    ) -> None:
        self.name = name
        self.connector = connector
        self.receipt_url = receipt_url
        self.longest_request = longest_request
        self.rate = rate
