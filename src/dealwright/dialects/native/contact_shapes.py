"""Contacts as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.shapes import CurrencyCode, FieldId, Id, Instant, Name

Kind = Literal["person", "company"]
SharingName = Literal["managers", "read", "write"]
InfoKind = Literal[
    "phone",
    "email",
    "website",
    "skype",
    "twitter",
    "linkedin",
    "facebook",
    "livejournal",
    "myspace",
    "gmail",
    "blogger",
    "yahoo",
    "msn",
    "icq",
    "jabber",
    "aim",
    "vk",
]
Category = Annotated[int, Meta(ge=0, le=100, description="Home, work and the like: a number for each kind.")]
Line = Annotated[str, Meta(max_length=255)]


class Info(Struct, kw_only=True):
    """One way to reach a contact."""

    id: int
    kind: InfoKind
    value: str
    category: int
    is_primary: bool


class InfoSaid(Body, kw_only=True):
    """One way to reach a contact; with the `id` of a present one it is that one, changed."""

    id: Id | UnsetType = UNSET
    kind: InfoKind
    value: Annotated[str, Meta(min_length=1, max_length=1000)]
    category: Category = 0
    is_primary: bool = False


class Address(Struct, kw_only=True):
    """Where a contact lives or works."""

    id: int
    street: str
    city: str
    state: str
    zip: str
    country: str
    category: int
    is_primary: bool


class AddressSaid(Body, kw_only=True):
    """Where a contact lives or works; with the `id` of a present address it is that one, changed."""

    id: Id | UnsetType = UNSET
    street: Line = ""
    city: Line = ""
    state: Line = ""
    zip: Line = ""
    country: Line = ""
    category: Category = 0
    is_primary: bool = False


class Contact(Struct, kw_only=True):
    """A person or a company we sell to. `sharing` says who sees it beside its managers, and who may change it."""

    id: int
    uid: str
    version: int
    kind: Kind
    display_name: str
    first_name: str
    last_name: str
    name: str
    company_id: int | None
    company_name: str | None
    email: str | None
    job_title: str | None
    about: str | None
    industry: str | None
    currency: str | None
    status_id: int | None
    type_id: int | None
    sharing: SharingName
    manager_ids: list[int]
    team_ids: list[int]
    active: bool
    archived: bool
    notes: str | None
    infos: list[Info]
    addresses: list[Address]
    tags: list[str]
    custom: dict[str, str]
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


MEMBERS: Final = Contact.__struct_fields__
"""What `fields` can name."""


class ContactPatch(Body):
    """What to change about a contact (RFC 7396): absent members stay, null clears, lists are replaced as a whole.

    People have `first_name` and `last_name`, companies a `name`. `email` is the primary one; `company_name` links a
    person to the company of exactly that name where there is one.
    """

    kind: Kind | UnsetType = UNSET
    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    company_id: Id | UnsetType | None = UNSET
    company_name: Name | UnsetType | None = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType | None = UNSET
    job_title: Line | UnsetType | None = UNSET
    about: str | UnsetType | None = UNSET
    industry: Line | UnsetType | None = UNSET
    currency: CurrencyCode | UnsetType | None = UNSET
    status_id: Id | UnsetType | None = UNSET
    type_id: Id | UnsetType | None = UNSET
    sharing: SharingName | UnsetType = UNSET
    manager_ids: list[Id] | UnsetType = UNSET
    team_ids: list[Id] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    notes: str | UnsetType | None = UNSET
    infos: list[InfoSaid] | UnsetType = UNSET
    addresses: list[AddressSaid] | UnsetType = UNSET
    tags: list[Annotated[str, Meta(min_length=1, max_length=255)]] | UnsetType = UNSET
    custom: dict[FieldId, str | None] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class ContactDraft(ContactPatch, kw_only=True):
    """A new contact. One that is probably there already is refused with 409 unless `allow_duplicate` says so."""

    kind: Kind
    allow_duplicate: bool = False


class ContactRestore(Body):
    """Nothing needs to be said to take a contact back from the trash."""


class ContactMerge(Body, kw_only=True):
    """Which contact becomes one with the contact of the path, and goes to the trash."""

    from_id: Id
