"""Members of the answers that show a template."""

from typing import Annotated

from waypost.api.members import member
from waypost.model.templates.template import AUDIT_STATUSES

CodeMember = Annotated[str, member("The template.", "4521803997126430021")]
NameMember = Annotated[str, member("Its name.", "spring_sale")]
TypeMember = Annotated[str, member("Its channel, in capitals.", "VIBER")]
CategoryMember = Annotated[str, member("What it is for.", "MARKETING")]
LanguageMember = Annotated[str, member("Its language.", "en")]
StatusMember = Annotated[str, member(f"One of {', '.join(AUDIT_STATUSES)}.", "pass")]
ReasonMember = Annotated[str, member("With fail: why.")]
