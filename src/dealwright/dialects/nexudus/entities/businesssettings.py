"""Settings of a location by name (related, BusinessSetting)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import OPTIONAL, REQUIRED, Entity, Member

BUSINESS_SETTING: Final = Entity(
    "BusinessSetting",
    "businesssettings",
    "sys",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Value", "str?", OPTIONAL, "value"),
    ),
)
