"""Shows a page in the browser of whoever runs a command."""

import threading
import webbrowser

import typer


def open_in_browser(address: str) -> None:
    """Opens an address, which may take a while; says so on standard error if there is no browser."""

    def show() -> None:
        if not webbrowser.open(address):
            typer.echo(f"no browser could be opened; look at {address}", err=True)

    # Some browsers, those of a terminal, end only when they are closed.
    threading.Thread(target=show, name="browser", daemon=True).start()
