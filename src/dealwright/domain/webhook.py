"""Webhooks: which happenings can be subscribed to under which number, what an address and a signature look like."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from dealwright.domain.errors import Problem
from dealwright.domain.naming import found

LONGEST_URL: Final = 2048
LAST_VENDOR_ACTION: Final = 90
FAILURES: Final = 10
"""How often in a row a webhook may fail before it is switched off."""
LONGEST_SECRET: Final = 255
GRACE_HOURS: Final = 24
LONGEST_GRACE_HOURS: Final = 7 * 24
"""How long an old secret signs too when a new one comes, unless told, and at most."""
STANDARD: Final = "whsec_"
"""What a secret of the Standard Webhooks begins with; the rest is the key in base64."""

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
    1000: ("opportunity.created",),
    1001: ("opportunity.changed", "opportunity.tagged", "opportunity.untagged", "opportunity.reminded"),
    1002: ("opportunity.deleted",),
    1003: ("opportunity.moved",),
    1004: ("opportunity.won",),
    1005: ("opportunity.lost",),
    1006: ("opportunity.reopened",),
    1007: ("opportunity.restored",),
    1010: ("task.created", "task.restored"),
    1011: ("task.changed",),
    1012: ("task.deleted",),
    1020: ("note.created",),
    1021: ("note.changed",),
    1030: ("form_request.submitted",),
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
    1007: "CrmOpportunityRestored",
    1010: "CoworkerTaskCreate",
    1011: "CoworkerTaskUpdate",
    1012: "CoworkerTaskDelete",
    1020: "CoworkerNoteCreate",
    1021: "CoworkerNoteUpdate",
    1030: "FormPageRequestSubmitted",
}
"""Our extension of the vendor's actions: what happens in the CRM."""


def problems_of(_: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a webhook as it is to be."""
    return found(
        url_problem("url", after["url"] or ""),
        _action_problem(after["action"]),
        _secret_problem(after.get("secret") or ""),
    )


def _secret_problem(secret: str) -> Problem | None:
    """What is not ASCII would be another key to each receiver that reads it in another way."""
    if not all("!" <= char <= "~" for char in secret):
        return Problem("secret", "format", "must be plain ASCII without blanks")
    if len(secret) > LONGEST_SECRET:
        return Problem("secret", "too_long", f"has at most {LONGEST_SECRET} characters")
    return None


def subject_of(action: int) -> str | None:
    """Return the kind of record that an action is about, None where it never happens here."""
    kinds = EVENTS_BY_ACTION.get(action)
    return kinds[0].partition(".")[0] if kinds else None


def signature(secret: str, body: bytes) -> str:
    """Return how this vendor signs a body: HMAC-SHA256 in upper-case hex."""
    return hmac.new(secret.encode("ascii", "replace"), body, hashlib.sha256).hexdigest().upper()


def standard_signature(secret: str, ident: str, timestamp: int, body: bytes) -> str:
    """Return how the Standard Webhooks sign a message with this id and this second since 1970."""
    signed = f"{ident}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def standard_signatures(secrets: Iterable[str], ident: str, timestamp: int, body: bytes) -> str:
    """Return the signatures by each of these secrets, as the Standard Webhooks have them beside each other."""
    return " ".join(standard_signature(secret, ident, timestamp, body) for secret in secrets)


def _key(secret: str) -> bytes:
    """Return the key that a secret stands for; one that is not of the standard's form is its own key."""
    if secret.startswith(STANDARD):
        try:
            return base64.b64decode(secret.removeprefix(STANDARD), validate=True)
        except (binascii.Error, ValueError):
            pass
    return secret.encode("ascii", "replace")


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
