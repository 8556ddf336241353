"""From method and path to what is asked for, by one look-up on the plural (conventions §1 and §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from dealwright.dialects.nexudus.entities import BY_PLURAL
from dealwright.dialects.nexudus.entity import Entity, Verb
from dealwright.dialects.nexudus.typed import ID_LIMIT
from dealwright.domain.errors import NotFound

MODULES: Final = frozenset({"sys", "spaces", "billing", "crm", "community", "content", "support", "apps", "security"})


class Special(Enum):
    """What is asked for outside the entities."""

    TOKEN = "POST /api/token"  # noqa: S105
    ENUMS = "GET /api/utils/enums"
    ME = "GET /en/user/me"
    PANEL_ME = "GET /api/auth/me"
    LINK_TOKEN = "POST /api/sys/users/token/refresh"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Call:
    """A verb on an entity; `id` is the record's where the path names one, 0 where no record can have it.

    A list may still turn out to be a batch: the query string says so (`listing.is_batch`). `part` names the file of
    the record that is asked for, where one is.
    """

    entity: Entity
    verb: Verb
    id: int = 0
    part: str = ""


class NotOffered(Exception):
    """The path is known, the method is not for it; `allowed` are those that are."""

    def __init__(self, *allowed: str) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


_COLLECTION: Final = {"GET": Verb.LIST, "POST": Verb.CREATE, "PUT": Verb.UPDATE}
# PUT with the id in the path is one client's habit and does no harm.
_RECORD: Final = {"GET": Verb.READ, "PUT": Verb.UPDATE, "DELETE": Verb.DELETE}
_BESIDE: Final[Mapping[str, Mapping[str, Verb]]] = {
    "": _COLLECTION,
    "commands": {"GET": Verb.COMMANDS},
    "runcommand": {"POST": Verb.RUN},
}
_SPECIAL: Final[Mapping[str, tuple[str, Special]]] = {
    path: (method, special) for special in Special for method, path in [special.value.split(" ")]
}


def find(method: str, path: str) -> Call | Special:
    """Return what is asked for; case and a trailing slash do not matter, nor which known module stands there.

    Refuses with NotFound an unknown path or entity, and with NotOffered a verb the entity does not have.
    """
    folded = path.lower().removesuffix("/")
    method = "GET" if method == "HEAD" else method
    if folded in _SPECIAL:
        allowed, special = _SPECIAL[folded]
        if method != allowed:
            raise NotOffered(allowed)
        return special
    entity, rest = _entity_of(folded)
    if rest in _BESIDE:
        return Call(entity, _offered(entity, rest, method))
    digits, _, part = rest.partition("/")
    if not (digits.isascii() and digits.isdigit()) or (part and part not in entity.downloads):
        raise NotFound("path")
    if part and method != "GET":
        raise NotOffered("GET")
    return Call(entity, _offered(entity, "{id}", method), _id_of(digits), part)


def _entity_of(folded: str) -> tuple[Entity, str]:
    root, api, module, plural, *rest = (*folded.split("/", 4), "", "", "", "")[:5]
    entity = BY_PLURAL.get(plural)
    if root or api != "api" or module not in MODULES or entity is None:
        raise NotFound("path")
    return entity, rest[0]


@cache
def _offers(entity: Entity, place: str) -> Mapping[str, Verb]:
    verbs = _BESIDE.get(place, _RECORD)
    return {name: verb for name, verb in verbs.items() if verb in entity.verbs}


def _offered(entity: Entity, place: str, method: str) -> Verb:
    offered = _offers(entity, place)
    if not offered:
        raise NotFound("path")
    if method not in offered:
        raise NotOffered(*offered)
    return offered[method]


def _id_of(digits: str) -> int:
    number = int(digits) if len(digits) <= 10 else 0
    return number if number < ID_LIMIT else 0
