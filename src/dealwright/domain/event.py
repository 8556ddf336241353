"""Facts in the past tense: one per deed and subject, written in the deed's own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from dealwright.domain.pipeline import Outcome

OPPORTUNITY_EVENTS: Final = (
    *(
        "opportunity.created",
        "opportunity.changed",
        "opportunity.moved",
        "opportunity.won",
        "opportunity.lost",
    ),
    *("opportunity.reopened", "opportunity.shared", "opportunity.linked", "opportunity.unlinked"),
    *("opportunity.tagged", "opportunity.untagged", "opportunity.deleted", "opportunity.restored"),
    "opportunity.reminded",
)
CONTACT_EVENTS: Final = (
    *("contact.created", "contact.changed", "contact.deleted", "contact.restored", "contact.merged"),
)
CASE_EVENTS: Final = (
    *("case.created", "case.changed", "case.closed", "case.reopened", "case.shared", "case.linked", "case.unlinked"),
    *("case.tagged", "case.untagged", "case.deleted", "case.restored"),
)
INVOICE_EVENTS: Final = (
    *("invoice.created", "invoice.changed", "invoice.sent", "invoice.paid", "invoice.rejected", "invoice.reopened"),
    *("invoice.unpaid", "invoice.deleted", "invoice.restored"),
    *("invoice_item.created", "invoice_item.changed", "invoice_item.stocked", "invoice_item.deleted"),
    *("invoice_tax.created", "invoice_tax.changed", "invoice_tax.deleted"),
)
OTHER_EVENTS: Final = (
    *("task.created", "task.changed", "task.deleted", "team.created", "team.changed", "team.deleted"),
    *("task.restored", "team.restored"),
    *("pipeline.created", "pipeline.changed", "pipeline.deleted", "pipeline.default_set"),
    *("stage.created", "stage.changed", "stage.deleted", "stage.ordered"),
    *("custom_field.created", "custom_field.changed", "custom_field.deleted", "custom_field.ordered"),
    *("kind.created", "kind.changed", "kind.deleted", "tag.created", "tag.deleted"),
    *("rate.created", "rate.changed", "rate.deleted", "currency.default_set"),
    *("user.created", "user.changed", "user.deleted", "role.created", "role.changed", "role.deleted"),
    *("location.changed", "task_list.created", "task_list.changed", "task_list.deleted"),
    *("task_item.created", "task_item.changed", "task_item.deleted"),
    *("canned_response.created", "canned_response.changed", "canned_response.deleted"),
    *("stage_visit.created", "stage_visit.changed", "stage_visit.deleted"),
    *("list_item.created", "list_item.changed", "list_item.deleted"),
    *("task_template.created", "task_template.changed", "task_template.deleted"),
    *("call.created", "call.changed", "tag.changed"),
    *("work.started", "work.finished", "work.cancelled"),
    *("note.created", "note.changed", "note.deleted", "file.created", "file.deleted"),
    "portal.configured",
)
PLAIN_EVENTS: Final = (
    *("proposal.created", "proposal.changed", "proposal.sent", "proposal.accepted", "proposal.rejected"),
    *("proposal.reopened", "proposal.deleted", "proposal.restored", "message.created"),
    *("document.created", "document.changed", "document.deleted", "document.restored"),
    *("form_page.created", "form_page.changed", "form_page.deleted", "form_page.restored"),
    *("form_request.created", "form_request.changed", "form_request.deleted", "form_request.restored"),
    "form_request.submitted",
    *("reminder.created", "reminder.changed", "reminder.deleted", "reminder.restored"),
    *("import_file.created", "import_file.changed", "import_file.deleted", "import_file.restored"),
    *("webhook.created", "webhook.changed", "webhook.replayed", "webhook.deleted"),
    *("business_setting.created", "business_setting.changed", "business_setting.deleted"),
)
EVENTS: Final = (*OPPORTUNITY_EVENTS, *CONTACT_EVENTS, *CASE_EVENTS, *INVOICE_EVENTS, *OTHER_EVENTS, *PLAIN_EVENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one deed did to one subject: who, when, through which face, from what to what."""

    deed_id: str
    at: datetime
    actor_id: int | None
    via: str
    kinds: Sequence[str]
    subject: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def closing_kind(before: Outcome, after: Outcome) -> str | None:
    """Return the event of a change of outcome: won, lost, reopened, or None when it stayed."""
    if before is after:
        return None
    return {
        Outcome.WON: "opportunity.won",
        Outcome.LOST: "opportunity.lost",
        Outcome.OPEN: "opportunity.reopened",
    }[after]
