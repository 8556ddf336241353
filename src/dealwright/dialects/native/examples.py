"""An example of a body for every operation that takes one; the tests send them all."""

from __future__ import annotations

from typing import Any, Final

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "create_opportunity": {
        "title": "Ten desks for Lovelace & Co",
        "stage_id": 1,
        "contact_id": 1,
        "amount": {"amount": "1234.50", "currency": "EUR"},
        "expected_close_on": "2026-12-24",
        "utm": {"source": "newsletter"},
    },
    "change_opportunity": {
        "title": "Twelve desks for Lovelace & Co",
        "amount": {"amount": "1480.00"},
        "follow_up_at": "2026-12-01T09:00:00Z",
        "description": None,
    },
    "move_opportunity": {"stage_id": 2, "position": 1, "values": {"probability": 30}},
    "win_opportunity": {},
    "lose_opportunity": {"reason_id": 4},
    "restore_opportunity": {"stage_id": 1},
    "create_pipeline": {"name": "Meeting rooms", "location_id": 1},
    "change_pipeline": {"name": "Rooms and desks"},
    "create_stage": {
        "pipeline_id": 1,
        "title": "Viewing",
        "color": "#6bbd72",
        "probability": 40,
        "expected_days": 7,
        "required_fields": ["contact_id"],
    },
    "change_stage": {"title": "Viewing on site", "required_fields": []},
    "create_contact": {
        "kind": "person",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.com",
        "infos": [{"kind": "phone", "value": "+44 20 7946 0000", "category": 1, "is_primary": True}],
        "addresses": [{"street": "12 St James's Square", "city": "London", "country": "United Kingdom"}],
        "tags": ["Lead"],
    },
    "change_contact": {"job_title": "Countess", "notes": None},
    "create_case": {
        "title": "Keys for the new office of Lovelace & Co",
        "member_ids": [1],
        "shared_with": [1],
    },
    "change_case": {"title": "Keys and badges for Lovelace & Co", "shared_with": None},
    "close_case": {},
    "reopen_case": {},
    "restore_case": {},
    "create_token": {"label": "nightly report", "scope": ["CrmOpportunity-List", "CrmOpportunity-Read"]},
}
