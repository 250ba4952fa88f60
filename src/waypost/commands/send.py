"""`waypost send`: sends a message by an API call."""

from typing import Annotated

import typer

from waypost.terminal.output import WRONG_USAGE, AsJson, fail, print_json


def send(
    to: Annotated[str, typer.Option(help="To: the phone number, digits without +.")],
    from_: Annotated[str, typer.Option("--from", help="From: the Viber service ID.")] = "20001",
    text: Annotated[str | None, typer.Option(help="The text of a free message.")] = None,
    label: Annotated[str, typer.Option(help="Label: promotion or transaction.")] = "promotion",
    template: Annotated[str | None, typer.Option(help="TemplateCode, instead of --text.")] = None,
    language: Annotated[str, typer.Option(help="Language of the template.")] = "en",
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A variable of the template; repeatable.")
    ] = None,
    fall_back_id: Annotated[str | None, typer.Option(help="FallBackId: the fallback policy.")] = None,
    fall_back_content: Annotated[str | None, typer.Option(help="FallBackContent: its text.")] = None,
    fall_back_duration: Annotated[
        str | None, typer.Option(help="FallBackDuration: seconds, 60 to 43200.")
    ] = None,
    fall_back_rule: Annotated[
        str | None, typer.Option(help="FallBackRule: undelivered or sentFailed.")
    ] = None,
    ttl: Annotated[str | None, typer.Option(help="Ttl: seconds, 30 to 1209600.")] = None,
    tag: Annotated[str | None, typer.Option(help="Tag, for Viber's reports.")] = None,
    tracking_data: Annotated[str | None, typer.Option(help="TrackingData, returned with a reply.")] = None,
    task_id: Annotated[str | None, typer.Option(help="TaskId, returned in callbacks.")] = None,
    space: Annotated[str | None, typer.Option(help="CustSpaceId.")] = None,
    endpoint: Annotated[
        str, typer.Option(envvar="WAYPOST_ENDPOINT", help="The service to call.")
    ] = "http://127.0.0.1:8080",
    access_key_id: Annotated[
        str, typer.Option(envvar="WAYPOST_ACCESS_KEY_ID", help="Who calls.")
    ] = "sandbox",
    access_key_secret: Annotated[
        str,
        typer.Option(envvar="WAYPOST_ACCESS_KEY_SECRET", help="Signs the call.", show_default="sandbox"),
    ] = "sandbox",
    as_json: AsJson = False,
) -> None:
    """Send one Viber message by a signed call of SendChatappMessage, and print its MessageId.

    The options are passed on as they are; the service decides whether they are allowed. Without an endpoint
    and a key the sandbox on port 8080 is called. Messages on other channels are sent by the SDK.

    Examples:

        waypost send --to 4915112345678 --text "Your order has left."
        waypost send --to 4915112340001 --template sandbox_welcome
          --param name=Zoe --param code=1234 --fall-back-id S_000001

    Exit codes: 0 accepted, 1 refused or not reached, 2 wrong usage.
    """
    if (text is None) == (template is None):
        fail("give either --text or --template", WRONG_USAGE)
    if template is None and param:
        fail("--param belongs to --template", WRONG_USAGE)
    params = {
        "ChannelType": "viber",
        "From": from_,
        "To": to,
        "Label": label,
        "FallBackId": fall_back_id,
        "FallBackContent": fall_back_content,
        "FallBackDuration": fall_back_duration,
        "FallBackRule": fall_back_rule,
        "Ttl": ttl,
        "Tag": tag,
        "TrackingData": tracking_data,
        "TaskId": task_id,
        "CustSpaceId": space,
        **(
            _text_params(text)
            if text is not None
            else _template_params(template or "", language, param or [])
        ),
    }
    _call_api(
        {name: value for name, value in params.items() if value is not None},
        endpoint,
        access_key_id,
        access_key_secret,
        as_json,
    )


def _text_params(text: str) -> dict[str, str]:
    import msgspec

    return {
        "Type": "message",
        "MessageType": "text",
        "Content": msgspec.json.encode({"text": text}).decode(),
    }


def _template_params(code: str, language: str, params: list[str]) -> dict[str, str]:
    import msgspec

    values = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name:
            fail(f"--param {param!r} is not written as name=value", WRONG_USAGE)
        values[name] = value
    return {
        "Type": "template",
        "TemplateCode": code,
        "Language": language,
        "TemplateParams": msgspec.json.encode(values).decode(),
    }


def _call_api(params: dict[str, str], endpoint: str, access_key_id: str, secret: str, as_json: bool) -> None:
    from waypost.commands.api_call import NotReachedError, call_api

    try:
        status, answer = call_api(endpoint, access_key_id, secret, "SendChatappMessage", params)
    except NotReachedError as error:
        fail(f"{error}. Start `waypost sandbox`, or name the service with --endpoint")
    if as_json:
        print_json(answer)
    if status != 200 or answer.get("Code") != "OK":
        fail(f"{answer.get('Code')}: {answer.get('Message')} (RequestId {answer.get('RequestId')})")
    if not as_json:
        typer.echo(answer["MessageId"])
