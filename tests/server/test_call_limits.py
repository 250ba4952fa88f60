"""The limits of accounts follow the configuration; one that did not change goes on counting."""

from waypost.model.configuration import Account, Configuration
from waypost.model.entry_changes import ConfigurationUpdate
from waypost.model.identifiers import AccountId
from waypost.server.call_limits import AccountLimits, create_throttle

CREATE = "CreateInstance"
DEFAULT = 3


class Limits:
    """A throttle whose limits are brought up to date."""

    def __init__(self, *accounts: Account) -> None:
        self.throttle = create_throttle(DEFAULT)
        self._limits = AccountLimits(self.throttle)
        self.snapshot = Configuration()
        self.load(*accounts)

    def load(self, *accounts: Account) -> None:
        self.snapshot = Configuration(accounts)
        self._limits.apply(self.snapshot, ConfigurationUpdate(1, accounts, (), whole=True))

    def change(self, *changed: Account, removed: tuple[str, ...] = ()) -> None:
        keys = [("account", id_) for id_ in removed]
        self.snapshot = self.snapshot.with_changes(changed, keys)
        self._limits.apply(self.snapshot, ConfigurationUpdate(2, changed, keys))

    def allowed(self, account: str, calls: int = 20) -> int:
        """How many of so many calls at one moment are allowed."""
        return sum(not self.throttle.allow(account, CREATE, 100.0) for _ in range(calls))


def account(id_: str, limit: int | None) -> Account:
    return Account(id=AccountId(id_), limit=limit)


def test_an_account_has_its_own_limit_or_the_default() -> None:
    limits = Limits(account("1", 5), account("2", None), account("3", 0))
    assert [limits.allowed(id_) for id_ in "1234"] == [5, DEFAULT, 20, DEFAULT]


def test_a_changed_limit_counts_from_then_on_and_an_unchanged_one_goes_on() -> None:
    limits = Limits(account("1", 5), account("2", 5))
    assert [limits.allowed(id_) for id_ in "12"] == [5, 5]
    limits.change(account("1", 7), Account(id=AccountId("2"), name="renamed", limit=5))
    assert [limits.allowed(id_) for id_ in "12"] == [7, 0]
    limits.change(account("1", None))
    assert limits.allowed("1") == DEFAULT


def test_a_removed_account_has_the_default_limit() -> None:
    limits = Limits(account("1", 5), account("2", 5))
    limits.change(removed=("1", "9"))
    assert [limits.allowed(id_) for id_ in "12"] == [DEFAULT, 5]
    limits.change(account("1", 5))
    assert limits.allowed("1") == 5


def test_what_a_snapshot_that_was_built_anew_lacks_has_the_default_limit() -> None:
    limits = Limits(account("1", 5), account("2", 5))
    assert limits.allowed("2") == 5
    limits.load(account("2", 5))
    assert [limits.allowed(id_) for id_ in "12"] == [DEFAULT, 0]
