"""Groups of customers (related, Team)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import (
    DELTA,
    EXPANDED,
    OPTIONAL,
    READ_ONLY,
    REQUIRED,
    Entity,
    Member,
    each,
)

TEAM: Final = Entity(
    "Team",
    "teams",
    "spaces",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("BusinessName", "str", EXPANDED, "location.name"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Description", "str?", OPTIONAL, "description"),
        Member("TunnelPrivateGroupId", "str?"),
        Member("TeamMembers", "int[]", OPTIONAL, "members", to="Coworker"),
        *each("int[]?", "AddedTeamMembers", "RemovedTeamMembers", kind=DELTA),
        Member("TeamAdministrators", "int[]", OPTIONAL, "administrators", to="Coworker"),
        *each("int[]?", "AddedTeamAdministrators", "RemovedTeamAdministrators", kind=DELTA),
        *each("bool", "CreateSingleInvoiceForTeam", "UseSpecialPrices"),
        Member("PayingMemberId", "int?", to="Coworker"),
        Member("PayingMemberFullName", "str?", READ_ONLY),
        Member("PayingMemberCoworkerType", "str?", READ_ONLY),
        Member("PayingMemberBillingName", "str?", READ_ONLY),
        Member("PayingMemberCompanyName", "str?", READ_ONLY),
        Member("DefaultMemberTariffId", "int?"),
        Member("DefaultMemberTariffName", "str?", READ_ONLY),
        Member("MaxTeamMemberCount", "dec?"),
        *each("bool", "TransferCreditsToPayingMember", "ShareTimePasses", "ShareExtraServices"),
        Member("ShareBookingCredit", "bool"),
        *each("dec?", "DiscountExtraServices", "DiscountTimePasses", "DiscountCharges", "DiscountTariffs"),
        *each("str?", "ProfileSummary", "ProfileTags"),
        Member("ProfileWebsite", "str?", OPTIONAL, "profile_website"),
        Member("GoogleMapsLink", "str?"),
        *each("bool", "ProfileIsPublic", "HasCommunityGroup"),
        *each("str?", "Twitter", "Facebook", "Linkedin", "Skype", "Telegram", "Github", "Pinterest"),
        *each("str?", "Flickr", "Instagram", "Vimeo", "Tumblr", "Blogger"),
        *each("str?", "CoworkerIds", "CoworkerFullNames", "CoworkerBillingNames", kind=READ_ONLY),
        Member("ActiveContracts", "int", READ_ONLY),
        Member("AvgChurnProbability", "dec?", READ_ONLY),
        Member("EngagementLevel", "str?", READ_ONLY),
        Member("DisableAttendanceDashboard", "bool"),
        Member("ExtraServices", "int[]"),
    ),
)
