"""`waypost sandbox` and `waypost serve`: run a service until it is stopped."""

import gc
import json
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from waypost.api.limits import CALLS_PER_SECOND
from waypost.commands.sandbox_env import env
from waypost.terminal.output import WRONG_USAGE, fail, report_settings_errors


def sandbox(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 is every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")] = 8080,
    data: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Folder to keep everything in; none: gone when it stops."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="Calls a second for each account; 0 for none.")
    ] = CALLS_PER_SECOND,
    callback_url: Annotated[
        str, typer.Option(help="Where all accounts push callbacks; none: they are only stored.")
    ] = "",
    retention: Annotated[
        bool,
        typer.Option("--retention", help="Remove what is old on the sandbox's clock, as `serve` does."),
    ] = False,
    seed: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help="Your settings (TOML): the sandbox begins with their accounts, not with its own.",
        ),
    ] = None,
    scenario: Annotated[
        str, typer.Option(help="A situation to begin in: outage, busy, opt-outs or late-receipts.")
    ] = "",
    state: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="A file with a state (of /sandbox/state) to go on from."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when it is ready, for programs.")
    ] = False,
    ready_file: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Where to write the same line; whoever waits for it looks there."),
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="Show its page in your browser when it is ready.")
    ] = False,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", help="Stop when the process that started this one has ended.")
    ] = False,
) -> None:
    """Run a whole Waypost on this machine, with simulated phones; nothing leaves it.

    It prints `waypost sandbox ready on http://...` when it takes calls. Access keys, senders and the numbers
    that make a message end in a certain way are fixed; docs/sandbox.md lists them.

    Examples:

        waypost sandbox --open
        waypost sandbox --port 0 --limit 0

    Exit codes: 0 stopped by SIGTERM or Ctrl-C, 2 the port or the folder cannot be used.
    """
    if context.invoked_subcommand is not None:
        if any(_is_on_command_line(context, name) for name in context.params):
            fail(f"options go behind `waypost sandbox {context.invoked_subcommand}`", WRONG_USAGE)
        return
    if callback_url and not callback_url.startswith(("http://", "https://")):
        fail(f"--callback-url {callback_url!r} does not begin with http:// or https://", WRONG_USAGE)

    from waypost.config.settings import LogSettings
    from waypost.sandbox.fixture import SEED
    from waypost.sandbox.named_scenarios import NAMED_SCENARIOS
    from waypost.sandbox.sandbox_state import DATABASE, UnusableStateError, read_state
    from waypost.sandbox.seed import read_seed
    from waypost.server.parent_process import end_with_parent
    from waypost.server.sandbox import SandboxOptions
    from waypost.server.sandbox_process import run

    def on_ready(address: str) -> None:
        line = _ready_line(address)
        if ready_file is not None:
            _write_at_once(ready_file, f"{line}\n")
        if open_page:
            from waypost.commands.browser import open_in_browser

            open_in_browser(address)
        if as_json:
            typer.echo(line)
            return
        typer.echo(f"waypost sandbox ready on {address}")
        typer.echo(f"  its page     {address}/")
        typer.echo(f"  access key   id sandbox, secret sandbox; endpoint {address.removeprefix('http://')}")
        if seed is None:
            typer.echo(
                "  senders      20001 on Viber, and one on each other channel; SMS fallback policy S_000001"
            )
        else:
            for key in begins_with.keys[1:]:
                secret = "and secret" if key.own_secret is None else "with its own secret:"
                typer.echo(f"  access key   id {secret} {key.id}: {key.description}")
            replaced = ", ".join(begins_with.replaced) or "none"
            typer.echo(f"  routes       simulated ones instead of those of {seed.name}: {replaced}")
        if scenario:
            typer.echo(f"  scenario     {scenario}: {NAMED_SCENARIOS[scenario].summary}")
        typer.echo(f"  a phone      {address}/sandbox/phones/4915112345678")
        typer.echo(f"  a message    {address}/sandbox/messages/<MessageId>")
        pushed_to = ", ".join([callback_url] if callback_url else begins_with.callback_urls)
        typer.echo(f"  callbacks    {pushed_to or f'{address}/sandbox/callbacks'}")
        typer.echo('  https        on the same port: eval "$(waypost sandbox env)" has programs trust it')
        typer.echo("  of your own  id NAME@sandbox, secret NAME@sandbox: another sandbox for each NAME")
        typer.echo(f"  data in      {data or 'a folder that is gone when this stops'}")

    if scenario and scenario not in NAMED_SCENARIOS:
        fail(f"--scenario {scenario!r} is none of: {', '.join(NAMED_SCENARIOS)}", WRONG_USAGE)
    if scenario and state is not None:
        fail("--scenario and --state cannot be there both: a state goes on from its own", WRONG_USAGE)
    goes_on_from = None
    if state is not None:
        if seed is not None:
            fail("--seed and --state cannot be there both: a state has what it began with", WRONG_USAGE)
        if data is not None and (data / DATABASE).exists():
            fail(f"--state goes with a --data folder that is empty; {data} has a sandbox", WRONG_USAGE)
        try:
            goes_on_from = read_state(state.read_bytes())
        except (OSError, UnusableStateError) as error:
            fail(f"--state {state}: {error}", WRONG_USAGE)
    with report_settings_errors():
        begins_with = read_seed(seed) if seed is not None else SEED
    if with_parent:
        end_with_parent()
    _run_service(
        lambda: run(
            host,
            port,
            data,
            SandboxOptions(begins_with, limit, callback_url, retention, scenario=scenario),
            state=goes_on_from,
            on_ready=on_ready,
        ),
        LogSettings(level="info", format="console"),
    )


