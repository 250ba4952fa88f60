"""`waypost routes`: tests the routes to providers."""

import typer

from waypost.commands.route_check import check_route

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="The routes to providers: their credentials."
)
application.command("test")(check_route)


@application.callback()
def group() -> None:
    """The routes to providers: their credentials."""
