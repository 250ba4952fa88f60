"""The commands of `waypost`. They import what they need only when they run, so that each starts fast."""

from typing import Annotated

import typer

import waypost
from waypost.commands import (
    audit,
    call,
    callbacks,
    calls,
    check,
    database,
    keys,
    mcp,
    messages,
    recipients,
    routes,
    run,
    sandbox_env,
    send,
    senders,
    templates,
    webhooks,
)
from waypost.demo.command import demo
from waypost.terminal.output import AsJson, print_json

application = typer.Typer(
    name="waypost",
    help="A self-hosted chat-app message service: the wire contract of SendChatappMessage, delivered by "
    "Viber, WhatsApp, Messenger, Instagram, Telegram or LINE, with SMS fallback.\n\n"
    "Begin with `waypost demo` or `waypost sandbox`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

sandbox = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown")
sandbox.callback()(run.sandbox)
sandbox.command()(sandbox_env.env)
application.add_typer(sandbox, name="sandbox")
application.command()(run.serve)
application.command("check")(check.check_settings)
application.command()(demo)
application.command()(send.send)
application.command()(call.call)
application.command()(mcp.mcp)
application.add_typer(messages.application, name="messages")
application.add_typer(callbacks.application, name="callbacks")
application.add_typer(calls.application, name="calls")
application.add_typer(audit.application, name="audit")
application.add_typer(recipients.application, name="recipients")
application.add_typer(keys.application, name="keys")
application.add_typer(database.application, name="db")
application.add_typer(templates.application, name="templates")
application.add_typer(senders.application, name="senders")
application.add_typer(routes.application, name="routes")
application.add_typer(webhooks.application, name="webhooks")


def _print_version(is_set: bool) -> None:
    if is_set:
        version()
        raise typer.Exit


@application.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Nothing but `--version` goes before a command."""


@application.command()
def version(as_json: AsJson = False) -> None:
    """Print the version of Waypost and of the API it speaks.

    Example:

        waypost version --json

    Exit code: 0.
    """
    versions = {"waypost": waypost.__version__, "product": "cams", "api": "2020-06-06"}
    if as_json:
        print_json(versions)
    else:
        typer.echo(f"waypost {versions['waypost']} (cams {versions['api']})")
