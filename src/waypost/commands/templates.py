"""`waypost templates`: lists and reviews customers' templates."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.commands.author import command_author
from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.terminal.output import AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.model.templates.template import Template

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Templates: listed, and their review decided.",
)

Code = Annotated[str, typer.Argument(metavar="CODE", help="The TemplateCode.")]
Language = Annotated[str | None, typer.Option(help="One language of it; none: all that wait.")]


@application.command("list")
def list_(
    status: Annotated[
        str | None, typer.Option(help="Only these: unaudit, auditing, pass or fail; none: all.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List templates, each language of each, with the state of their review.

    Example:

        waypost templates list --status unaudit --config waypost.toml

    Exit codes: 0 listed, 2 wrong usage or settings.
    """
    templates = [
        template
        for template in asyncio.run(_load_templates(load_settings(config, data)))
        if status in (None, template.status) and account in (None, template.account_id)
    ]
    if as_json:
        print_json([_template_fields(template) for template in templates])
        return
    for template in templates:
        typer.echo(
            f"{template.code}  {template.language:<5}  {template.status:<8}  "
            f"{format_time(template.updated_at)}  {template.account_id}  {template.name}  "
            f"{template.reason}".rstrip()
        )
    typer.echo(number_of(len(templates), "template"), err=True)


@application.command()
def approve(code: Code, language: Language = None, data: Data = None, config: Config = None) -> None:
    """Approve a template: it can be sent from now on, and its owner gets a ChatAppAudit callback.

    Example:

        waypost templates approve 4521803997126430021 --language en --config waypost.toml

    Exit codes: 0 done, 1 nothing of that code waits for a review, 2 wrong usage or settings.
    """
    from waypost.model.templates.template import APPROVED

    asyncio.run(_review(load_settings(config, data), code, language, (APPROVED, "")))


@application.command()
def auditing(code: Code, language: Language = None, data: Data = None, config: Config = None) -> None:
    """Mark the review of a template as begun: until it ends, its owner cannot change it.

    Example:

        waypost templates auditing 4521803997126430021 --config waypost.toml

    Exit codes: 0 done, 1 nothing of that code waits for a review, 2 wrong usage or settings.
    """
    from waypost.model.templates.template import AUDITING

    asyncio.run(_review(load_settings(config, data), code, language, (AUDITING, "")))


@application.command()
def reject(
    code: Code,
    reason: Annotated[str, typer.Option(help="Why, in words for its owner.")],
    language: Language = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Reject a template. Its owner gets the reason in a ChatAppAudit callback and may change the template.

    Example:

        waypost templates reject 4521803997126430021 --reason "The text is misleading" --config waypost.toml

    Exit codes: 0 done, 1 nothing of that code waits for a review, 2 wrong usage or settings.
    """
    from waypost.model.templates.template import REFUSED

    asyncio.run(_review(load_settings(config, data), code, language, (REFUSED, reason)))


async def _load_templates(settings: "Settings") -> "list[Template]":
    from waypost.model.templates.template import Template

    async with open_store(settings) as store:
        templates = [entry for entry in await store.configuration.entries() if isinstance(entry, Template)]
    return sorted(templates, key=lambda template: (template.account_id, template.name, template.language))


async def _review(settings: "Settings", code: str, language: str | None, outcome: tuple[str, str]) -> None:
    from waypost.messaging.template_review import review_template
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        configuration = await load_configuration(store)
        pending = [
            template
            for template in configuration.unreviewed()
            if template.code == code and language in (None, template.language)
        ]
        by = command_author()
        reviewed = await store.transact(
            lambda tx: [
                template for template in pending if review_template(tx, template, outcome, configuration, by)
            ]
        )
    if not reviewed:
        fail(f"no template {code!r} waits for a review; `waypost templates list` shows all there are")
    for template in reviewed:
        typer.echo(f"{template.code} {template.language}: {outcome[0]}")


def _template_fields(template: "Template") -> dict[str, object]:
    return {
        "code": template.code,
        "name": template.name,
        "language": template.language,
        "account_id": template.account_id,
        "channel": template.channel,
        "status": template.status,
        "reason": template.reason,
        "updated_at": template.updated_at,
    }
