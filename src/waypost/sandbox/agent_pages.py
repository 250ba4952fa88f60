"""Pages for coding assistants: instructions that are taken in whole, and how sure each behaviour is."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from waypost.sandbox.references import REFERENCES, Mark
from waypost.sandbox.scenarios import OTHERWISE, SCENARIOS


class AgentPages:
    """Serves the pages."""

    def routes(self) -> list[Route]:
        """The URL routes of the pages."""
        return [
            Route("/sandbox/agent-instructions", self.instructions),
            Route("/sandbox/references", self.references),
        ]

    async def instructions(self, request: Request) -> Response:
        """All that an assistant needs to know, as Markdown."""
        endpoint = request.url.netloc
        return Response(
            instructions(f"{request.url.scheme}://{endpoint}", endpoint), media_type="text/markdown"
        )

    async def references(self, request: Request) -> Response:
        """What each behaviour is built from; `?mark=` and `?subject=` select."""
        query = request.query_params
        mark, subject = query.get("mark", ""), query.get("subject", "")
        if mark and mark not in set(Mark):
            return JSONResponse({"error": f"mark is {mark!r}; allowed are {', '.join(Mark)}"}, 400)
        chosen = (
            reference._asdict()
            for reference in REFERENCES
            if mark in ("", reference.mark) and subject.lower() in ("", reference.subject.lower())
        )
        return JSONResponse({"references": list(chosen)})


def instructions(address: str, endpoint: str) -> str:
    """The instructions, in Markdown.

    Args:
        address: the URL of the sandbox.
        endpoint: the same as the SDKs want it.
    """
    text = files("waypost.sandbox").joinpath("agent_instructions.md").read_text(encoding="utf-8")
    rows = [f"| `{scenario.digits}` | {scenario.description} |" for scenario in SCENARIOS]
    rows.append(f"| anything else | {OTHERWISE.description} |")
    values = {"address": address, "endpoint": endpoint, "scenarios": "\n".join(rows)}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
