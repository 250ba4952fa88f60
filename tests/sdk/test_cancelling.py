"""CancelMessages and GetCancellation: a campaign is stopped by a call."""

from typing import Any

from tests.processes import until
from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import own, own_refused

# A scenario of the sandbox's Viber: the provider is down for this person, so the message waits for a retry.
BUSY = "0002"


def cancelled(sandbox: Sandbox, **filters: Any) -> dict[str, Any]:
    """Cancels, and returns what came of it."""
    id_ = own(sandbox, "CancelMessages", **filters)["Data"]["CancelId"]

    def done() -> dict[str, Any] | None:
        row: dict[str, Any] = own(sandbox, "GetCancellation", CancelId=id_)["Data"]
        return row if row["State"] == "done" else None

    return until(done)


def test_what_a_provider_has_is_left_and_counted(sandbox: Sandbox, phones: Phones) -> None:
    sandbox.send(**FREE, to=phones.new(), task_id="spring-sale")
    row = cancelled(sandbox, TaskId="spring-sale")
    assert (row["CancelledCount"], row["WithProviderCount"]) == (0, 1)
    assert cancelled(sandbox, TaskId="summer-sale")["WithProviderCount"] == 0
    sandbox.advance(60)


def test_a_call_without_a_filter_has_to_confirm(sandbox: Sandbox) -> None:
    assert own_refused(sandbox, "CancelMessages").code == "MissingAll"
    assert own_refused(sandbox, "CancelMessages", All="yes").code == "InvalidAll"
    space = own_refused(sandbox, "CancelMessages", CustSpaceId="cams-nobodys", TaskId="spring-sale")
    assert space.code == "Unknown.ResourceOwnerId"
    assert cancelled(sandbox, All="true")["State"] == "done"


def test_only_an_own_cancellation_is_shown(sandbox: Sandbox) -> None:
    id_ = own(sandbox, "CancelMessages", TaskId="none")["Data"]["CancelId"]
    for wrong in ("999999", "1e3", "9" * 30):
        assert own_refused(sandbox, "GetCancellation", CancelId=wrong).code == "Unknown.ResourceOwnerId"
    foreign = own_refused(sandbox, "GetCancellation", CancelId=id_, key="neighbour")
    assert foreign.code == "Unknown.ResourceOwnerId"
    assert own_refused(sandbox, "GetCancellation").code == "MissingCancelId"
