"""How classes share a route: the places that are kept, and when it is a promotion's turn."""

import pytest

from waypost.model.routes.classes import PromotionTurns, RouteBounds
from waypost.model.routes.state import Breaker, RouteState


@pytest.mark.parametrize(
    ("width", "kept", "account"), [(1, 0, 1), (2, 1, 2), (4, 1, 3), (10, 1, 8), (20, 2, 15), (256, 25, 192)]
)
def test_a_tenth_is_kept_for_transactions_and_a_quarter_for_other_accounts(
    width: int, kept: int, account: int
) -> None:
    bounds = RouteBounds(width, 0.02)
    assert (bounds.kept, bounds.promotions, bounds.account) == (kept, width - kept, account)


@pytest.mark.parametrize(("share", "promotions"), [(0.0, 0), (0.02, 20), (0.1, 100), (0.5, 500)])
def test_of_all_that_starts_promotions_have_their_share(share: float, promotions: int) -> None:
    turns = PromotionTurns(share)
    started = 0
    for _ in range(1001):
        if turns.is_due:
            turns.note_promotions(1)
            started += 1
        else:
            turns.note_transactions(1)
    assert started == pytest.approx(promotions, abs=1)


def test_a_long_wait_earns_no_long_run() -> None:
    turns = PromotionTurns(0.5)
    turns.note_transactions(1000)
    assert turns.is_due
    turns.note_promotions(1)
    turns.note_promotions(1)
    assert not turns.is_due


@pytest.mark.parametrize("breaker", Breaker)
@pytest.mark.parametrize("paused_by", ["", "ops"])
def test_a_route_is_usable_while_its_provider_answers_and_nobody_paused_it(
    breaker: Breaker, paused_by: str
) -> None:
    state = RouteState(route="r", breaker=breaker, paused_by=paused_by)
    assert state.is_paused is bool(paused_by)
    assert state.is_usable is (breaker is Breaker.CLOSED and not paused_by)
