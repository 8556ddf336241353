"""Contacts by what is known of them: by e-mail, by any information, for a mailing (contacts-tasks-cases §2)."""

from __future__ import annotations

from dealwright.actions import contacts
from dealwright.actions.contacts import LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.contact_answers import contact_rows, contacts_with_tasks
from dealwright.dialects.onlyoffice.contact_info import TYPES, kind_of
from dealwright.dialects.onlyoffice.contact_lists import WIDEST, every
from dealwright.dialects.onlyoffice.contact_shown import info_shown
from dealwright.dialects.onlyoffice.contact_shown import kind_of as kind_of_contact
from dealwright.dialects.onlyoffice.envelope import Answer, listed
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.writing import contact_base
from dealwright.domain.contact_info import Info
from dealwright.domain.text import fold
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.contacts import FullContact
from dealwright.storage.query import Page


@routes.get("crm/contact/simple/byEmail", right=LIST)
async def get_by_email(call: Call) -> Answer:
    """Answer up to `maxCount` contacts that have an e-mail beginning with `term`, by name; none without either (§2)."""
    term, most = fold(call.bag.text("term")), min(call.bag.integer("maxCount"), WIDEST)
    if not term or most <= 0:
        return listed([], call.page)
    criteria = ContactCriteria(info_kind=int(Info.EMAIL), info_prefix=term)
    ids = await contacts.find_ids(call.db, call.actor, criteria, Page(0, most), ContactOrder.DISPLAY_NAME)
    found = await contacts.get_many(call.db, call.actor, ids)
    return listed(await contacts_with_tasks(call, found), call.page)


@routes.get("crm/contact/bycontactinfo", right=LIST)
async def get_by_info(call: Call) -> Answer:
    """Answer the contacts with a piece of information of a kind, whose value holds `data` (§2): 400 without a kind."""
    bag = call.bag
    kind = bag.nullable_enum("infoType", TYPES)
    if kind is None:
        raise bad_argument()
    criteria = ContactCriteria(
        info_kind=int(kind_of(kind)),
        info_part=fold(bag.text("data")) or None,
        info_category=bag.nullable_integer("category"),
        info_primary=bag.nullable_boolean("isPrimary"),
    )
    return listed(await contact_rows(call, await every(call, criteria)), call.page, kind_of_contact)


@routes.get("crm/contact/mail", right=LIST)
async def get_for_mail(call: Call) -> Answer:
    """Answer those of the contacts that the caller sees, each with its primary e-mail where there is one (§2)."""
    found = await contacts.get_many(call.db, call.actor, call.bag.integers("contactids"))
    return listed([_with_email(call, full) for full in found], call.page, kind_of_contact)


def _with_email(call: Call, full: FullContact) -> Shown:
    emails = (info for info in full.infos if info.kind is Info.EMAIL and info.is_primary)
    email, shown = next(emails, None), contact_base(call.portal, call.actor, full.brief)
    return shown if email is None else {"email": info_shown(email)} | shown
