"""The service ids of the simulated Viber: those of all senders on its route, as configured now."""

from collections.abc import Callable, Iterator, Mapping

from waypost.model.configuration import Configuration


class ViberServices(Mapping[int, str]):
    """Maps each service id to its callback URL.

    Args:
        route: the route to the simulated Viber.
        callback_url: the URL, the same for all.

    Attributes:
        configuration: returns the current snapshot; set once the service under test exists.
    """

    def __init__(self, route: str, callback_url: str) -> None:
        self.configuration: Callable[[], Configuration] = Configuration
        self._route = route
        self._callback_url = callback_url

    def _is_service(self, service_id: object) -> bool:
        sender = self.configuration().sender_by_id("viber", str(service_id))
        return sender is not None and sender.route == self._route

    def __contains__(self, service_id: object) -> bool:
        return self._is_service(service_id)

    def __getitem__(self, service_id: int) -> str:
        if not self._is_service(service_id):
            raise KeyError(service_id)
        return self._callback_url

    def __iter__(self) -> Iterator[int]:
        senders = self.configuration().senders()
        return (int(id_) for channel, id_ in senders if channel == "viber" and self._is_service(id_))

    def __len__(self) -> int:
        return sum(1 for _ in self)
