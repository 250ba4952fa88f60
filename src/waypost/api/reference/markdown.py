"""Generates `docs/reference.md`, `docs/errors.md` and `docs/coverage.md` from the descriptions.

    python -m waypost.api.reference.markdown reference > docs/reference.md
    python -m waypost.api.reference.markdown errors > docs/errors.md
    python -m waypost.api.reference.markdown coverage > docs/coverage.md

A test fails when a file differs from the output of this module.
"""

import re
import sys
from collections.abc import Iterable, Sequence

from waypost.api.description import AnyOperation
from waypost.api.errors import access
from waypost.api.errors.business import LIST_ERRORS, MESSAGE_ERRORS, QUEUE_ERRORS, TEMPLATE_ERRORS
from waypost.api.errors.error_code import ErrorCode
from waypost.api.errors.gateway import OPERATION_ERRORS, ROUTING_ERRORS, SIGNATURE_ERRORS
from waypost.api.operations.catalogue import PRODUCTS
from waypost.api.product import Product
from waypost.api.reference import operation_rows
from waypost.api.reference.coverage import coverage_rows, own_operations
from waypost.api.reference.official_operations import OFFICIAL_SDK

ERROR_GROUPS: Sequence[tuple[str, Sequence[ErrorCode]]] = (
    ("Every operation", OPERATION_ERRORS),
    ("Messages", MESSAGE_ERRORS),
    ("Parameters by name", operation_rows.FAMILIES),
    ("Signatures", SIGNATURE_ERRORS),
    ("On the way to an operation", ROUTING_ERRORS),
    ("Templates", TEMPLATE_ERRORS),
    ("Lists", LIST_ERRORS),
    ("Tokens for the queues", QUEUE_ERRORS),
    ("Users, keys, policies, roles and sessions: parameters", access.PARAMETER_ERRORS),
    ("Users, keys, policies, roles and sessions: permission", access.PERMISSION_ERRORS),
    ("Users, keys, policies, roles and sessions: what does not exist", access.ABSENCE_ERRORS),
    ("Users, keys, policies, roles and sessions: what is in the way", access.CONFLICT_ERRORS),
    ("Users, keys, policies, roles and sessions: limits", access.LIMIT_ERRORS),
)
"""Heading to error codes, in the order in which callers are likely to meet them."""

LIMITS = "Limits of any call"
ERRORS = "Errors of any call"
_REMEDIES = "What each means and what to do is in [errors.md](errors.md)."

_WRITTEN = (
    "<!-- Written by `python -m waypost.api.reference.markdown {name}`; change the descriptions instead. -->"
)


def reference_markdown() -> str:
    """Generates `docs/reference.md`."""
    lines = [
        _WRITTEN.format(name="reference"),
        "# Reference",
        "",
        "All operations are called at `/`, by GET or POST; parameters may stand in the query or in a form "
        "body. A running service serves this page at `/reference`, and its OpenAPI document at "
        "`/openapi.json`.",
        "",
        *(f"- [{product.subject}](#{_anchor(_heading(product))})" for product in PRODUCTS),
        "",
        f"## {LIMITS}",
        "",
        *(f"- {limit.what}: {limit.value}." for limit in operation_rows.gateway_limits()),
        "",
        f"## {ERRORS}",
        "",
        "The codes with which a call of any operation can be refused; each operation lists only its own. "
        f"{_REMEDIES}",
        "",
        *_errors(operation_rows.gateway_errors()),
        "",
    ]
    for product, operations in PRODUCTS.items():
        lines += [f"# {_heading(product)}", ""]
        for endpoint in operations.values():
            lines += _operation(endpoint.operation, endpoint.limit)
    return "\n".join(lines).rstrip() + "\n"


