"""The review of a template: its outcome, and the callback about it (receipts.md, section 5)."""

from typing import Any

import msgspec

from waypost.model.templates.template import APPROVED, REFUSED, Template

AUDIT_KIND = "ChatAppAudit"
REJECTED_PREFIX = "reject_"


def review_of(template: Template) -> tuple[str, str]:
    """The status and reason of an automatic review, which fails only names that request it."""
    if template.name.startswith(REJECTED_PREFIX):
        return REFUSED, f"The name begins with {REJECTED_PREFIX}, which asks for a review that fails."
    return APPROVED, ""


def reviewed(template: Template, status: str, reason: str, now: int) -> Template:
    """The template after a review."""
    return msgspec.structs.replace(template, status=status, reason=reason, updated_at=now)


def audit_object(template: Template) -> dict[str, Any]:
    """The ChatAppAudit object of a callback about a reviewed template."""
    members: dict[str, Any] = {
        "TemplateCode": template.code,
        "Language": template.language,
        "AuditStatus": template.status,
    }
    if template.status == REFUSED:
        members["Reason"] = template.reason
    return members | {"WaypostTemplateName": template.name, "WaypostChannel": template.channel}
