"""`/here`, what is here: the sandbox's accounts, keys and scenarios, and how to use them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.config.settings import AccountSettings
from waypost.console.rendering import Renderer
from waypost.model.channels import MESSAGE_CHANNELS
from waypost.model.templates.template import variables
from waypost.sandbox.scenarios import OTHERWISE, SCENARIOS
from waypost.sandbox.seed import Seed


class HomePage:
    """Renders the page.

    Args:
        seed: what the sandbox begins with.
        limit: API calls a second for each account; 0 for no limit.
        callback_url: the URL that callbacks are pushed to; empty if they are only stored.
    """

    def __init__(self, seed: Seed, limit: int, callback_url: str) -> None:
        self._seed = seed
        self._limit = limit
        self._callback_url = callback_url
        self._renderer = Renderer("waypost.sandbox")

    def routes(self) -> list[Route]:
        """The URL route of the page."""
        return [Route("/here", self.page)]

    async def page(self, request: Request) -> Response:
        """Responds with the page, which names the address of the request as the endpoint."""
        endpoint = request.url.netloc
        first = self._seed.keys[0]
        account = self._seed.accounts[first.account_id]
        return self._renderer.page(
            "sandbox.html",
            request=request,
            endpoint=endpoint,
            address=f"{request.url.scheme}://{endpoint}{request.scope.get('root_path', '')}",
            scheme=request.url.scheme,
            limit=self._limit,
            callback_url=self._callback_url,
            keys=self._seed.keys,
            accounts=[(number, _account_rows(settings)) for number, settings in self._seed.accounts.items()],
            key=first.id,
            sender=next((one for one in account.senders if one.channel != "sms"), None),
            policy=account.fallbacks[0].id if account.fallbacks else "",
            scenarios=SCENARIOS,
            otherwise=OTHERWISE,
        )


def _account_rows(account: AccountSettings) -> list[tuple[str, list[str]]]:
    """The rows of an account's table: a parameter and the values that it can have."""
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
