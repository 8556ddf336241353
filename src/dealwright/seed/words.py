"""The words that made-up data is made of: names from several languages, businesses, deals and remarks."""

from __future__ import annotations

from typing import Final

FIRST_NAMES: Final = (
    *("Amelia", "Ben", "Chiara", "Daan", "Eszter", "Farid", "Grace", "Hannah", "Ines", "Jakub", "Keiko", "Lars"),
    *("Maya", "Noah", "Olga", "Pedro", "Quentin", "Rania", "Sofia", "Tomáš", "Ulrike", "Victor", "Wanda", "Ximena"),
    *("Yusuf", "Zoë", "Ahmed", "Beatriz", "Carlos", "Dilara", "Emil", "Fatima", "Giulia", "Hugo", "Ingrid", "João"),
    *("Kateřina", "Liam", "Marta", "Nils", "Orla", "Priya", "Rafael", "Søren", "Theo", "Urszula", "Vera", "Wei"),
    *("Yasmin", "Željko", "Anaïs", "Björn", "Chloé", "Dmitri", "Elif", "Freya", "Gustav", "Hiroshi", "Isla", "Jonas"),
)
LAST_NAMES: Final = (
    *("Abbott", "Baker", "Costa", "Dubois", "Eriksson", "Fischer", "García", "Haddad", "Ito", "Jansen", "Kowalski"),
    *("Lindqvist", "Moreau", "Nowak", "O'Brien", "Petrov", "Quinn", "Rossi", "Schmidt", "Tanaka", "Ueda", "Vargas"),
    *("Wagner", "Xu", "Yılmaz", "Zimmermann", "Almeida", "Brandt", "Carvalho", "Delgado", "Ek", "Fernández", "Grant"),
    *("Hoffmann", "Ivanova", "Jørgensen", "Kaya", "Lopes", "Müller", "Nielsen", "Okafor", "Patel", "Rahman", "Silva"),
    *("Tóth", "Usman", "Virtanen", "Walsh", "Young", "Zhang", "Ångström", "Bianchi", "Conti", "Dvořák", "Evans"),
)
COMPANY_STARTS: Final = (
    *("Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper", "Kestrel"),
    *("Linden", "Meridian", "Northwind", "Orchard", "Pinnacle", "Quarry", "Riverside", "Saffron", "Tidal", "Umbra"),
    *("Vantage", "Willow", "Xenon", "Yarrow", "Zenith", "Anchor", "Beacon", "Cedar", "Drift", "Élan", "Foundry"),
)
COMPANY_TRADES: Final = (
    *("Analytics", "Architects", "Bakery", "Biotech", "Builders", "Catering", "Ceramics", "Clinics", "Coffee"),
    *("Consulting", "Design", "Energy", "Events", "Films", "Foods", "Freight", "Games", "Health", "Interiors"),
    *("Insurance", "Labs", "Law", "Logistics", "Media", "Mobility", "Optics", "Partners", "Press", "Robotics"),
    *("Software", "Studios", "Textiles", "Travel", "Ventures", "Water", "Works"),
)
COMPANY_ENDS: Final = ("Ltd", "GmbH", "SA", "BV", "AB", "Inc", "SL", "Oy", "LLC", "s.r.o.")
JOBS: Final = (
    *("Office manager", "Managing director", "Head of people", "Chief of staff", "Founder", "Operations lead"),
    *("Buyer", "Finance director", "Community manager", "Head of IT", "Marketing lead", "Assistant"),
)
INDUSTRIES: Final = ("Technology", "Professional services", "Health", "Retail", "Media", "Manufacturing", "Education")
WANTS: Final = (
    *("Team office", "Hot desks", "Dedicated desks", "Meeting room package", "Virtual office", "Event space"),
    *("Private suite", "Day passes", "Parking", "Fit-out", "Annual membership", "Podcast studio", "Storage"),
    *("Consulting retainer", "Support contract", "Licence renewal", "Training days", "Pilot project", "Migration"),
)
REASONS: Final = (
    *("from January", "from spring", "for the new team", "two floors", "renewal", "expansion", "trial", "three months"),
    *("after the merger", "for the Berlin office", "for the Lisbon office", "second phase", "winter campaign"),
)
REMARKS: Final = (
    *("Wants a tour on a Tuesday.", "Needs step-free access.", "Asked for a longer notice period.", "Price first."),
    *("Their lease ends in the summer.", "Decision is with the board.", "Came through a member.", "Has a dog."),
    *("Compared us with two others.", "Needs a locked store room.", "Wants to start small.", "Call after five."),
    *("Ready as soon as the contract is.", "Would like natural light.", "Needs an invoice in euros.", "Very friendly."),
)
CAMPAIGNS: Final = (("google", "cpc"), ("newsletter", "email"), ("linkedin", "social"), ("partner", "referral"))
TASKS: Final = (
    *("Call back", "Send the offer", "Show the rooms", "Ask about the start date", "Prepare the contract"),
    *("Check the references", "Order furniture", "Agree the price", "Invite to the event", "Say thank you"),
)
TAGS: Final = (
    *("priority", "referral", "renewal", "large team", "short term", "start-up", "enterprise", "events", "follow up"),
    *("price sensitive", "signed before", "press"),
)
TEAMS: Final = ("Field sales", "Inside sales", "Partners", "Key accounts", "Renewals", "North", "South", "Events")
