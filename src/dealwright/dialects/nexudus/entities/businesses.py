"""Locations and their currencies (related, Business and Currency)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import (
    EVERY_VERB,
    EXPANDED,
    OPTIONAL,
    READ_ONLY,
    READING,
    Entity,
    Member,
    Verb,
    each,
)
from dealwright.domain.values import UNSET

BUSINESS: Final = Entity(
    "Business",
    "businesses",
    "sys",
    (
        Member("Name", "str", OPTIONAL, "name", default=UNSET),
        Member("DefaultLanguage", "enum:eLanguage", default=UNSET),
        Member("SpaceWebsiteLanguageId", "int?"),
        Member("SpaceWebsiteLanguageCulture", "str?", READ_ONLY),
        Member("RootLocationId", "int?", READ_ONLY),
        Member("WebAddress", "str", default=UNSET),
        *each("str?", "ShortIntroduction", "AboutUs", "TermsAndConditions", "WebContact", "Address"),
        *each("str?", "Phone", "Fax", "EmailContact"),
        Member("CountryId", "int", OPTIONAL, "country_id", default=UNSET),
        Member("CountryName", "str", READ_ONLY),
        Member("CurrencyId", "int", OPTIONAL, "currency_id", default=UNSET, to="Currency"),
        Member("CurrencyCode", "str", EXPANDED, "currency.code"),
        Member("SimpleTimeZoneId", "int", OPTIONAL, "time_zone_id", default=UNSET),
        Member("Suspended", "bool"),
        *each("str?", "Tags", "TownCity", "State", "PostalCode"),
    ),
    verbs=EVERY_VERB - {Verb.CREATE, Verb.DELETE},
)

CURRENCY: Final = Entity(
    "Currency",
    "currencies",
    "sys",
    (
        Member("Name", "str", READ_ONLY, "title"),
        Member("Code", "str", READ_ONLY, "code"),
        Member("Format", "str", READ_ONLY, "format"),
    ),
    order="Name",
    verbs=READING,
)
