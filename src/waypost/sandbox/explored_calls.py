"""What the explorer of a sandbox has of it: keys whose secrets are known, calls, and values that it takes."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from waypost.api.description import CALL_PARAMETERS
from waypost.api.http_messages import Handler
from waypost.api.operations.catalogue import EVERY
from waypost.console.explorer.explorer_access import ExplorerAccess, KeyChoice, LatestCall
from waypost.console.explorer.form_links import link_to_form
from waypost.model.configuration import Configuration
from waypost.sandbox.calls import Call, Calls
from waypost.sandbox.seed import Seed
from waypost.sandbox.stories import stories_of

_MOST_KEYS, _MOST_CALLS = 100, 20
# Whoever runs a test suite and looks at it meanwhile.
_MOST_RUNS = 100


def explorer_access(
    seed: Seed,
    calls: Calls,
    configuration: Callable[[], Configuration],
    find_secret: Callable[[str], str | None],
    handle: Handler,
) -> ExplorerAccess:
    """The service of a sandbox's explorer.

    Args:
        configuration: returns the keys that there are now.
        find_secret: returns the secret of a key.
        handle: answers a call as the sandbox does, with all that goes wrong there.
    """
    described = {key.id: key.description for key in seed.keys}

    def keys() -> Sequence[KeyChoice]:
        others = (key for key in configuration().keys if key not in described)
        return [
            *(KeyChoice(id_, description) for id_, description in described.items()),
            *(KeyChoice(id_, "") for id_ in islice(others, _MOST_KEYS)),
        ]

    def latest_calls() -> Sequence[LatestCall]:
        return [_latest(call) for call in islice(reversed(calls.listed), _MOST_CALLS)]

    def examples(parameters: Mapping[str, str]) -> Mapping[str, str]:
        """What the first example of the page is sent with, and a sender of the channel."""
        story = stories_of(seed)[:1]
        values = dict(story[0]) if story else {}
        channel = parameters.get("ChannelType", "").lower()
        account = seed.accounts[seed.keys[0].account_id]
        senders = (one.id for one in account.senders if one.channel == channel)
        sender = next(senders, values.get("From", ""))
        return values | ({"From": sender} if sender else {})

    return ExplorerAccess(
        handle,
        keys,
        find_secret,
        latest_calls,
        examples,
        has_message_pages=True,
        layout="sandbox_layout.html",
        most_runs=_MOST_RUNS,
    )


def _latest(call: Call) -> LatestCall:
    return LatestCall(call.request_id, call.operation, call.code, call.at, own_parameters(call))


def form_of_call(root: str, call: Call) -> str | None:
    """The path of the form that makes a call again; None without an operation, or if it is too long."""
    return link_to_form(root, call.operation, own_parameters(call)) if call.operation in EVERY else None


def own_parameters(call: Call) -> dict[str, str]:
    """The parameters of a call without those of its signature."""
    return {name: value for name, value in call.parameters.items() if name not in CALL_PARAMETERS}
