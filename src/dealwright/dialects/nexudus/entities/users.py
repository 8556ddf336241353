"""People who sign in, and the roles they hold (related, User; decisions, roles)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import (
    DELTA,
    OPTIONAL,
    READ_ONLY,
    READING,
    REQUIRED,
    WRITE_ONLY,
    Entity,
    Member,
    each,
    first,
)
from dealwright.domain.values import UNSET

USER: Final = Entity(
    "User",
    "users",
    "sys",
    (
        Member("FullName", "str", REQUIRED, "name"),
        Member("Email", "str", REQUIRED, "email"),
        Member("AccessToken", "str?", READ_ONLY),
        Member("Language", "enum:eLanguage", OPTIONAL, "language", default=1),
        Member("PreferredLanguageId", "int?"),
        Member("NewPassword", "str?", WRITE_ONLY, "new_password"),
        Member("Password", "str?", WRITE_ONLY, "password"),
        Member("PasswordSalt", "str", READ_ONLY),
        # Nobody is promoted, locked out or let in again by a body that does not say so.
        Member("Active", "bool", OPTIONAL, "active", default=UNSET),
        Member("IsAdmin", "bool", OPTIONAL, "is_admin", default=UNSET),
        Member("APIAccess", "bool", OPTIONAL, "api_access", default=UNSET),
        *each("bool", "Validated", "MustResetPassword"),
        Member("LastAccess", "dt?", READ_ONLY, filtered=True),
        Member("Businesses", "int[]", OPTIONAL, "locations", to="Business"),
        *each("int[]?", "AddedBusinesses", "RemovedBusinesses", kind=DELTA),
        Member("UserRoles", "int[]", OPTIONAL, "roles", to="Role"),
        *each("int[]?", "AddedUserRoles", "RemovedUserRoles", kind=DELTA),
        Member("ChatRooms", "int[]"),
        Member("DefaultBusinessId", "int?", OPTIONAL, "location_id", to="Business"),
        Member("TwoFactorEnabled", "bool", READ_ONLY, "two_factor"),
        Member("LastHelpVisited", "int"),
        Member("InvalidLoginAttempts", "int", READ_ONLY, filtered=True),
        Member("LastLoginAttempt", "dt?", READ_ONLY, filtered=True),
    ),
    label=first("FullName"),
    refusals={"first_name": "FullName", "last_name": "FullName", "role_ids": "UserRoles", "standing": "IsAdmin"},
)

ROLE: Final = Entity("Role", "roles", "security", (Member("Name", "str", READ_ONLY, "name"),), verbs=READING)
