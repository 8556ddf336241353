"""Fields that a portal adds at run time (crm §13)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import DELTA, OPTIONAL, REQUIRED, Entity, Member, each

CUSTOM_FIELD: Final = Entity(
    "CustomField",
    "customfields",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("Name", "str", REQUIRED, "label"),
        Member("DisplayOrder", "int", REQUIRED, "position"),
        Member("RecordType", "enum:RecordType", REQUIRED, "subject"),
        Member("FieldType", "enum:FieldType", REQUIRED, "type"),
        Member("CoworkerFieldPosition", "enum:CoworkerFieldPosition", REQUIRED),
        Member("AvailableOptions", "str?", OPTIONAL, "options"),
        Member("AllowMultipleOptions", "bool"),
        Member("CustomFieldIndex", "int", REQUIRED, "number"),
        Member("Required", "bool"),
        Member("GroupName", "str?"),
        *each("bool", "DisplayInPublicProfile", "DisplayInDirectorySearch"),
        Member("NameInSearch", "str?"),
        Member("Visibility", "enum:Visibility", REQUIRED),
        *each("bool", "DisplayInSignUpForm", "DisplayInProfileForm", "DisplayInTourForm"),
        *each("bool", "DisplayInEventSignUpForm", "ShowInBookingForm", "DisplayInProductSignUpForm"),
        *each("bool", "DisplayInTeamSignUpForm", "DisplayInCourseSignUpForm", "DisplayInTariffSignUpForm"),
        *each("bool", "DisplayInBookingSignUpForm", "DisplayInResourceSearch"),
        Member("Resources", "int[]"),
        *each("int[]?", "AddedResources", "RemovedResources", kind=DELTA),
    ),
    refusals={"mask": "AvailableOptions"},
)
