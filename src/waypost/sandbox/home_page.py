"""The sandbox's front page: what is there, and how to use it, read from the fixture and the magic table."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from waypost.config.settings import AccountSettings
from waypost.console.rendering import Renderer
from waypost.model.channels import MESSAGE_CHANNELS
from waypost.model.templates.template import variables
from waypost.sandbox import fixture
from waypost.sandbox.scenarios import OTHERWISE, SCENARIOS


class HomePage:
    """Answers with it.

    Args:
        limit: calls a second for each account; 0 for none.
        callback_url: where callbacks are pushed to; empty when they are kept.
    """

    def __init__(self, *, limit: int, callback_url: str) -> None:
        self._limit = limit
        self._callback_url = callback_url
        self._renderer = Renderer("waypost.sandbox")

    def routes(self) -> list[BaseRoute]:
        """The route."""
        return [Route("/", self.page)]

    async def page(self, request: Request) -> Response:
        """The page, with the address under which its reader sees it."""
        endpoint = request.url.netloc
        account = fixture.ACCOUNTS[fixture.KEYS[0].account_id]
        return self._renderer.page(
            "sandbox.html",
            endpoint=endpoint,
            address=f"{request.url.scheme}://{endpoint}",
            scheme=request.url.scheme,
            limit=self._limit,
            callback_url=self._callback_url,
            keys=fixture.KEYS,
            accounts=[(number, _owned(owned)) for number, owned in fixture.ACCOUNTS.items()],
            key=fixture.KEYS[0].id,
            sender=fixture.VIBER_SENDERS[0],
            policy=account.fallbacks[0].id,
            scenarios=SCENARIOS,
            otherwise=OTHERWISE,
        )


def _owned(account: AccountSettings) -> list[tuple[str, list[str]]]:
    """What an account has, in words; nothing for one that has nothing."""
    templates: dict[str, list[str]] = {}
    variables_used: dict[str, None] = {}
    for template in account.templates:
        templates.setdefault(template.code, []).append(template.language)
        for text in template.content.values():
            variables_used.update(dict.fromkeys(variables(str(text))))
    return [
        ("CustSpaceId", list(account.spaces)),
        *(
            (f"From on {channel}", [sender.id for sender in account.senders if sender.channel == channel])
            for channel in MESSAGE_CHANNELS
        ),
        ("SMS sender", [sender.id for sender in account.senders if sender.channel == "sms"]),
        ("FallBackId", [policy.id for policy in account.fallbacks]),
        ("TemplateCode", [f"{code} ({', '.join(languages)})" for code, languages in templates.items()]),
        ("TemplateParams", list(variables_used)),
    ]
