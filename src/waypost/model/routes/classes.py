"""How transactions and promotions share a route: transactions go first, and promotions never stop."""

from typing import NamedTuple

# One, but for what adding fractions costs.
_DUE = 1.0 - 1e-9


class RouteBounds(NamedTuple):
    """How many requests of a route may be under way.

    Attributes:
        width: in all.
        promotion_share: the share of what starts that promotions get while transactions fill the route.
    """

    width: int
    promotion_share: float

    @property
    def kept(self) -> int:
        """How many places are kept for transactions: a tenth, at least one; none of a single place."""
        return max(1, self.width // 10) if self.width > 1 else 0

    @property
    def promotions(self) -> int:
        """How many promotions may be under way."""
        return self.width - self.kept

    @property
    def account(self) -> int:
        """How many of one account and one class may be under way: a quarter is left to others."""
        return self.width - self.width // 4


class PromotionTurns:
    """Says when it is a promotion's turn though transactions wait: of all that starts while both wait,
    promotions get a share.

    Args:
        share: that share, 0 to 1.
    """

    __slots__ = ("_credit", "share")

    def __init__(self, share: float) -> None:
        self.share = share
        self._credit = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the next one that starts is a promotion, if one waits."""
        return self._credit >= _DUE

    def note_transactions(self, number: int) -> None:
        """Notes transactions that went before a promotion that waits."""
        # Of the turns that promotions could not take, one is kept: a long wait earns no long run.
        self._credit = min(1.0 + self.share, self._credit + number * self.share)

    def note_promotions(self, number: int) -> None:
        """Notes promotions that started."""
        self._credit = max(0.0, self._credit - number * (1.0 - self.share))
