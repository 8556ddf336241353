"""`dealwright user …` and `dealwright token …`: people are added and listed, tokens made."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Final

from dealwright.actions import first_account, people, sign_in, two_factor
from dealwright.commands import DONE
from dealwright.commands.people import known, nobody
from dealwright.config import Settings
from dealwright.domain.actor import RIGHTS, Standing
from dealwright.domain.errors import Refusal
from dealwright.storage.database import Database

FROM_INPUT: Final = "-"


async def add(db: Database, _: Settings, given: argparse.Namespace) -> int:
    """Add somebody; the first one owns the portal."""
    password = sys.stdin.readline().rstrip("\r\n") if given.password == FROM_INPUT else given.password
    said = first_account.person(given.email, password, given.name)
    if given.admin and people.has_owner(db):
        said.standing = Standing.ADMIN
    user = await people.add_user(db, None, said)
    sys.stdout.write(f"Added {user.email} as {user.standing.name.lower()}.\n")
    if password is None:
        token = f"dealwright token create {user.email} --name …"
        sys.stdout.write(f"Without a password they sign in by token only: {token}\n")
    return DONE


async def show(db: Database, _: Settings, __: argparse.Namespace) -> int:
    """List everybody in a line."""
    for user in sorted(db.rules.users.values(), key=lambda user: user.id):
        state = "" if user.active else "  (not active)"
        sys.stdout.write(f"{user.id:>6}  {user.standing.name.lower():<10}  {user.email}  {user.name}{state}\n")
    return DONE


async def reset(db: Database, _: Settings, given: argparse.Namespace) -> int:
    """Switch somebody's second factor off. Refuses with a sentence where there is nobody."""
    user = known(db, given.email)
    await two_factor.reset(db, None, user.id)
    sys.stdout.write(f"{user.email} signs in by password alone now.\n")
    return DONE


async def make_token(db: Database, _: Settings, given: argparse.Namespace) -> int:
    """Make a token for somebody and print its secret. Refuses with a sentence an unknown right, and who is not there.

    Who is not active any more is not there either.
    """
    scope = [right for words in given.scope or () for right in re.split(r"[,\s]+", words) if right]
    if unknown := sorted(set(scope) - RIGHTS):
        raise Refusal(f"There is no right {unknown[0]}; they are named as in CrmOpportunity-Read")
    user = known(db, given.email)
    if not user.active:
        raise nobody(given.email)
    issued = await sign_in.issue(db, user.id, sign_in.API, None, label=given.name, scope=scope or None)
    sys.stdout.write(f"{issued.secret}\n")
    sys.stdout.flush()
    sys.stderr.write("This is the only time it is shown. It is valid in all three APIs.\n")
    return DONE
