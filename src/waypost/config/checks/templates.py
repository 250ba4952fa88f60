"""Checks of templates: their content by the rules of their channel, but for what each call fills in."""

import re
from collections.abc import Iterator
from typing import Any

from waypost.config.checks.draft import Draft
from waypost.config.checks.references import channel_mistakes
from waypost.config.mistakes import Mistake, Place, listed, nearest_of
from waypost.config.settings import TemplateSettings
from waypost.model.channels import CHANNELS, MESSAGE_CHANNELS
from waypost.model.content.check import check_members
from waypost.model.templates.languages import LANGUAGES
from waypost.model.templates.template import texts_of, variables

_DOUBLE_BRACES = re.compile(r"\{\{\s*([^\s{}]+)\s*\}\}")


def check_templates(draft: Draft) -> Iterator[Mistake]:
    """Yields what is wrong with templates."""
    for account_id, account in draft.settings.accounts.items():
        for number, template in enumerate(account.templates):
            at = ("accounts", account_id, "templates", number)
            yield from channel_mistakes((*at, "channel"), template.channel)
            if template.language not in LANGUAGES:
                near = nearest_of(template.language.replace("-", "_"), LANGUAGES)
                allowed = "" if near else f"the languages are {listed(LANGUAGES)}"
                yield Mistake(
                    (*at, "language"), "is {value}", allowed, template.language, near, is_warning=True
                )
            yield from _check_braces(at, template)
            if template.channel in CHANNELS:
                yield from _check_content(at, template)


def _check_content(at: Place, template: TemplateSettings) -> Iterator[Mistake]:
    rules = CHANNELS[template.channel].content
    of_channel: tuple[Place, ...] = ((*at, "channel"),)
    if not rules:
        allowed = f"the channels of templates are {listed(MESSAGE_CHANNELS)}"
        yield Mistake((*at, "channel"), "is {value}, which has no templates", allowed, template.channel)
        return
    rule = rules.get(template.message_type)
    if rule is None:
        allowed = f"on {template.channel} allowed are {listed(rules)}"
        near = nearest_of(template.message_type, rules)
        place = (*at, "message_type")
        yield Mistake(place, "is {value}", allowed, template.message_type, near, relies_on=of_channel)
        return
    relies_on = (*of_channel, (*at, "message_type"))
    place = (*at, "content")
    spellings = {
        key: rule.by_spelling.get(key) or rule.by_spelling.get(key.lower()) for key in template.content
    }
    for key, field in spellings.items():
        if field is None and not rule.open:
            near = nearest_of(key, (field.name for field in rule.fields))
            problem, allowed = "is no field of this message type", "it is left out"
            yield Mistake((*place, key), problem, allowed, nearest=near, is_warning=True, relies_on=relies_on)
    # What a variable stands in is known, and checked, when a call fills it in.
    filled_in = {
        field.name
        for key, field in spellings.items()
        if field is not None and any(variables(text) for text in texts_of(template.content[key]))
    }
    _, refused = check_members(template.channel, template.message_type, template.content, None)
    for reason in refused:
        if reason.parameter.removeprefix("Content.") not in filled_in:
            yield Mistake(place, f"is not allowed: {reason.message.rstrip('.')}", relies_on=relies_on)


def _check_braces(at: Place, template: TemplateSettings) -> Iterator[Mistake]:
    found: Any = [name for text in texts_of(template.content) for name in _DOUBLE_BRACES.findall(text)]
    for name in dict.fromkeys(found):
        problem = f"has {{{{{name}}}}}, which is sent as it stands"
        yield Mistake((*at, "content"), problem, f"a variable is written $({name})", is_warning=True)
