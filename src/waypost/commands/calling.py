"""The options of commands that call the API, and the call itself."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from waypost.terminal.output import fail

Endpoint = Annotated[str, typer.Option(envvar="WAYPOST_ENDPOINT", help="The service to call.")]
AccessKeyId = Annotated[str, typer.Option(envvar="WAYPOST_ACCESS_KEY_ID", help="Who calls.")]
AccessKeySecret = Annotated[
    str, typer.Option(envvar="WAYPOST_ACCESS_KEY_SECRET", help="Signs the call.", show_default="sandbox")
]

ENDPOINT = "http://127.0.0.1:8080"
KEY = "sandbox"
"""Of the sandbox: its id, and its secret."""


def answer_of(
    action: str,
    parameters: Mapping[str, str],
    *,
    endpoint: str,
    access_key_id: str,
    access_key_secret: str,
    version: str | None = None,
) -> tuple[bool, dict[str, Any]]:
    """Makes a call; returns whether it was accepted, and the members of the answer.

    Ends the command if the service is not reached.

    Args:
        version: the Version of the product; None for the one that has the operation.
    """
    from waypost.commands.api_call import NotReachedError, call_api

    try:
        status, answer = call_api(endpoint, access_key_id, access_key_secret, action, parameters, version)
    except NotReachedError as error:
        fail(f"{error}. Start `waypost sandbox`, or name the service with --endpoint")
    return status == 200 and answer.get("Code", "OK") == "OK", answer


def refusal_of(answer: Mapping[str, Any]) -> str:
    """What a refused call is answered, as a sentence."""
    return f"{answer.get('Code')}: {answer.get('Message')} (RequestId {answer.get('RequestId')})"
