"""The command `waypost demo`."""

import asyncio

from waypost.terminal.output import WRONG_USAGE, fail, report_settings_errors


def demo() -> None:
    """Show the main job in a sandbox of its own: four messages, what became of each, and why.

    Needs the official SDK: install `waypost[demo]`. It checks what it shows, takes some seconds, and leaves
    nothing behind.

    Example:

        waypost demo

    Exit codes: 0 everything was as described, 1 something was not, 2 the SDK is not installed, or there is no
    temporary folder.
    """
    try:
        import alibabacloud_cams20200606  # noqa: F401
    except ImportError:
        fail(
            "the demo calls with the official SDK, which is not installed. Install it with: "
            "pip install 'waypost[demo]'",
            WRONG_USAGE,
        )
    from waypost.demo.examples import DemoError, run_demo

    try:
        with report_settings_errors():
            asyncio.run(run_demo())
    except DemoError as error:
        fail(f"the demo did not go as described: {error}")
