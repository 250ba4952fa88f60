"""`waypost mcp`: a sandbox for coding assistants, by the Model Context Protocol."""

from pathlib import Path
from typing import Annotated

import typer

from waypost.terminal.output import WRONG_USAGE, fail


def mcp(
    url: Annotated[
        str,
        typer.Option(
            envvar="WAYPOST_SANDBOX_URL",
            help="A sandbox that runs; none: one is started, and ends with this.",
        ),
    ] = "",
    name: Annotated[str, typer.Option(help="The name of a sandbox of its own; none: the common one.")] = "",
    seed: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Your settings (TOML) that a sandbox which is started begins with."
        ),
    ] = None,
) -> None:
    """Serve a sandbox to a coding assistant, by the Model Context Protocol on standard input and output.

    It is for an assistant's settings, as the command of a server. Needs the extra `mcp` of the package.

    Examples:

        waypost mcp
        waypost mcp --url http://127.0.0.1:8080 --name shop

    Exit codes: 0 the assistant has ended it, 2 wrong usage, or the extra is not installed.
    """
    try:
        from waypost.commands.mcp_tools import SandboxTools, mcp_server
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        fail("the extra `mcp` is not installed: pip install 'waypost[mcp]'", WRONG_USAGE)
    from waypost.testing.process import SandboxProcess

    if url and seed is not None:
        fail("--seed is for a sandbox that is started; the one at --url has begun already", WRONG_USAGE)
    process = None
    if not url:
        try:
            process = SandboxProcess(*(("--seed", str(seed)) if seed is not None else ()))
        except RuntimeError as error:
            fail(str(error), WRONG_USAGE)
        url = process.url
    try:
        mcp_server(SandboxTools(url.rstrip("/"), name)).run()
    finally:
        if process is not None:
            process.stop()
