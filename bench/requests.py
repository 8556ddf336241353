"""What is asked of the servers: requests as bytes, made one after the other from a description.

A description is a dictionary: `kind` names the maker, `refusal` (if any) is a text that only answers hold which say
no in spite of their status, the rest are parameters of the maker. Requests differ from each other (deal, texts,
amount, stage, links) as those of many people do. Nothing is ever asked twice: an update that changes nothing writes
nothing, so every update moves its deal to the next stage; the scene tells where each stands (`deals`: id and stage).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from random import Random
from typing import Any

Request = tuple[str, str, bytes]
"""Verb, path with query, body."""

WORDS = (
    *("renewal", "pilot", "workshop", "licence", "support", "migration", "training", "upgrade", "office", "fleet"),
    *("harbour", "north", "spring", "audit", "network", "storage", "clinic", "campus", "factory", "logistics"),
)
MEMBER_CHOICES = 4


def maker_of(description: Mapping[str, Any]) -> Callable[[], bytes]:
    """Return what makes the next request of a description, as it goes over the wire."""
    head = f"Host: 127.0.0.1\r\nAuthorization: {description['authorization']}\r\n"
    requests = requests_of(description)

    def following() -> bytes:
        verb, path, body = next(requests)
        if not body:
            return f"{verb} {path} HTTP/1.1\r\n{head}\r\n".encode()
        size = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{verb} {path} HTTP/1.1\r\n{head}{size}\r\n".encode() + body

    return following


def requests_of(description: Mapping[str, Any]) -> Iterator[Request]:
    """Return the endless requests of a description."""
    return _MAKERS[description["kind"]](description)


def described(kind: str, scene: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the description of requests to a server whose records a scene tells (see `bench.portal`)."""
    return {"kind": kind, "refusal": _REFUSALS.get(kind.split(maxsplit=1)[0], ""), **scene, **more}


def members_of(deal: int, choice: int, contacts: tuple[int, int]) -> list[int]:
    """Return two of the four contacts that may take part in a deal; neighbouring choices share one."""
    first, last = contacts
    span = last - first + 1
    return [first + (deal * 31 + (choice + step) % MEMBER_CHOICES * 7) % span for step in (0, 1)]


def title_of(chance: Random) -> str:
    """Return a title like those that people type."""
    return f"{chance.choice(WORDS).title()} {chance.choice(WORDS)} {chance.randrange(100_000)}"


def moves(deals: Sequence[tuple[int, int]], stages: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Return deals one after the other, each with the place of the stage that follows the one where it stands."""
    standing = dict(deals)
    places = {stage: place for place, stage in enumerate(stages)}
    while True:
        for deal, stage in standing.items():
            place = (places.get(stage, deal) + 1) % len(stages)
            standing[deal] = stages[place]
            yield deal, place


NOTES = (
    "The customer asks for an offer by the end of the month. Two sites to begin with, five more next year. "
    "Their present contract ends in autumn; the price matters less than the date. Call again after the holidays."
)


def _onlyoffice_put(given: Mapping[str, Any]) -> Iterator[Request]:
    chance = Random()
    stages, users, fields = given["stages"], given["users"], given["fields"]
    first, last = given["contacts"]
    for deal, place in moves(given["deals"], stages):
        body = {
            "title": title_of(chance),
            "description": f"{NOTES} {chance.choice(WORDS)} {chance.randrange(1000)}",
            "contactid": chance.randint(first, last),
            "members": members_of(deal, place, (first, last)),
            "responsibleid": chance.choice(users),
            "bidType": 4,
            "bidValue": chance.randrange(100, 10_000_000) / 100,
            "bidCurrencyAbbr": given["currency"],
            "perPeriodValue": 12,
            "stageid": stages[place],
            "successProbability": chance.randrange(101),
            "expectedCloseDate": f"2027-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "customFieldList": [{"key": one, "value": f"{chance.randrange(1_000_000)}"} for one in fields],
            "isPrivate": False,
        }
        yield "PUT", f"/api/2.0/crm/opportunity/{deal}", json.dumps(body).encode()


def _onlyoffice_get(given: Mapping[str, Any]) -> Iterator[Request]:
    for deal, _ in cycle(given["deals"]):
        yield "GET", f"/api/2.0/crm/opportunity/{deal}", b""


def _nexudus_put(given: Mapping[str, Any]) -> Iterator[Request]:
    chance, stages = Random(), given["stages"]
    first, last = given["contacts"]
    for deal, place in moves(given["deals"], stages):
        body = {
            "Id": deal,
            "Name": title_of(chance),
            "CrmBoardColumnId": stages[place],
            "CoworkerId": chance.randint(first, last),
            "Position": chance.randint(1, given["places"]),
            "ResponsibleId": chance.choice(given["user_ids"]),
            "Notes": f"{NOTES} {chance.choice(WORDS)} {chance.randrange(1000)}",
            "Value": chance.randrange(100, 10_000_000) / 100,
            "DueDate": f"2027-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T09:30:00Z",
            "LeadSource": chance.choice((1, 2, 4, 5)),
            "Status": 1,
            "UtmSource": chance.choice(WORDS),
        }
        yield "PUT", "/api/crm/crmopportunities", json.dumps(body).encode()


def _nexudus_get(given: Mapping[str, Any]) -> Iterator[Request]:
    for deal, _ in cycle(given["deals"]):
        yield "GET", f"/api/crm/crmopportunities/{deal}", b""


def _pages(given: Mapping[str, Any]) -> Iterator[Request]:
    """Paths as they are, one after the other, in an order of chance: a short turn may not get through all of them."""
    paths = list(given["paths"])
    Random().shuffle(paths)
    for path in cycle(paths):
        yield "GET", path, b""


def _tryton_write(given: Mapping[str, Any]) -> Iterator[Request]:
    chance = Random()
    first, last = given["parties"]
    for deal in cycle(given["deals"]):
        values = {
            "description": title_of(chance),
            "comment": f"{NOTES} {chance.choice(WORDS)} {chance.randrange(1000)}",
            "party": chance.randint(first, last),
            "employee": given["employee"],
            "amount": {"__class__": "Decimal", "decimal": f"{chance.randrange(100, 10_000_000) / 100:.2f}"},
            "conversion_probability": chance.randrange(101) / 100,
            "end_date": {"__class__": "date", "year": 2027, "month": chance.randint(1, 12), "day": 5},
        }
        yield _called(given, "write", [deal], values)


def _tryton_read(given: Mapping[str, Any]) -> Iterator[Request]:
    for deal in cycle(given["deals"]):
        yield _called(given, "read", [deal], given["fields"])


def _called(given: Mapping[str, Any], method: str, *arguments: Any) -> Request:
    call = {"id": 0, "method": f"model.sale.opportunity.{method}", "params": [*arguments, given["context"]]}
    return "POST", f"/{given['database']}/rpc/", json.dumps(call).encode()


def basic(name: str, password: str) -> str:
    """Return an Authorization header for a name and a password."""
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


_REFUSALS = {"nexudus": '"WasSuccessful":false', "tryton": '"error"'}
_MAKERS: dict[str, Callable[[Mapping[str, Any]], Iterator[Request]]] = {
    "onlyoffice put": _onlyoffice_put,
    "onlyoffice get": _onlyoffice_get,
    "nexudus put": _nexudus_put,
    "nexudus get": _nexudus_get,
    "pages": _pages,
    "tryton write": _tryton_write,
    "tryton read": _tryton_read,
}
