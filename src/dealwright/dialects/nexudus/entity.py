"""What a table of entities is made of, and what follows from it; knows no entity by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cached_property
from typing import Final

from dealwright.domain.values import UNSET

Record = dict[str, object]
Label = Callable[[Record], str | None]


class Kind(StrEnum):
    """Who may write a member (crm §2 onward, column Kind)."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    READ_ONLY = "read-only"
    EXPANDED = "expanded"
    CREATE_ONLY = "create-only"
    WRITE_ONLY = "write-only"
    DELTA = "delta"


REQUIRED: Final = Kind.REQUIRED
OPTIONAL: Final = Kind.OPTIONAL
READ_ONLY: Final = Kind.READ_ONLY
EXPANDED: Final = Kind.EXPANDED
CREATE_ONLY: Final = Kind.CREATE_ONLY
WRITE_ONLY: Final = Kind.WRITE_ONLY
DELTA: Final = Kind.DELTA


class Verb(Enum):
    """What can be asked of an entity (conventions §3)."""

    LIST = "list"
    READ = "read"
    BATCH = "batch"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    COMMANDS = "commands"
    RUN = "run"


EVERY_VERB: Final = frozenset(Verb)
READING: Final = frozenset({Verb.LIST, Verb.READ, Verb.BATCH})
_RIGHTS: Final[Mapping[Verb, str]] = {
    Verb.LIST: "List",
    Verb.READ: "Read",
    Verb.BATCH: "Read",
    Verb.CREATE: "Create",
    Verb.UPDATE: "Edit",
    Verb.DELETE: "Delete",
    Verb.COMMANDS: "List",
    Verb.RUN: "Edit",
}


class ByType(Enum):
    """The default of a member whose table says nothing: what its type starts with."""

    START = "start"


_STARTS: Final[Mapping[str, object]] = {"bool": False, "int": 0, "dec": 0, "int[]": UNSET, "fields": UNSET}


@dataclass(frozen=True, eq=False)
class Member:
    """One member of a record.

    `type` is written as documented: `str int bool dec dt`, `int[]`, `enum:<name>`, a `?` where null is
    allowed, and `fields` for CustomFields. `ours` is our name of it, dotted where it belongs to a related
    record; empty when we only keep and give back what was sent. `to` names the entity an id points to, where
    we have it. `default` is what an absent member means to POST and PUT; UNSET leaves the stored value alone.
    `forgiven`: a PUT may leave a required member out where the stored record has none either. `filtered`: lists are
    narrowed by it though it is read-only.
    """

    name: str
    type: str
    kind: Kind = OPTIONAL
    ours: str = ""
    default: object = ByType.START
    to: str = ""
    forgiven: bool = False
    filtered: bool = False

    @cached_property
    def base(self) -> str:
        """The type without its `?` and without the enum's name."""
        return self.type.partition(":")[0].rstrip("?")

    @cached_property
    def enum(self) -> str:
        """The name of the enum, or an empty text."""
        return self.type.partition(":")[2]

    @cached_property
    def nullable(self) -> bool:
        """Whether null is a value."""
        return self.type.partition(":")[0].endswith("?")

    @cached_property
    def key(self) -> str:
        """Under which name values travel between the wire and the handlers: ours, else the member's."""
        return self.ours or self.name

    @cached_property
    def is_reference(self) -> bool:
        """Whether this is a foreign key, which filters and errors name without `Id` (conventions §4, §6)."""
        return self.base == "int" and self.name.endswith("Id") and len(self.name) > 2

    @cached_property
    def property_name(self) -> str:
        """What an error calls this member."""
        return self.name.removesuffix("Id") if self.is_reference else self.name

    @cached_property
    def is_collection(self) -> bool:
        """Whether this is a list of ids that only get-one fills."""
        return self.base == "int[]" and self.kind is not DELTA

    @cached_property
    def is_written_by(self) -> frozenset[Verb]:
        """Which verbs read this member from a body; the others ignore it."""
        if self.kind in (READ_ONLY, EXPANDED):
            return frozenset()
        return frozenset({Verb.CREATE}) if self.kind is CREATE_ONLY else frozenset({Verb.CREATE, Verb.UPDATE})

    @cached_property
    def absent(self) -> object:
        """What an absent member becomes: a value, DERIVE, or UNSET where nothing is to change."""
        if self.default is not ByType.START:
            return self.default
        if self.kind in (WRITE_ONLY, DELTA):
            return UNSET
        return None if self.nullable else _STARTS[self.base]

    @cached_property
    def is_single(self) -> bool:
        """Whether this is one value that can be compared and sorted, and is no secret."""
        return self.base not in ("int[]", "fields") and self.kind not in (WRITE_ONLY, DELTA)

    @cached_property
    def has_range(self) -> bool:
        """Whether `from_` and `to_` apply: dates, decimals and integers that are no stored foreign key."""
        return self.base in ("int", "dec", "dt") and not (self.is_reference and self.kind is not EXPANDED)

    @cached_property
    def names(self) -> frozenset[str]:
        """The folded names a query may use: the member's and, for a key, the relation's."""
        spelled = {self.name.lower()}
        if self.is_reference:
            spelled.add(self.name.removesuffix("Id").lower())
        return frozenset(spelled)


