"""`waypost sandbox env`: what programs need in their environment to call a sandbox by HTTPS."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from waypost.terminal.output import WRONG_USAGE, AsJson, fail, print_json, report_settings_errors


def env(
    host: Annotated[
        str, typer.Option(help="Where the sandbox is: localhost, or a loopback address.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its TCP port.")] = 8080,
    data: Annotated[
        Path | None, typer.Option(file_okay=False, help="Its --data folder, if it has one.")
    ] = None,
    name: Annotated[
        str, typer.Option(help="The sandbox of a name, NAME@sandbox; none: the common one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print the endpoint, the access key and the variables by which programs trust the sandbox's certificate.

    The output is for a shell to read. The sandbox need not run yet. Its certificate is good for localhost and
    the loopback addresses alone, and no list of the system is changed: another terminal knows nothing of it.

    Example:

        eval "$(waypost sandbox env --port 8080)"

    Exit codes: 0 done, 2 the folder cannot be used.
    """
    if host not in ("localhost", "127.0.0.1", "::1"):
        fail(f"--host {host!r}: the certificate is for localhost, 127.0.0.1 and ::1 alone", WRONG_USAGE)

    from waypost.server.sandbox_names import is_name

    if name and not is_name(name):
        fail(
            f"--name {name!r} is no name of a sandbox: up to 64 letters, digits, '.', '_' and '-'",
            WRONG_USAGE,
        )

    from waypost.sandbox.authority_folder import authority_folder
    from waypost.sandbox.client_trust import trust_variables, write_trust_files
    from waypost.sandbox.local_authority import open_authority

    with report_settings_errors():
        folder = authority_folder(data).absolute()
        files = write_trust_files(folder, open_authority(folder), os.environ)
    endpoint = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    key = f"{name}@sandbox" if name else "sandbox"
    variables = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key,
        "WAYPOST_ENDPOINT": f"https://{endpoint}",
        "WAYPOST_ACCESS_KEY_ID": key,
        "WAYPOST_ACCESS_KEY_SECRET": key,
        **trust_variables(files, os.environ),
    }
    if as_json:
        print_json({"endpoint": endpoint, "variables": variables})
        return
    typer.echo(f"# In code: the endpoint {endpoint}, and no protocol, since HTTPS is the default.")
    typer.echo(f"# aliyun cams ... --endpoint {endpoint} --region ap-southeast-1")
    if files.system is not None:
        typer.echo(f"# The bundle and Java's trust store also hold the authorities of {files.system}.")
    else:
        typer.echo("# No authorities of the system were found: with these, programs trust the sandbox alone.")
    for variable, value in variables.items():
        typer.echo(f"export {variable}={shlex.quote(value)}")
