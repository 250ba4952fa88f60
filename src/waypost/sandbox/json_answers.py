"""The answers of control endpoints."""

import msgspec
from starlette.responses import Response


def json_answer(value: object, status: int = 200) -> Response:
    """An answer with a value as JSON; values of `msgspec` are known."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")
