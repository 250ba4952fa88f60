"""Checks of fallback policies: the senders that their rules name, their conditions and waits."""

from collections.abc import Iterator

from waypost.config.checks.draft import Draft
from waypost.config.checks.references import channel_mistakes
from waypost.config.mistakes import Mistake, Place, listed, nearest_of
from waypost.config.settings import AccountSettings, RuleSettings
from waypost.model import codes
from waypost.model.channels import CHANNELS
from waypost.model.fallback.chain import step_error, unread_error


def check_fallbacks(draft: Draft) -> Iterator[Mistake]:
    """Yields what is wrong with the rules of fallback policies."""
    for account_id, account in draft.settings.accounts.items():
        at = ("accounts", account_id)
        for number, fallback in enumerate(account.fallbacks):
            place = (*at, "fallbacks", number)
            if not fallback.id:
                yield Mistake((*place, "id"), "is empty", "it is the FallBackId of calls")
            if not fallback.rules:
                yield Mistake((*place, "rules"), "is empty", "at least one step is needed")
            before = ""
            for step, rule in enumerate(fallback.rules):
                yield from _check_rule(at, (*place, "rules", step), account, rule, before)
                before = rule.channel


def _check_rule(
    at: Place, place: Place, account: AccountSettings, rule: RuleSettings, before: str
) -> Iterator[Mistake]:
    yield from channel_mistakes((*place, "channel"), rule.channel)
    if rule.channel in CHANNELS:
        senders = [sender.id for sender in account.senders if sender.channel == rule.channel]
        if rule.sender not in senders:
            problem = f"names the {rule.channel} sender {{value}}, which the account does not have"
            allowed = f"its {rule.channel} senders are {listed(senders)}"
            near = nearest_of(rule.sender, senders)
            relies_on = ((*place, "channel"), (*at, "senders"))
            yield Mistake((*place, "sender"), problem, allowed, rule.sender, near, relies_on=relies_on)
        if CHANNELS[rule.channel].activated_by_account and not account.sms_fallback:
            problem = "is {value}, while sms_fallback of the account is false"
            allowed = f"calls with it are answered {codes.SEND_SMS_NOT_SUPPORT}"
            yield Mistake((*place, "channel"), problem, allowed, rule.channel, is_warning=True)
    error = step_error(rule.condition, rule.wait)
    if not error and before in CHANNELS:
        error = unread_error(rule.condition, before)
    if error:
        yield Mistake(place, "cannot be a step", error)