def errors_markdown() -> str:
    """Generates `docs/errors.md`."""
    lines = [
        _WRITTEN.format(name="errors"),
        "# Errors",
        "",
        "Callers branch on `Code`. `Message` begins with the literal text below and goes on with what was "
        "wrong in this call: parameter, fault, what is allowed. `Recommend` in the answer leads to the page "
        "of the code on the service itself.",
        "",
    ]
    for heading, entries in ERROR_GROUPS:
        lines += [f"## {heading}", ""]
        for entry in entries:
            lines += [
                f"### `{entry.code}`",
                "",
                f"HTTP {entry.status}. “{entry.message}”",
                "",
                f"{entry.when} {entry.remedy}",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"


def coverage_markdown() -> str:
    """Generates `docs/coverage.md`."""
    rows, own = coverage_rows(), own_operations()
    answered = sum(row.answered for row in rows)
    lines = [
        _WRITTEN.format(name="coverage"),
        "# Coverage",
        "",
        f"The official Python SDK, {OFFICIAL_SDK}, has {len(rows)} operations. Waypost answers "
        f"{answered} of them; every other one is answered `InvalidAction.NotFound` (HTTP 404).",
        "",
        *_table(
            ("Operation", "Answered"),
            ((f"`{row.name}`", _linked(row.name) if row.answered else "no") for row in rows),
        ),
    ]
    if own:
        lines += ["", "Waypost's own, which the official API does not have:", ""]
        lines += [f"- {_linked(name)}" for name in own]
    return "\n".join(lines).rstrip() + "\n"


def _linked(name: str) -> str:
    return f"[{name}](reference.md#{name.lower()})"


def _taken(operation: AnyOperation) -> str:
    ignored = ", ".join(f"`{name}`" for name in operation_rows.ignored_parameters(operation))
    folded = ", ".join(f"`{name}`" for name in operation_rows.folded_parameters(operation))
    in_any_case = f" The words of {folded} may be written in any case." if folded else ""
    others = f"{ignored}, and every parameter" if ignored else "every parameter"
    return (
        f"Taken and without effect: {others} with a name that is not listed. An empty value counts as none."
        f"{in_any_case}"
    )


def _after(operation: AnyOperation) -> str:
    return f"After <{operation.source}>." if operation.source else "Waypost's own; the official API has none."


def _content() -> list[str]:
    return [
        "### Content",
        "",
        "The members of `Content` by channel and MessageType; other members and empty ones are ignored.",
        "",
        *_table(
            ("Channel", "MessageType", "Member", "Required", "Value"),
            (
                (
                    row.channel,
                    f"`{row.message_type}`",
                    f"`{row.field}`",
                    "yes" if row.required else "no",
                    row.value,
                )
                for row in operation_rows.content_rows()
            ),
        ),
        "",
    ]


def _operation(operation: AnyOperation, limit: int | None) -> list[str]:
    return [
        f"## {operation.name}",
        "",
        operation.summary,
        "",
        f"RAM action `{operation.action}`. {_after(operation)}",
        "",
        "### Parameters",
        "",
        *_table(
            ("Name", "Type", "Required", "Allowed", "What it does", "Example", "Refused with"),
            (
                (
                    f"`{row.name}`",
                    row.kind,
                    row.required,
                    row.allowed,
                    row.description + (f" Without it: {row.default}." if row.default else ""),
                    f"`{row.example}`" if row.example else "",
                    ", ".join(f"`{code}`" for code in row.codes),
                )
                for row in operation_rows.parameter_rows(operation)
            ),
        ),
        "",
        _taken(operation),
        "",
        *(_content() if operation_rows.has_content(operation) else ()),
        "### Answer",
        "",
        *_table(
            ("Member", "What it is", "Example"),
            (
                (f"`{row.name}`", row.description, f"`{row.example}`" if row.example else "")
                for row in operation_rows.answer_rows(operation)
            ),
        ),
        "",
        *_limit(limit),
        "### Errors",
        "",
        f"Beside the [errors of any call](#{_anchor(ERRORS)}):",
        "",
        *_errors(operation_rows.own_errors(operation)),
        "",
    ]


def _limit(calls_per_second: int | None) -> list[str]:
    if calls_per_second is None:
        return []
    own = operation_rows.own_limit(calls_per_second)
    text = f"{own.what}: {own.value}. The [limits of any call](#{_anchor(LIMITS)}) hold too."
    return ["### Limits", "", text, ""]


def _errors(entries: Iterable[ErrorCode]) -> list[str]:
    return _table(
        ("Code", "HTTP", "When"), ((f"`{entry.code}`", str(entry.status), entry.when) for entry in entries)
    )


def _heading(product: Product) -> str:
    return f"{product.subject} ({product.name} {product.version})"


def _anchor(heading: str) -> str:
    """The fragment by which rendered Markdown links to a heading."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


PAGES = {"reference": reference_markdown, "errors": errors_markdown, "coverage": coverage_markdown}
"""Name of a file in `docs/` to its generator."""


if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1]]())
