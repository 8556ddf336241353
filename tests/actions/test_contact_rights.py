"""Who may do what with a contact, on both databases."""

from __future__ import annotations

import pytest

from dealwright.actions import contacts
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, NotFound
from dealwright.storage.contact_lists import ContactCriteria
from dealwright.storage.database import Database
from tests.actions.about_contacts import FIRST, firm, outcome
from tests.cast import Cast, hire, role

WRITE, READ, NOBODY = Share.WRITE, Share.READ, Share.NOBODY


@pytest.mark.parametrize("verb", ["see", "list", "edit", "delete"])
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("olga", {WRITE: "ok", READ: "ok", NOBODY: "ok"}),
        ("carl", {WRITE: "ok", READ: "ok", NOBODY: "ok"}),
        ("mia", {WRITE: "ok", READ: "ok", NOBODY: "ok"}),
        ("noah", {WRITE: "ok", READ: "Forbidden", NOBODY: "NotFound"}),
        ("rita", dict.fromkeys(Share, "Forbidden")),
        ("gus", dict.fromkeys(Share, "Forbidden")),
    ],
    ids=["owner", "administrator", "manager", "colleague", "without the right", "guest"],
)
async def test_sharing_and_managers_decide_who_may_what(
    db: Database, cast: Cast, who: str, verb: str, expected: dict[Share, str]
) -> None:
    for sharing in Share:
        made = await firm(db, cast.olga, sharing=sharing, managers=[cast.mia.uid])
        found = await outcome(db, cast.actor(who), verb, made.contact.id)
        wanted = expected[sharing]
        assert found == ("ok" if wanted == "Forbidden" and verb in {"see", "list"} and who == "noah" else wanted)


async def test_each_verb_needs_its_right(db: Database, cast: Cast) -> None:
    cast.ids["una"] = await hire(db, "una", role_ids=[role(db, "Coworker-Read")])
    made = await firm(db, cast.mia)
    ident, una = made.contact.id, cast.actor("una")
    assert [await outcome(db, una, verb, ident) for verb in ("see", "edit", "delete")] == [
        "ok",
        "Forbidden",
        "Forbidden",
    ]
    with pytest.raises(Forbidden, match="Coworker-List"):
        await contacts.find(db, una, ContactCriteria(), FIRST)
    with pytest.raises(Forbidden, match="Coworker-Create"):
        await firm(db, una)


async def test_who_makes_a_contact_private_keeps_seeing_it(db: Database, cast: Cast) -> None:
    quiet = await firm(db, cast.mia, sharing=Share.NOBODY, managers=[cast.noah.uid])
    assert set(quiet.managers) == {cast.mia.uid, cast.noah.uid}
    said = ContactChange(managers=[cast.noah.uid])
    assert (await contacts.change(db, cast.carl, quiet.contact.id, said)).managers == (cast.noah.uid,)
    with pytest.raises(NotFound):
        await contacts.get(db, cast.mia, quiet.contact.id)
    assert await contacts.exists_for_anybody(db, quiet.contact.id)
    assert not await contacts.exists_for_anybody(db, 99999)


async def test_several_contacts_come_in_the_order_asked_for_and_hidden_ones_not_at_all(
    db: Database, cast: Cast
) -> None:
    one, two = await firm(db, cast.mia), await firm(db, cast.mia)
    hidden = await firm(db, cast.mia, sharing=Share.NOBODY)
    ids = [two.contact.id, hidden.contact.id, 99999, one.contact.id]
    assert [full.contact.id for full in await contacts.get_many(db, cast.noah, ids)] == [ids[0], ids[3]]
