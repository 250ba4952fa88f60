"""The operations on templates: made, changed, shown, listed and deleted.

A template belongs to the account. One that the operator declares can be seen and sent like any
other, and only be changed there.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec

from waypost.api.description import shown
from waypost.api.errors.catalogue import ApiError, from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import ORIGIN, declared_fault, space_faults
from waypost.api.operations.templates import template_descriptions as described
from waypost.api.structured import read_list, read_object, read_page
from waypost.model.faults import Fault
from waypost.model.templates.components import (
    COMPONENTS,
    FILE_URL,
    Made,
    components_of,
    files_of,
    read_components,
)
from waypost.model.templates.languages import LANGUAGE_CODES
from waypost.model.templates.template import REFUSED, UNREVIEWED, Template
from waypost.model.templates.whatsapp_components import check_name, read_whatsapp_components
from waypost.model.templates.whatsapp_components import check_terms as check_whatsapp_terms
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_CHANGEABLE = (UNREVIEWED, REFUSED)
_DIGITS = 10**18
_OFTEN, _SELDOM = 50, 5


def create(request: Request) -> Result | Awaitable[Result]:
    """Makes a template.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers, faults = described.CREATE.read(request.given)
    channel, category = texts.get("TemplateType", "").lower(), texts.get("Category", "")
    made, components, example, found = _contents(texts, channel, category)
    faults += found + of_request(request, texts) + _of_channel(channel, category, numbers)
    account_id, name, language = request.caller.account_id, texts.get("Name", ""), texts.get("Language", "")
    if name and channel == "whatsapp":
        faults += check_name(name)
    space_id = space_of(request, texts)
    others = request.configuration.template_languages(account_id, name, space_id) if name else ()
    taken = Fault(described.NAME_TAKEN, "Name", f"{shown(name)} is there in {language} already.")
    known = request.configuration.template(account_id, name, others[0], space_id) if others else None
    if language in others:
        faults.append(taken)
    elif known is not None and known.channel != channel:
        text = f"{shown(name)} is the name of a template of {known.channel.upper()}."
        faults.append(Fault(described.NAME_TAKEN, "Name", text))
    refuse(described.CREATE, faults)
    template = Template(
        code=known.code if known is not None else template_code(account_id, space_id, name),
        name=name,
        language=language,
        account_id=account_id,
        space_id=space_id or None,
        channel=channel,
        message_type=made.message_type,
        content=dict(made.content),
        status=UNREVIEWED,
        category=category,
        components=components,
        example=example,
        send_ttl=numbers.get(described.SEND_TTL, 0),
        category_change_paused=_flag(texts, "CategoryChangePaused", False),
        created_at=request.now,
        updated_at=request.now,
    )

    def write(transaction: Transaction) -> None:
        # Two calls can come in the same moment, before either is in the snapshot; the code follows from the
        # name, so the second one meets the first here.
        if transaction.entry(entry_key(template)) is not None:
            raise from_faults([taken])
        transaction.put_entries([template], ORIGIN)

    answer = {"Data": {"TemplateCode": template.code, "TemplateName": name}}
    return _once_its_files_are_there(request, made, changed(answer, write))


def template_code(account_id: str, space_id: str, name: str) -> str:
    """The TemplateCode of a new name in a space: 19 digits, like the real ones, and always the same ones."""
    digest = hashlib.sha256(f"{account_id}\n{space_id}\n{name}".encode()).digest()
    return str(_DIGITS + int.from_bytes(digest[:16]) % (9 * _DIGITS))


