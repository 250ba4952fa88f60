"""`waypost messages cancel`: what of a campaign is not with a provider yet is not sent any more."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.commands.author import command_author
from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.model.identifiers import NO_SPACE, AccountId
from waypost.model.message.cancellation import CancelFilter
from waypost.terminal.output import FAILED, AsJson, fail, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.messaging.cancellation import Extent
    from waypost.model.message.cancellation import Cancellation
    from waypost.storage.contract import Store


def cancel(
    account: Annotated[
        str | None, typer.Option(help="This account's; may be left out where there is only one.")
    ] = None,
    task: Annotated[str, typer.Option(help="Those that were sent with this TaskId.")] = "",
    group: Annotated[str, typer.Option(help="Those of this GroupMessageId.")] = "",
    template: Annotated[str, typer.Option(help="Those of this TemplateCode.")] = "",
    space: Annotated[str, typer.Option(help="Those of this CustSpaceId.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Cancel what waits and is not with a provider; several options narrow each other.

    It ends as Failed with the code CANCELLED, and nothing falls back. What a provider has, or may have, is
    left and counted. Says first how much that is, and asks. A service on the same folder publishes the
    callbacks, at once or at its next start; it also finishes a command that was interrupted.

    Examples:

        waypost messages cancel --task spring-sale --config waypost.toml
        waypost messages cancel --account acme --yes --data /var/lib/waypost

    Exit codes: 0 done, 1 not confirmed or there is no such account, 2 wrong usage.
    """
    if account is None and not (task or group or template or space):
        raise typer.BadParameter("say what: --task, --group, --template, --space or --account")
    if as_json and not yes:
        raise typer.BadParameter("--json goes with --yes")
    filters = {"space_id": space or NO_SPACE, "task_id": task, "group_id": group, "template_code": template}
    done = asyncio.run(_cancel(load_settings(config, data), account, filters, ask=not yes))
    if done is None:
        typer.echo("nothing was cancelled", err=True)
        raise typer.Exit(FAILED)
    if as_json:
        print_json(
            {
                "id": done.id,
                "account_id": done.filter.account_id,
                "cancelled": done.cancelled,
                "with_provider": done.with_provider,
            }
        )
        return
    typer.echo(
        f"{number_of(done.cancelled, 'message')} cancelled; {done.with_provider} left, which a provider has"
    )


async def _cancel(
    settings: "Settings", account: str | None, filters: dict[str, str], *, ask: bool
) -> "Cancellation | None":
    """Cancels; returns what came of it, or None if it was not confirmed."""
    from waypost.clock import SystemClock
    from waypost.messaging.cancellation import accepted_by_now, carry_out, survey

    now = SystemClock().now
    async with open_store(settings) as store:
        narrowed = CancelFilter(account_id=await _account(store, account), **filters)  # type: ignore[arg-type]
        if ask and not _confirmed(await survey(store, narrowed, now())):
            return None
        author, before = command_author(), accepted_by_now(store, now())
        id_ = await store.transact(
            lambda transaction: transaction.cancellations.add(narrowed, before, author.who, author.at)
        )
        recorded = await store.cancellations.find(id_)
        assert recorded is not None
        await carry_out(store, recorded, now)
        return await store.cancellations.find(id_)


async def _account(store: "Store", name: str | None) -> AccountId:
    from waypost.storage.live_configuration import load_configuration

    accounts = sorted((await load_configuration(store)).accounts)
    known = ", ".join(accounts) or "none"
    if name is None and len(accounts) != 1:
        fail(f"there are several accounts: say which by --account; there are: {known}")
    if name is not None and name not in accounts:
        fail(f"there is no account {name!r}; there are: {known}")
    return AccountId(accounts[0] if name is None else name)


def _confirmed(extent: "Extent") -> bool:
    typer.echo(
        f"{number_of(extent.waiting, 'message')} would be cancelled; {extent.with_provider} left, which a "
        "provider has",
        err=True,
    )
    return extent.waiting > 0 and typer.confirm("Cancel?", err=True)
