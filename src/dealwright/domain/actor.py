"""Who acts, and what that person may see and do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from dealwright.domain.errors import Forbidden

ENTITIES: Final = (
    *("CrmBoard", "CrmBoardColumn", "CrmOpportunity", "CrmOpportunityHistory", "CrmOpportunityImportFile"),
    *("OpportunityType", "CoworkerTask", "CannedResponse", "TaskList", "TaskItem", "Reminder", "CustomField"),
    *("Coworker", "CoworkerNote", "CoworkerMessage", "CoworkerDataFile", "Team", "User", "Role", "Business"),
    *("BusinessSetting", "Currency", "Proposal", "FormPage", "FormPageRequest", "CalendarEvent", "WebHook"),
    *("Case", "Invoice", "File", "Report"),
)
VERBS: Final = ("List", "Read", "Create", "Edit", "Delete")
RIGHTS: Final = frozenset(f"{entity}-{verb}" for entity in ENTITIES for verb in VERBS)

# What shapes the portal for everybody: nobody changes it by being a member.
_SETTINGS: Final = frozenset(
    f"{entity}-{verb}"
    for entity in ("CrmBoard", "CrmBoardColumn", "CustomField", "OpportunityType", "CannedResponse", "Currency")
    for verb in ("Create", "Edit", "Delete")
)
_PORTAL: Final = frozenset(
    f"{entity}-{verb}"
    for entity in ("User", "Role", "Business", "BusinessSetting", "WebHook")
    for verb in ("Create", "Edit", "Delete")
)
# These may hold keys and addresses that are not for everybody.
_CONFIDENTIAL: Final = frozenset({"WebHook-List", "WebHook-Read", "BusinessSetting-List", "BusinessSetting-Read"})
MEMBER_RIGHTS: Final = RIGHTS - _SETTINGS - _PORTAL - _CONFIDENTIAL
CRM_ADMIN_RIGHTS: Final = RIGHTS - _PORTAL


class Standing(IntEnum):
    """What somebody is to the portal; the numbers are stored."""

    OWNER = 1
    ADMIN = 2
    CRM_ADMIN = 3
    MEMBER = 4
    LIMITED = 5
    GUEST = 6


class Sight(IntEnum):
    """How far a role-limited person sees; the numbers are stored."""

    ALL = 0
    TEAM = 1
    OWN = 2


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who is signed in, as the rules of one stamp know that person."""

    id: int
    uid: str
    email: str
    name: str
    standing: Standing
    rights: frozenset[str]
    stamp: int
    sight: Sight = Sight.ALL
    via: str = ""
    api_access: bool = True
    teams: tuple[int, ...] = ()
    documented_names: bool = False

    @property
    def by(self) -> int | None:
        """The id under which deeds are kept; None where a rule acts for nobody."""
        return self.id or None

    @property
    def is_admin(self) -> bool:
        """Whether everything is allowed, people and settings included."""
        return self.standing <= Standing.ADMIN

    @property
    def is_crm_admin(self) -> bool:
        """Whether everything in the CRM is allowed and every record is seen."""
        return self.standing <= Standing.CRM_ADMIN

    def may(self, right: str) -> bool:
        """Tell whether this person holds a right such as `CrmOpportunity-Edit`."""
        return right in self.rights

    def require(self, right: str) -> None:
        """Refuse with Forbidden unless this person holds the right."""
        if right not in self.rights:
            raise Forbidden(f"the right {right} is needed", right)

    def narrowed(self, scope: frozenset[str] | None, via: str, documented: bool = False) -> Actor:
        """Return the same person through a token: with its rights at most."""
        rights = self.rights if scope is None else self.rights & scope
        return replace(self, rights=rights, via=via, documented_names=documented)


def rights_of(standing: Standing, granted: frozenset[str]) -> frozenset[str]:
    """Return the rights that a standing brings, or for a role-limited person exactly those granted."""
    return {
        Standing.OWNER: RIGHTS,
        Standing.ADMIN: RIGHTS,
        Standing.CRM_ADMIN: CRM_ADMIN_RIGHTS,
        Standing.MEMBER: MEMBER_RIGHTS,
        Standing.LIMITED: granted,
        Standing.GUEST: frozenset[str](),
    }[standing]