def modify(request: Request) -> Result | Awaitable[Result]:
    """Changes a template.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers, faults = described.MODIFY.read(request.given)
    refuse(described.MODIFY, faults + of_request(request, texts) + _unnamed(texts))
    template = _found(request, texts, described.NOT_THERE)
    refuse_declared(template)
    made, components, example, found = _contents(texts, template.channel, template.category)
    found += _of_channel(template.channel, template.category, numbers)
    refuse(described.MODIFY, found)
    if template.status not in _CHANGEABLE:
        text = (
            f"the template's audit status is {template.status}; one of {' or '.join(_CHANGEABLE)} is needed."
        )
        raise from_faults([Fault(described.STATUS, _named(texts), text)])
    if texts.get("Category", template.category) != template.category:
        text = f"it cannot be changed; the template's is {template.category}."
        raise from_faults([Fault("InvalidCategory", "Category", text)])
    after = msgspec.structs.replace(
        template,
        message_type=made.message_type,
        content=dict(made.content),
        components=components,
        example=example or template.example,
        send_ttl=numbers.get(described.SEND_TTL, template.send_ttl),
        category_change_paused=_flag(texts, "CategoryChangePaused", template.category_change_paused),
        status=UNREVIEWED,
        reason="",
        updated_at=request.now,
    )

    def write(transaction: Transaction) -> None:
        # Its review, or another call, may have come in between.
        if transaction.entry(entry_key(template)) != template:
            text = "the template was changed at the same time; call again."
            raise from_faults([Fault(described.STATUS, _named(texts), text)])
        transaction.put_entries([after], ORIGIN)

    answer = {"Data": {"TemplateCode": after.code, "TemplateName": after.name}}
    return _once_its_files_are_there(request, made, changed(answer, write))


def detail(request: Request) -> Result:
    """Shows a template.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = described.DETAIL.read(request.given)
    refuse(described.DETAIL, faults + of_request(request, texts) + _unnamed(texts))
    template = _found(request, texts, described.NOT_THERE)
    row = _row(template)
    row["Name"] = row.pop("TemplateName")
    del row["LastUpdateTime"]
    more = {
        "AllowSend": not template.unsendable,
        "Components": components_of(template),
        "Example": template.example,
        **_of_whatsapp(template),
    }
    return Result({"Success": True, "Data": row | more})


def list_(request: Request) -> Result:
    """Lists templates.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = described.LIST.read(request.given)
    page, wrong = read_page(texts.get("Page"))
    refuse(described.LIST, faults + wrong + of_request(request, texts))
    rows = [
        _row(template)
        for template in request.configuration.templates(request.caller.account_id, space_of(request, texts))
        if template.archived is (texts.get("ArchiveType") == described.ARCHIVED)
        and texts.get("Code", template.code) == template.code
        and texts.get("Name", "") in template.name
        and texts.get("Language", template.language) == template.language
        and texts.get("AuditStatus", template.status) == template.status
        and texts.get("Category", template.category) == template.category
        and texts.get("TemplateType", "").lower() in ("", template.channel)
    ]
    shown_rows = rows[page.skipped : page.skipped + page.size]
    return Result({"Success": True, "Total": len(rows), "ListTemplate": shown_rows})


def delete(request: Request) -> Result:
    """Deletes a template.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = described.DELETE.read(request.given)
    refuse(described.DELETE, faults + of_request(request, texts) + _unnamed(texts))
    named = texts[_named(texts)]
    account_id = request.caller.account_id
    space_id = space_of(request, texts)
    languages = request.configuration.template_languages(account_id, named, space_id)
    wanted = [texts["Language"]] if "Language" in texts else languages
    templates = [
        template
        for language in wanted
        if (template := request.configuration.template(account_id, named, language, space_id)) is not None
        and texts.get("TemplateType", "").lower() in ("", template.channel)
    ]
    if not templates:
        raise _absent(texts, described.NOTHING_TO_DELETE)
    for template in templates:
        refuse_declared(template)
    keys = [entry_key(template) for template in templates]
    return changed({}, lambda transaction: transaction.remove_entries(keys))


def _contents(
    texts: Mapping[str, str], channel: str, category: str
) -> tuple[Made, tuple[dict[str, Any], ...], dict[str, str], list[Fault]]:
    components, faults = (
        read_list(COMPONENTS, texts[COMPONENTS], "InvalidComponents") if COMPONENTS in texts else ([], [])
    )
    if "\\u0000" in texts.get(COMPONENTS, ""):
        faults.append(Fault("InvalidComponents", COMPONENTS, "it holds the character NUL."))
    made = Made()
    if COMPONENTS in texts and not faults:
        if channel == "whatsapp":
            made, faults = read_whatsapp_components(components, category)
        else:
            made, faults = read_components(components)
    example, wrong = (
        read_object("Example", texts["Example"], "InvalidExample") if "Example" in texts else ({}, [])
    )
    values = {name: str(value) for name, value in example.items()}
    return made, tuple(components), values, faults + wrong


