"""The commands of `waypost`. They import what they need only when they run, so that each starts fast."""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

import waypost
from waypost.terminal.output import AsJson, print_json

COMMANDS = {
    "serve": "waypost.commands.run:serve",
    "check": "waypost.commands.check:check_settings",
    "demo": "waypost.demo.command:demo",
    "send": "waypost.commands.send:send",
    "call": "waypost.commands.call:call",
    "mcp": "waypost.commands.mcp:mcp",
}
"""The function of each command that belongs to no family."""

FAMILIES = {
    "sandbox": "waypost.commands.run:sandbox_application",
    "messages": "waypost.commands.messages:application",
    "callbacks": "waypost.commands.callbacks:application",
    "calls": "waypost.commands.calls:application",
    "audit": "waypost.commands.audit:application",
    "recipients": "waypost.commands.recipients:application",
    "keys": "waypost.commands.keys:application",
    "db": "waypost.commands.database:application",
    "templates": "waypost.commands.templates:application",
    "senders": "waypost.commands.senders:application",
    "routes": "waypost.commands.routes:application",
    "webhooks": "waypost.commands.webhooks:application",
}
"""Each family of commands, with a Typer application of its own."""

_VERSION = "version"


def application_for(arguments: Sequence[str]) -> typer.Typer:
    """The application with the commands that a command line can mean.

    Args:
        arguments: the command line. One that begins with the name of a command needs that one alone; for
            any other all are there, for help and for what is like a misspelled name.
    """
    named = arguments[0] if arguments else ""
    is_alone = named in (_VERSION, "--version") or named in COMMANDS or named in FAMILIES
    names = {named} if is_alone else {*COMMANDS, *FAMILIES, _VERSION}
    application = typer.Typer(
        name="waypost",
        help="A self-hosted chat-app message service: the wire contract of SendChatappMessage, delivered by "
        "Viber, WhatsApp, Messenger, Instagram, Telegram or LINE, with SMS fallback.\n\n"
        "Begin with `waypost demo` or `waypost sandbox`.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    application.callback()(_options)
    for name, where in COMMANDS.items():
        if name in names:
            application.command(name)(_loaded(where))
    for name, where in FAMILIES.items():
        if name in names:
            application.add_typer(_loaded(where), name=name)
    if _VERSION in names:
        application.command(_VERSION)(_version)
    return application


def _loaded(where: str) -> Any:
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


def _print_version(is_set: bool) -> None:
    if is_set:
        _version()
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Nothing but `--version` goes before a command."""


def _version(as_json: AsJson = False) -> None:
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
