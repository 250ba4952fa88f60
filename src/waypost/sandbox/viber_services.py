"""The service ids that the simulated Viber knows: those of all senders that its route carries, as of now."""

from collections.abc import Callable, Iterator, Mapping

from waypost.model.configuration import Configuration


class ViberServices(Mapping[int, str]):
    """Each service id with the address that its callbacks go to.

    Args:
        route: the route to the simulated Viber.
        callback_url: the address, the same for all.

    Attributes:
        configuration: gives the current snapshot; set once the service under test is there.
    """

    def __init__(self, route: str, callback_url: str) -> None:
        self.configuration: Callable[[], Configuration] = Configuration
        self._route = route
        self._callback_url = callback_url

    def _knows(self, service_id: object) -> bool:
        sender = self.configuration().sender_by_id("viber", str(service_id))
        return sender is not None and sender.route == self._route

    def __contains__(self, service_id: object) -> bool:
        return self._knows(service_id)

    def __getitem__(self, service_id: int) -> str:
        if not self._knows(service_id):
            raise KeyError(service_id)
        return self._callback_url

    def __iter__(self) -> Iterator[int]:
        senders = self.configuration().senders()
        return (int(id_) for channel, id_ in senders if channel == "viber" and self._knows(id_))

    def __len__(self) -> int:
        return sum(1 for _ in self)