def each(of: str, *names: str, kind: Kind = OPTIONAL, default: object = ByType.START) -> Iterator[Member]:
    """Return members of one type that differ in their names only."""
    return (Member(name, of, kind, default=default) for name in names)


# conventions §9: last in every record, in this order.
STANDARD: Final = (
    Member("Id", "int", READ_ONLY, "id"),
    Member("UpdatedOn", "dt", READ_ONLY, "updated_at"),
    Member("CreatedOn", "dt", READ_ONLY, "created_at"),
    Member("UniqueId", "str", READ_ONLY, "uid"),
    Member("UpdatedBy", "str?", READ_ONLY, "updated_by"),
    Member("IsNew", "bool", READ_ONLY),
    Member("SystemId", "str?", OPTIONAL, "system_id", default=UNSET),
    Member("ToStringText", "str?", READ_ONLY),
    Member("LocalizationDetails", "str?", READ_ONLY),
    Member("CustomFields", "fields?", OPTIONAL, "custom", default=UNSET),
)
_STANDARD_FILTERS: Final = frozenset({"Id", "UniqueId", "CreatedOn", "UpdatedOn", "SystemId"})


def first(*names: str) -> Label:
    """Return a label (`ToStringText`) that is the first of these members that holds a text."""
    return lambda record: next((str(record[name]) for name in names if record[name]), None)


def joined(*names: str) -> Label:
    """Return a label (`ToStringText`) that joins these members with a dash, those without a text left out."""
    return lambda record: " - ".join(str(record[name]) for name in names if record[name]) or None


@dataclass(frozen=True, eq=False)
class Entity:
    """One kind of record: its words, its members in documented order, and what can be asked of it.

    `refusals` says which member is to blame for a refusal that names a field of ours no member holds alone.
    `downloads` maps what may follow an id in a path, `/{id}/filedata`, to our field of that file.
    """

    name: str
    plural: str
    module: str
    own: tuple[Member, ...]
    order: str = "Id"
    verbs: frozenset[Verb] = EVERY_VERB
    label: Label = field(default_factory=lambda: first("Name"))
    refusals: Mapping[str, str] = field(default_factory=dict)
    downloads: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Every member, the ten standard ones last."""
        return self.own + STANDARD

    @cached_property
    def by_name(self) -> Mapping[str, Member]:
        """Members by their exact name."""
        return {member.name: member for member in self.members}

    @cached_property
    def collections(self) -> tuple[Member, ...]:
        """The lists of ids."""
        return tuple(member for member in self.members if member.is_collection)

    @cached_property
    def sortable(self) -> Mapping[str, Member]:
        """Members that `orderby` may name, by folded name."""
        return {name: member for member in self.members if member.is_single for name in member.names}

    @cached_property
    def filterable(self) -> Mapping[str, Member]:
        """Members that a list filter may name, by folded name (conventions §4).

        Read-only members are no filters (crm §4, CrmUpdatedOn), except where all members are read-only or one says so.
        """
        return {name: member for name, member in self.sortable.items() if self._is_filter(member)}

    def _is_filter(self, member: Member) -> bool:
        if member in STANDARD:
            return member.name in _STANDARD_FILTERS
        return member.filtered or member.kind is not READ_ONLY or not self.verbs & {Verb.CREATE, Verb.UPDATE}

    def right(self, verb: Verb) -> str:
        """Return the right a verb needs, such as `CrmOpportunity-Edit` (conventions §2.3)."""
        return f"{self.name}-{_RIGHTS[verb]}"

    def property_of(self, name: str) -> str:
        """Return what an error calls a field, given our name of it or the member's; others stay as they are.

        What stands behind a dot says which part of the field is meant and is not told.
        """
        return self._properties.get(name.partition(".")[0], name)

    @cached_property
    def _properties(self) -> Mapping[str, str]:
        writable = [member for member in self.members if member.is_written_by or member.name == "Id"]
        named = {name: member.property_name for member in writable for name in (member.key, member.name)}
        return {**named, **self.refusals}
