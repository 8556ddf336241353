"""Tables of opportunities that are handed over to be taken in (crm §6)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import OPTIONAL, READ_ONLY, REQUIRED, WRITE_ONLY, Entity, Member

CRM_OPPORTUNITY_IMPORT_FILE: Final = Entity(
    "CrmOpportunityImportFile",
    "crmopportunityimportfiles",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("Name", "str", REQUIRED, "name"),
        Member("NewFileDataUrl", "str?", WRITE_ONLY, "file_url"),
        Member("FileDataFileName", "str?", READ_ONLY, "file.title"),
        Member("ClearFileDataFile", "bool?", WRITE_ONLY, "file_clear"),
        Member("Imported", "bool", OPTIONAL, "imported"),
    ),
    refusals={"file_id": "NewFileDataUrl"},
    downloads={"filedata": "file_id"},
)
