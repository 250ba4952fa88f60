"""The templates of all accounts, found by code or name, language and space."""

from collections.abc import Iterable
from copy import copy

from waypost.model.entry_index import EntriesByType, entries_of_type
from waypost.model.identifiers import NO_SPACE, AccountId
from waypost.model.persistent_map import PersistentGroups, PersistentMap
from waypost.model.templates.template import AUDITING, UNREVIEWED, Template

# An account, a space of it (empty for all), and a code or name.
_Reference = tuple[str, str, str]
_Scope = tuple[str, str]


class TemplateIndex:
    """An immutable index; in all look-ups the space "" has what all spaces of the account share."""

    def __init__(self) -> None:
        self._named: PersistentMap[_Reference, tuple[Template, ...]] = PersistentMap()
        self._in_space: PersistentGroups[_Scope, tuple[str, str], Template] = PersistentGroups()
        self._of_account: PersistentGroups[AccountId, tuple[str, str, str], Template] = PersistentGroups()
        self._unreviewed: PersistentMap[tuple[str, str, str, str], Template] = PersistentMap()

    def find(
        self, account_id: AccountId, spaces: Iterable[str], named: str, language: str
    ) -> Template | None:
        """The template with that code or name, of the first of the spaces that has it."""
        for space_id in spaces:
            for template in self._named.get((account_id, space_id, named), ()):
                if template.language == language:
                    return template
        return None

    def find_in_any_space(self, account_id: AccountId, named: str, language: str) -> Template | None:
        """The template with that code or name in any space; of several, the oldest."""
        found = (
            template
            for template in self._of_account.of(account_id).values()
            if named in (template.code, template.name) and template.language == language
        )
        return min(found, key=lambda one: (one.created_at, one.code, one.space_id or ""), default=None)

    def in_spaces(self, account_id: AccountId, spaces: Iterable[str]) -> list[Template]:
        """Every language of every template of the spaces, those declared first, then by their age."""
        found = [
            template
            for space_id in dict.fromkeys(spaces)
            for template in self._in_space.of((account_id, space_id)).values()
        ]
        return sorted(found, key=_by_age)

    def languages(self, account_id: AccountId, spaces: Iterable[str], named: str) -> tuple[str, ...]:
        """The languages of the template with that code or name in the spaces, sorted."""
        found = (
            template.language
            for space_id in spaces
            for template in self._named.get((account_id, space_id, named), ())
        )
        return tuple(sorted(set(found)))

    def unreviewed(self) -> list[Template]:
        """The templates of all accounts whose review has not ended, oldest first."""
        return sorted(self._unreviewed.values(), key=lambda one: (*_by_age(one), one.account_id))

    def changed(self, removed: EntriesByType, added: EntriesByType) -> "TemplateIndex":
        """The index without the templates `removed` and with those `added`."""
        old, new = entries_of_type(removed, Template), entries_of_type(added, Template)
        if not old and not new:
            return self
        made = copy(self)
        made._named = self._changed_names(old, new)
        made._in_space = self._in_space.changed(
            (((one.account_id, one.space_id or NO_SPACE), (one.code, one.language)) for one in old),
            (((one.account_id, one.space_id or NO_SPACE), (one.code, one.language), one) for one in new),
        )
        made._of_account = self._of_account.changed(
            ((one.account_id, _identity(one)[1:]) for one in old),
            ((one.account_id, _identity(one)[1:], one) for one in new),
        )
        made._unreviewed = self._unreviewed.changed(
            map(_identity, old), {_identity(one): one for one in new if one.status in (UNREVIEWED, AUDITING)}
        )
        return made

    def _changed_names(
        self, old: Iterable[Template], new: Iterable[Template]
    ) -> PersistentMap[_Reference, tuple[Template, ...]]:
        changes: dict[_Reference, dict[tuple[str, str], Template]] = {}

        def named(reference: _Reference) -> dict[tuple[str, str], Template]:
            if reference not in changes:
                present = self._named.get(reference, ())
                changes[reference] = {(one.code, one.language): one for one in present}
            return changes[reference]

        for template in old:
            for reference in _references(template):
                named(reference).pop((template.code, template.language), None)
        for template in new:
            for reference in _references(template):
                named(reference)[template.code, template.language] = template
        return self._named.changed(
            (reference for reference, found in changes.items() if not found),
            {
                reference: tuple(sorted(found.values(), key=lambda one: _by_preference(one, reference[2])))
                for reference, found in changes.items()
                if found
            },
        )


def _references(template: Template) -> set[_Reference]:
    scope = template.account_id, template.space_id or NO_SPACE
    return {(*scope, template.code), (*scope, template.name)}


def _identity(template: Template) -> tuple[str, str, str, str]:
    return template.account_id, template.space_id or NO_SPACE, template.code, template.language


def _by_age(template: Template) -> tuple[int, str, str, str, str]:
    return (
        template.created_at,
        template.name,
        template.language,
        template.space_id or NO_SPACE,
        template.code,
    )


def _by_preference(template: Template, named: str) -> tuple[bool, int, str]:
    """The order of templates that one word may mean: a code before a name, the older before the newer."""
    return template.code != named, template.created_at, template.code
