"""`waypost send`: sends a message by an API call."""

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
from waypost.model.channels import channel_named
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, print_json

SANDBOX_SENDERS = {
    "viber": "20001",
    "whatsapp": "15550100001",
    "messenger": "20004",
    "instagram": "20005",
    "telegram": "20002",
    "line": "20003",
}
"""By channel, the senders of the sandbox's account 1."""


def send(
    to: Annotated[str, typer.Option(help="To: a phone number, digits without +, or the channel's own id.")],
    channel: Annotated[str, typer.Option(help="ChannelType.")] = "viber",
    from_: Annotated[
        str | None, typer.Option("--from", help="From: the sender; none: the sandbox's on the channel.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The text of a free message.")] = None,
    message_type: Annotated[
        str, typer.Option(help="MessageType of a free message with --content, such as image.")
    ] = "text",
    content: Annotated[str | None, typer.Option(help="Content of a free message, as JSON.")] = None,
    label: Annotated[
        str | None, typer.Option(help="Label: promotion or transaction; none: promotion on Viber.")
    ] = None,
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
    endpoint: Endpoint = ENDPOINT,
    access_key_id: AccessKeyId = KEY,
    access_key_secret: AccessKeySecret = KEY,
    as_json: AsJson = False,
) -> None:
    """Send one message by a signed call of SendChatappMessage, and print its MessageId.

    The options are passed on as they are; the service decides whether they are allowed. Without an endpoint
    and a key the sandbox on port 8080 is called. Parameters that have no option here: `waypost call`.

    Examples:

        waypost send --to 4915112345678 --text "Your order has left."
        waypost send --to 4915112340001 --template sandbox_welcome
          --param name=Zoe --param code=1234 --fall-back-id S_000001
        waypost send --channel telegram --to 4915112345678 --message-type image
          --content '{"link":"https://shop.example/a.jpg"}'

    Exit codes: 0 accepted, 1 refused or not reached, 2 wrong usage.
    """
    if sum(each is not None for each in (text, content, template)) != 1:
        fail("one of --text, --content and --template is needed", WRONG_USAGE)
    if template is None and param:
        fail("--param belongs to --template", WRONG_USAGE)
    if content is None and message_type != "text":
        fail("--message-type belongs to --content", WRONG_USAGE)
    if from_ is None and channel not in SANDBOX_SENDERS:
        fail(f"--channel {channel!r}: allowed are {', '.join(SANDBOX_SENDERS)}", WRONG_USAGE)
    params = {
        "ChannelType": channel,
        "From": SANDBOX_SENDERS[channel] if from_ is None else from_,
        "To": to,
        "Label": "promotion" if label is None and channel_named(channel).labels else label,
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
            _template_params(template, language, param or [])
            if template is not None
            else _free_params(message_type, text, content)
        ),
    }
    accepted, answer = answer_of(
        "SendChatappMessage",
        {name: value for name, value in params.items() if value is not None},
        endpoint=endpoint,
        access_key_id=access_key_id,
        access_key_secret=access_key_secret,
    )
    if as_json:
        print_json(answer)
    if not accepted:
        fail(refusal_of(answer))
    if not as_json:
        typer.echo(answer["MessageId"])


def _free_params(message_type: str, text: str | None, content: str | None) -> dict[str, str | None]:
    import msgspec

    if text is not None:
        content = msgspec.json.encode({"text": text}).decode()
    return {"Type": "message", "MessageType": message_type, "Content": content}


def _template_params(code: str, language: str, params: list[str]) -> dict[str, str | None]:
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