def _once_its_files_are_there(request: Request, made: Made, result: Result) -> Result | Awaitable[Result]:
    """What a call comes to if the files that the template names can be downloaded.

    Raises:
        ApiError: one cannot.
    """
    links = files_of(made.content)
    if request.file_problem is None or not links:
        return result
    return _if_no_problem(request.file_problem, links, result)


async def _if_no_problem(
    problem: Callable[[str], Awaitable[str]], links: Iterable[str], result: Result
) -> Result:
    for link in links:
        why = await problem(link)
        if why:
            text = f"{shown(link)} cannot be downloaded: {why}."
            raise from_faults([Fault(FILE_URL, f"{COMPONENTS}.HEADER.Url", text)])
    return result


def _flag(texts: Mapping[str, str], name: str, default: bool) -> bool:
    return texts[name] == "true" if name in texts else default


def _of_channel(channel: str, category: str, numbers: Mapping[str, int]) -> list[Fault]:
    """What is wrong with Category and MessageSendTtlSeconds, whose values depend on the channel."""
    if channel != "whatsapp" or not category:
        return []
    return check_whatsapp_terms(category, numbers.get(described.SEND_TTL))


def _of_whatsapp(template: Template) -> dict[str, Any]:
    if template.channel != "whatsapp":
        return {}
    told: dict[str, Any] = {"CategoryChangePaused": template.category_change_paused}
    return told | ({described.SEND_TTL: template.send_ttl} if template.send_ttl else {})


def of_request(request: Request, texts: Mapping[str, str]) -> list[Fault]:
    """What is wrong with Language and CustSpaceId, which the operations on templates have."""
    faults = []
    language = texts.get("Language")
    if language is not None and language not in LANGUAGE_CODES:
        text = f"{shown(language)} is not a language code of templates, such as en or zh_CN."
        faults.append(Fault("InvalidParameter.LanguageNotSupport", "Language", text))
    return faults + space_faults(request, texts)


def space_of(request: Request, texts: Mapping[str, str]) -> str:
    """The id of the space that a call is about; empty when the account has none."""
    found = request.configuration.space(request.caller.account_id, texts.get("CustSpaceId", ""))
    return found.id if found is not None else ""


def _named(texts: Mapping[str, str]) -> str:
    return "TemplateCode" if "TemplateCode" in texts else "TemplateName"


def _unnamed(texts: Mapping[str, str]) -> list[Fault]:
    if _named(texts) in texts:
        return []
    text = "it is missing; every call needs it, or TemplateName."
    return [Fault("InvalidParameter.TemplateCodeNotEmpty", "TemplateCode", text)]


def _found(request: Request, texts: Mapping[str, str], code: str) -> Template:
    """The template that a call names by code or name, and language.

    Raises:
        ApiError: there is none in this account.
    """
    template = request.configuration.template(
        request.caller.account_id, texts[_named(texts)], texts["Language"], space_of(request, texts)
    )
    if template is None or texts.get("TemplateType", "").lower() not in ("", template.channel):
        raise _absent(texts, code)
    return template


def _absent(texts: Mapping[str, str], code: str) -> ApiError:
    named = _named(texts)
    language = f" in {texts['Language']}" if "Language" in texts else ""
    text = f"{shown(texts[named])} is not a template of this account{language}."
    return from_faults([Fault(code, named, text)])


def refuse_declared(template: Template) -> None:
    """Refuses to change a template of the settings file.

    Raises:
        ApiError: it is one.
    """
    if template.declared:
        raise from_faults([declared_fault(described.CODE_INVALID, "TemplateCode", template.code)])


def _row(template: Template) -> dict[str, Any]:
    return {
        "TemplateCode": template.code,
        "TemplateName": template.name,
        "TemplateType": template.channel.upper(),
        "Category": template.category,
        "Language": template.language,
        "AuditStatus": template.status,
        "Reason": template.reason,
        "LastUpdateTime": template.updated_at,
    }


def changed(answer: dict[str, Any], write: Callable[[Transaction], None]) -> Result:
    """What a call comes to that changes templates."""
    return Result({"Success": True, **answer}, write, reconfigures=True)


ENDPOINTS = (
    Endpoint(described.CREATE, create, _OFTEN),
    Endpoint(described.MODIFY, modify, _OFTEN),
    Endpoint(described.DETAIL, detail),
    Endpoint(described.LIST, list_, _SELDOM),
    Endpoint(described.DELETE, delete, _SELDOM),
)
