"""Settings of the portal (invoices-reports-voip §3; contacts-tasks-cases §8): switches and the key of the form."""

from __future__ import annotations

from typing import Final

from dealwright.actions import portal_settings as deeds
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, one, text
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.values import NO_GUID

STATUS_OF_GROUP: Final = "contact_status_of_group"
TAG_OF_GROUP: Final = "contact_tag_of_group"
MAIL_TO_HISTORY: Final = "mail_to_history"


@routes.put("crm/settings")
async def put_settings(call: Call) -> Answer:
    """Say whether the portal is set up (yes unless told) and perhaps the key of its form; answer the former (§3). 403.

    Without a key the present one stays, so that forms on other people's pages go on working.
    """
    said, key = call.bag.nullable_boolean("configured"), call.bag.nullable_guid("webFormKey")
    return one(await deeds.configure(call.db, call.actor, said is not False, None if key == NO_GUID else key))


@routes.put("crm/settings/webformkey/change")
async def put_form_key(call: Call) -> Answer:
    """Give the public form a new key and answer it (§3). 403."""
    return text(await deeds.new_form_key(call.db, call.actor))


@routes.put("crm/contact/status/settings")
async def put_status_settings(call: Call) -> Answer:
    """Say whether a status is given to a company and its people together; nothing means: ask (§8). 403."""
    said = call.bag.nullable_boolean("changeContactStatusGroupAuto")
    return one(await deeds.switch(call.db, call.actor, STATUS_OF_GROUP, said))


@routes.put("crm/contact/tag/settings")
async def put_tag_settings(call: Call) -> Answer:
    """Say whether a tag is put on a company and its people together; nothing means: ask (§8). 403."""
    said = call.bag.nullable_boolean("addTagToContactGroupAuto")
    return one(await deeds.switch(call.db, call.actor, TAG_OF_GROUP, said))


@routes.put("crm/contact/mailtohistory/settings")
async def put_mail_settings(call: Call) -> Answer:
    """Say whether letters are written into the history of contacts (§8). 403."""
    return one(await deeds.switch(call.db, call.actor, MAIL_TO_HISTORY, call.bag.boolean("writeMailToHistoryAuto")))
