"""The routes of the vendor's contract, and where ours answer otherwise: what the table in the manual is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from dealwright.dialects.nexudus import routing
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.listing import is_batch, parameters
from dealwright.dialects.nexudus.routing import Special
from dealwright.domain.errors import NotFound

CONTRACT: Final = Path(__file__).with_name("nexudus_contract.txt")
"""Every route of the contract, a line each: the verb and the path as the vendor writes it."""

_TRASH: Final = "what is deleted is in the trash and can be restored; the answer is the same"
_FILES: Final = "an address that is not fetched, `data:` ones included, is named with 400, where theirs answers 500"
_PICTURES: Final = (
    "an address of a picture that is not fetched, or is no picture, is named with 400; `CreateUser` needs the right "
    "User-Create"
)
_SECRETS: Final = (
    "`AccessToken` and `PasswordSalt` are always null: tokens and passwords are kept as hashes, which nobody is shown; "
    "`LastAccess`, `LastLoginAttempt` and `InvalidLoginAttempts` are what happened, whatever is sent"
)
_FIELDS: Final = "for record types 1 (Coworker) and 4 (CrmOpportunity); others are refused"
_OWN: Final = "by who wrote the note, and administrators; 401 for others. `AddedBy` is who wrote it"
_HOOKS: Final = "actions from 1000 are ours, about the CRM; those of other modules are kept and never fire"
_PLANS: Final = "the three totals are price × quantity; plans and discount codes are kept and not looked up"
_QUIET: Final = (
    "a FixedDate reminder writes to its customer when the day comes; the other kinds are kept and given back"
)
_TIMES: Final = "`ErrorCount`, `LastError` and `LastTrigger` are no filters"

_TRASHED: Final = (
    *("crm/crmopportunities", "crm/crmopportunityimportfiles", "crm/coworkertasks", "crm/reminders", "spaces/teams"),
    *("spaces/coworkernotes", "spaces/coworkerdatafiles", "billing/proposals", "content/formpages"),
    "content/formpagerequests",
)
DEVIATIONS: Final[Mapping[str, str]] = {
    "POST /api/token": "`client_id` may also be a field of the form",
    **{f"DELETE /api/{path}/{{id}}": _TRASH for path in _TRASHED},
    "DELETE /api/spaces/coworkernotes/{id}": f"{_TRASH}; {_OWN}",
    "PUT /api/spaces/coworkernotes": _OWN,
    "POST /api/spaces/coworkernotes": "`AddedBy` is who wrote it, whatever is sent",
    "DELETE /api/sys/users/{id}": "ends the access; the record stays listed, not active, so that history has its name",
    "POST /api/spaces/coworkerdatafiles": _FILES,
    "PUT /api/spaces/coworkerdatafiles": _FILES,
    "POST /api/crm/crmopportunityimportfiles": _FILES,
    "PUT /api/crm/crmopportunityimportfiles": _FILES,
    "POST /api/spaces/coworkers": _PICTURES,
    "PUT /api/spaces/coworkers": _PICTURES,
    "POST /api/spaces/coworkers/runcommand": "`COWORKER_DELETE` moves to the trash; there is no `COWORKER_BILL_RUN`",
    "POST /api/sys/users": _SECRETS,
    "PUT /api/sys/users": _SECRETS,
    "POST /api/crm/customfields": _FIELDS,
    "PUT /api/crm/customfields": _FIELDS,
    "POST /api/sys/webhooks": _HOOKS,
    "PUT /api/sys/webhooks": _HOOKS,
    "GET /api/sys/webhooks": _TIMES,
    "POST /api/billing/proposals": _PLANS,
    "POST /api/crm/reminders": _QUIET,
    "PUT /api/crm/reminders": _QUIET,
    "GET /api/content/calendarevents": "nobody can make one yet: there for the stages that name them",
}
"""What is different here, by verb and path; all else is as specified."""


class Entry(NamedTuple):
    """A route of the contract: how it is served here (nothing: not at all), the right it needs, what is different."""

    method: str
    path: str
    right: str | None
    note: str


def contract() -> Iterator[tuple[str, str]]:
    """Yield the verb and the path of every route of the contract."""
    for line in CONTRACT.read_text("utf-8").splitlines():
        method, _, path = line.partition(" ")
        yield method, path


def entries() -> Iterator[Entry]:
    """Yield every route of the contract as it is served here."""
    for method, path in contract():
        yield Entry(method, path, right_of(method, path), DEVIATIONS.get(f"{method} {path}", ""))


def right_of(method: str, path: str) -> str | None:
    """Return the right that a route needs, None where it is not served."""
    bare, _, query = path.replace("{id1}", "1").replace("{id2}", "2").replace("{id}", "1").partition("?")
    try:
        asked = routing.find(method, bare)
    except (NotFound, routing.NotOffered):
        return None
    if isinstance(asked, Special):
        return "open" if asked is Special.TOKEN else "signed in"
    verb = Verb.BATCH if asked.verb is Verb.LIST and is_batch(parameters(query)) else asked.verb
    return asked.entity.right(verb)
