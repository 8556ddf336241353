"""Documents of a customer (related, CoworkerDataFile)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import EXPANDED, OPTIONAL, READ_ONLY, REQUIRED, WRITE_ONLY, Entity, Member, each

COWORKER_DATA_FILE: Final = Entity(
    "CoworkerDataFile",
    "coworkerdatafiles",
    "spaces",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("BusinessName", "str", EXPANDED, "location.name"),
        Member("CoworkerId", "int", REQUIRED, "contact_id", to="Coworker"),
        Member("CoworkerFullName", "str", EXPANDED, "contact.display_name"),
        Member("CoworkerCoworkerType", "enum:eCoworkerType", EXPANDED, "contact.kind"),
        Member("CoworkerCompanyName", "str?", EXPANDED, "contact.company_name"),
        Member("CoworkerBillingName", "str?", EXPANDED, "contact.billing_name"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Description", "str?", OPTIONAL, "description"),
        Member("AvailableToUser", "bool", OPTIONAL, "shown_to_contact"),
        Member("RequestDigitalSignature", "bool"),
        Member("Signed", "bool", READ_ONLY),
        *each("str?", "DocumentTemplateGuid", "NotifyWhenSignedEmail", "ProposalGuid", "CoworkerContractGuid"),
        Member("NewFileDataUrl", "str?", WRITE_ONLY, "file_url"),
        Member("FileDataFileName", "str?", READ_ONLY, "file.title"),
        Member("ClearFileDataFile", "bool", WRITE_ONLY, "file_clear"),
        Member("NewSignedFileDataUrl", "str?", WRITE_ONLY, "signed_file_url"),
        Member("SignedFileDataFileName", "str?", READ_ONLY, "signed_file.title"),
        Member("ClearSignedFileDataFile", "bool", WRITE_ONLY, "signed_file_clear"),
    ),
    refusals={"file_id": "NewFileDataUrl", "signed_file_id": "NewSignedFileDataUrl"},
    downloads={"filedata": "file_id", "signedfiledata": "signed_file_id"},
)
