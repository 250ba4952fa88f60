"""`waypost call`: any operation of the API."""

from typing import Annotated

import typer

from waypost.commands.calling import (
    ENDPOINT,
    KEY,
    AccessKeyId,
    AccessKeySecret,
    Endpoint,
    answer_of,
    refusal_of,
)
from waypost.terminal.output import WRONG_USAGE, fail, print_json


def call(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="The operation; /reference lists them.")],
    parameters: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Its parameters; a list or an object as JSON."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Version; none: that of the product that has the operation.")
    ] = None,
    endpoint: Endpoint = ENDPOINT,
    access_key_id: AccessKeyId = KEY,
    access_key_secret: AccessKeySecret = KEY,
) -> None:
    """Make a signed call of any operation, and print the answer, which is JSON.

    The parameters are passed on as they are; the service decides whether they are allowed. Without an
    endpoint and a key the sandbox on port 8080 is called.

    Examples:

        waypost call ListInstance PageSize=10
        waypost call GetChatappMessageDetail MessageId=2026112610000000000000001
        waypost call CreateSuppression ChannelType=viber Recipient=4915112345678

    Exit codes: 0 accepted, 1 refused or not reached, 2 wrong usage.
    """
    accepted, answer = answer_of(
        action,
        _parsed(parameters or []),
        endpoint=endpoint,
        access_key_id=access_key_id,
        access_key_secret=access_key_secret,
        version=version,
    )
    print_json(answer)
    if not accepted:
        fail(refusal_of(answer))


def _parsed(parameters: list[str]) -> dict[str, str]:
    parsed: dict[str, str] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals or not name:
            fail(f"{parameter!r} is not written as Key=Value", WRONG_USAGE)
        if name in parsed:
            fail(f'{name} is there twice; a list is written as JSON, as in {name}=\'["a","b"]\'', WRONG_USAGE)
        parsed[name] = value
    return parsed
