"""Webhooks: which happenings can be subscribed to under which number, and what an address must look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from dealwright.domain.errors import Problem
from dealwright.domain.naming import found

LONGEST_URL: Final = 2048
LAST_VENDOR_ACTION: Final = 90

EVENTS_BY_ACTION: Final[Mapping[int, tuple[str, ...]]] = {
    2: ("contact.changed",),
    3: ("contact.created", "contact.restored"),
    50: ("contact.deleted",),
    51: ("message.created",),
    54: ("proposal.created",),
    55: ("proposal.changed", "proposal.sent", "proposal.accepted", "proposal.rejected"),
    56: ("proposal.deleted",),
    57: ("team.created", "team.restored"),
    58: ("team.changed",),
    59: ("team.deleted",),
    84: ("location.changed",),
    1000: ("opportunity.created", "opportunity.restored"),
    1001: ("opportunity.changed", "opportunity.tagged", "opportunity.untagged", "opportunity.linked"),
    1002: ("opportunity.deleted",),
    1003: ("opportunity.moved",),
    1004: ("opportunity.won",),
    1005: ("opportunity.lost",),
    1006: ("opportunity.reopened",),
    1010: ("task.created", "task.restored"),
    1011: ("task.changed",),
    1012: ("task.deleted",),
    1020: ("note.created",),
    1021: ("note.changed",),
    1022: ("note.deleted",),
    1030: ("form_request.created",),
}
"""The events behind each action that can happen here; the vendor's other numbers are kept and never fire."""
OUR_ACTIONS: Final[Mapping[int, str]] = {
    1000: "CrmOpportunityCreate",
    1001: "CrmOpportunityUpdate",
    1002: "CrmOpportunityDelete",
    1003: "CrmOpportunityMove",
    1004: "CrmOpportunityWon",
    1005: "CrmOpportunityLost",
    1006: "CrmOpportunityReopened",
    1010: "CoworkerTaskCreate",
    1011: "CoworkerTaskUpdate",
    1012: "CoworkerTaskDelete",
    1020: "CoworkerNoteCreate",
    1021: "CoworkerNoteUpdate",
    1022: "CoworkerNoteDelete",
    1030: "FormPageRequestSubmitted",
}
"""Our extension of the vendor's actions: what happens in the CRM."""


def problems_of(_: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a webhook as it is to be."""
    return found(url_problem("url", after["url"] or ""), _action_problem(after["action"]))


def _action_problem(action: int) -> Problem | None:
    if 1 <= action <= LAST_VENDOR_ACTION or action in OUR_ACTIONS:
        return None
    return Problem("action", "out_of_range", "is not one of the known actions", action)


def url_problem(field: str, url: str) -> Problem | None:
    """Return what keeps a text from being an address to post to: http or https, a host, no name or password in it.

    Whether it may be reached is decided when something is sent there.
    """
    if not url.strip():
        return Problem(field, "required", "is a required field")
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or any(char.isspace() or ord(char) < 32 for char in url):
        return Problem(field, "format", "must be a whole address that begins with http:// or https://", url[:80])
    if parts.username is not None or parts.password is not None:
        return Problem(field, "format", "must not hold a name or a password")
    if len(url) > LONGEST_URL:
        return Problem(field, "too_long", f"has at most {LONGEST_URL} characters", url[:80])
    return None
