"""The checks of the settings beyond their types: each a pure function that yields what is wrong."""

from collections.abc import Callable, Iterator

from waypost.config.checks.accounts import check_accounts
from waypost.config.checks.addresses import check_addresses
from waypost.config.checks.draft import Draft
from waypost.config.checks.fallbacks import check_fallbacks
from waypost.config.checks.ranges import check_ranges
from waypost.config.checks.references import check_references
from waypost.config.checks.routes import check_routes
from waypost.config.checks.senders import check_senders
from waypost.config.checks.templates import check_templates
from waypost.config.mistakes import Mistake

Check = Callable[[Draft], Iterator[Mistake]]

CHECKS: tuple[Check, ...] = (
    check_ranges,
    check_addresses,
    check_references,
    check_routes,
    check_accounts,
    check_senders,
    check_fallbacks,
    check_templates,
)
"""For whoever reads the settings; a service has more (`checks/service.py`)."""
