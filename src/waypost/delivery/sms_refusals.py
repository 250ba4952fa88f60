"""What is known of SMS that were refused by a limit: one log line at a time, and a reason in health."""

import structlog

from waypost.model.identifiers import AccountId

log = structlog.get_logger()

_LOG_INTERVAL_MS = 60_000
# For so long after the last refusal the limits count as met.
_RECENT_MS = 3_600_000


class SmsRefusals:
    """Counts refused SMS by account, and logs them at most once a minute."""

    def __init__(self) -> None:
        self._counts: dict[AccountId, int] = {}
        self._logged_at: dict[AccountId, int] = {}
        self._last: dict[AccountId, int] = {}

    def note(self, account_id: AccountId, reason: str, now: int) -> None:
        """Counts one.

        Args:
            now: milliseconds UTC.
        """
        self._last[account_id] = now
        self._counts[account_id] = self._counts.get(account_id, 0) + 1
        logged_at = self._logged_at.get(account_id)
        if logged_at is None or not 0 <= now - logged_at < _LOG_INTERVAL_MS:
            self._logged_at[account_id] = now
            log.warning(
                "sms.limit_reached", account=account_id, reason=reason, refused=self._counts.pop(account_id)
            )

    def recent(self, now: int) -> list[AccountId]:
        """The accounts that an SMS was refused of in the last hour; `now` in milliseconds UTC."""
        return sorted(account_id for account_id, at in self._last.items() if now - at < _RECENT_MS)