def serve(
    config: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Your settings (TOML), laid over the defaults.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Goes over [server] host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Goes over [server] port; 0 takes a free one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(file_okay=False, help="Goes over [store] data.")] = None,
) -> None:
    """Run the service with your own accounts and providers.

    It prints `waypost ready on http://...` when it takes calls, and logs to standard error. SIGTERM stops it:
    what is in flight is finished, the rest stays in the journal for the next start. SIGHUP has it read its
    settings again.

    Example:

        waypost serve --config waypost.toml --port 8080

    Exit codes: 0 stopped by SIGTERM or Ctrl-C, 2 it cannot start with these settings: each mistake is named,
    with the key to change.
    """
    from waypost.commands.data_folder import overridden
    from waypost.config.loading import Inspection, inspect
    from waypost.server.production import run

    def look() -> Inspection:
        inspection = inspect(config, for_service=True)
        if inspection.settings is None:
            return inspection
        settings = overridden(inspection.settings, data, host=host, port=port)
        return inspection._replace(settings=settings)

    _run_service(lambda: run(look, lambda address: typer.echo(f"waypost ready on {address}")), None)


sandbox_application = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown")
sandbox_application.callback()(sandbox)
sandbox_application.command()(env)


def _is_on_command_line(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _ready_line(address: str) -> str:
    """What a program that starts a sandbox needs to know of it, as one line of JSON."""
    return json.dumps(
        {
            "ready": True,
            "url": address,
            "endpoint": address.removeprefix("http://"),
            "access_key_id": "sandbox",
            "access_key_secret": "sandbox",
            "pid": os.getpid(),
        }
    )


def _write_at_once(path: Path, text: str) -> None:
    """Writes a file so that nobody reads a part of it."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _run_service(main: Callable[[], Coroutine[Any, Any, None]], log: Any) -> None:
    """Runs a service until it is stopped; ends the command with one sentence if it cannot start."""
    import asyncio

    # A tenth quicker than the loop of asyncio, and not for every system.
    run: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run
    with suppress(ImportError):
        from uvloop import run

    from waypost.server import logs
    from waypost.server.http import CannotListenError

    if log is not None:
        logs.configure_logging(log)
    # What is loaded by now is never garbage, and looked through no more; what calls leave behind is.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with report_settings_errors():
        try:
            run(main())
        except CannotListenError as error:
            fail(str(error), WRONG_USAGE)
