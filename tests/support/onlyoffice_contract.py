"""The routes of the vendor's contract, and where ours answer otherwise: what the table in the manual is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from dealwright.dialects.onlyoffice.routing import Route

CONTRACT: Final = Path(__file__).with_name("onlyoffice_contract.txt")
"""Every route of the contract, a line each: the verb and the path below `/api/2.0/` as the vendor writes it."""

_TRASH: Final = "what is deleted is in the trash and can be restored; the answer is the same"
_HIDDEN: Final = "404 for a record out of the caller's sight, where theirs asks nobody"
_ADMIN: Final = "for CRM administrators; theirs lets everybody turn a switch that is for all"
_MADE_HERE: Final = "made here: no document builder is needed"
_PROVIDER: Final = "refused with 403: no provider that rings can be connected"
_PROJECTS: Final = "404: there are no projects here"

DEVIATIONS: Final[Mapping[str, str]] = {
    "PUT crm/opportunity/{opportunityid:[0-9]+}/stage/{id:[0-9]+}": "the `{id}` of the path stands in for `stageid`",
    "DELETE crm/opportunity/{opportunityid:[0-9]+}": _TRASH,
    "DELETE crm/opportunity/filter": _TRASH,
    "PUT crm/opportunity": _TRASH,
    "DELETE crm/contact/{contactid:[0-9]+}": _TRASH,
    "DELETE crm/contact/filter": _TRASH,
    "PUT crm/contact": _TRASH,
    "DELETE crm/case/{caseid:[0-9]+}": _TRASH,
    "DELETE crm/case/filter": _TRASH,
    "PUT crm/case": _TRASH,
    "DELETE crm/task/{taskid:[0-9]+}": _TRASH,
    "DELETE crm/invoice/{invoiceid:[0-9]+}": _TRASH,
    "DELETE crm/invoice": _TRASH,
    "DELETE crm/report/file/{fileid:[0-9]+}": _TRASH,
    "GET crm/case/{caseid:[0-9]+}/contact": _HIDDEN,
    "GET crm/{entityType:(contact|person|company|opportunity|case)}/{entityid:[0-9]+}/customfield": _HIDDEN,
    "POST crm/{entityType:(contact|person|company|opportunity|case)}/{entityid:[0-9]+}/customfield/{fieldid:[0-9]+}": (
        _HIDDEN
    ),
    "PUT crm/settings": "without `webFormKey` the present key stays, so that forms on other pages go on working",
    "PUT crm/contact/status/settings": _ADMIN,
    "PUT crm/contact/tag/settings": _ADMIN,
    "PUT crm/contact/mailtohistory/settings": _ADMIN,
    "GET crm/report/files": _MADE_HERE,
    "GET crm/report/status": _MADE_HERE,
    "GET crm/report/terminate": _MADE_HERE,
    "POST crm/report/check": _MADE_HERE,
    "POST crm/report/generate": _MADE_HERE,
    "GET crm/contact/project/{projectid:[0-9]+}": _PROJECTS,
    "POST crm/contact/project/{projectid:[0-9]+}": _PROJECTS,
    "POST crm/contact/{contactid:[0-9]+}/project/{projectid:[0-9]+}": _PROJECTS,
    "DELETE crm/contact/{contactid:[0-9]+}/project/{projectid:[0-9]+}": _PROJECTS,
    "POST crm/voip/numbers": _PROVIDER,
    "POST crm/voip/numbers/link": _PROVIDER,
    "GET crm/voip/token": _PROVIDER,
    "POST crm/voip/call": _PROVIDER,
    r"DELETE crm/voip/numbers/{numberId:\w+}": _PROVIDER,
    "PUT crm/voip/numbers/settings": _PROVIDER,
    r"PUT crm/voip/numbers/{numberId:\w+}/settings": _PROVIDER,
    r"PUT crm/voip/numbers/{numberId:\w+}/oper": _PROVIDER,
    r"DELETE crm/voip/numbers/{numberId:\w+}/oper": _PROVIDER,
    "PUT crm/voip/opers/{operatorId}": _PROVIDER,
    "DELETE crm/voip/uploads": _PROVIDER,
    r"POST crm/voip/call/{callId:\w+}/answer": _PROVIDER,
    r"POST crm/voip/call/{callId:\w+}/reject": _PROVIDER,
    r"POST crm/voip/call/{callId:\w+}/redirect": _PROVIDER,
    r"POST crm/voip/price/{callId:\w+}": _PROVIDER,
    r"POST crm/voip/call/{callId:\w+}": "kept also without a provider, for a telephone system that tells of its calls",
    "POST batch": "at most 100 calls, and no batch inside a batch",
}
"""Routes that answer otherwise than the contract says, each with what is different and why."""

_PLACE: Final = re.compile(r"\{(\w+)(?::(\([^)]*\)|[^{}]*))?\}")


class Entry(NamedTuple):
    """A route of the contract as it is served here; `right` is None where it is not served at all."""

    method: str
    template: str
    right: str | None
    note: str


def contract(text: str | None = None) -> list[tuple[str, str]]:
    """Return verb and path of every route of the contract."""
    lines = (CONTRACT.read_text("utf-8") if text is None else text).splitlines()
    return [(verb, template) for verb, _, template in (line.partition(" ") for line in lines if line)]


def paths(template: str) -> Iterator[str]:
    """Run through the paths a template stands for: each choice of words by itself, other places as `{}`."""
    found = _PLACE.search(template)
    if found is None:
        yield template.lower()
        return
    head, tail = template[: found.start()], template[found.end() :]
    rule = found[2] or ""
    for word in rule[1:-1].split("|") if rule.startswith("(") else ["\0"]:
        yield from (path.replace("\0", "{}") for path in paths(head + word + tail))


def entries(served: Iterable[Route], routes: Iterable[tuple[str, str]], notes: Mapping[str, str]) -> list[Entry]:
    """Return the routes of the contract in its order, each with the right it needs here and what is different."""
    by_path = {(route.method, path): route for route in served for path in paths(route.template)}
    found = []
    for verb, template in routes:
        ours = [by_path.get((verb, path)) for path in paths(template)]
        there = [route for route in ours if route is not None]
        right = _right(there) if len(there) == len(ours) else None
        found.append(Entry(verb, template, right, notes.get(f"{verb} {template}", "")))
    return found


def _right(routes: Iterable[Route]) -> str:
    rights = {"open" if route.anonymous else route.right or "signed in" for route in routes}
    return ", ".join(sorted(rights))


def beside(served: Iterable[Route], routes: Iterable[tuple[str, str]]) -> list[Route]:
    """Return the routes that are served here and no part of the contract."""
    known = {(verb, path) for verb, template in routes for path in paths(template)}
    return [route for route in served if not {(route.method, path) for path in paths(route.template)} & known]
