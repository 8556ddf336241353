"""What can be said to the commands that work inside the portal."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Parser = argparse.ArgumentParser
    Level = argparse._SubParsersAction[Parser]
    Words = Callable[[Level, str, str], Parser]
    """Makes a command beside others, given its name and what it does."""

IMPORTS: Final = {
    "contacts": "contact",
    "opportunities": "opportunity",
    "leads": "lead",
    "cases": "case",
    "tasks": "task",
}
EXPORTS: Final = {
    "contacts": "contact",
    "opportunities": "opportunity",
    "cases": "case",
    "tasks": "task",
    "history": "history",
    "invoices": "invoice",
    "items": "invoice_item",
    "everything": "everything",
}
_PERSON: Final = "in whose name and with whose rights; the portal's owner unless told"


def say_people(commands: Level, command: Words) -> None:
    """Add the words of the commands about people and tokens."""
    users = commands.add_parser("user", help="add and list people").add_subparsers(metavar="COMMAND", required=True)
    _say_add(command(users, "add", "add somebody; the first one owns the portal"))
    command(users, "list", "list everybody").set_defaults(command="user list")
    reset = command(users, "reset-two-factor", "switch off the second factor of who lost it")
    reset.set_defaults(command="user reset-two-factor")
    reset.add_argument("email", metavar="EMAIL")
    tokens = commands.add_parser("token", help="make tokens").add_subparsers(metavar="COMMAND", required=True)
    _say_token(command(tokens, "create", "make a token and print it, this once"))


def _say_add(add: Parser) -> None:
    add.set_defaults(command="user add")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--name", required=True, help="first and last name")
    add.add_argument("--admin", action="store_true", help="may do everything")
    add.add_argument("--password", help="- reads it from standard input, which keeps it out of the shell's history")


def _say_token(create: Parser) -> None:
    create.set_defaults(command="token create")
    create.add_argument("email", metavar="EMAIL")
    create.add_argument("--name", required=True, metavar="LABEL", help="what it is for")
    create.add_argument(
        "--scope", nargs="+", metavar="RIGHT", help="only these rights, such as CrmOpportunity-Read (else all)"
    )


def say_longer(commands: Level, command: Words) -> None:
    """Add the words of the longer commands."""
    _say_import(command(commands, "import", "take in a table: CSV, or a workbook (.xlsx)"))
    _say_export(command(commands, "export", "write what somebody sees into a table, or everything into an archive"))
    hooks = commands.add_parser("webhook", help="see how webhooks fare, tell them again")
    inner = hooks.add_subparsers(metavar="COMMAND", required=True)
    command(inner, "list", "list webhooks and how they fare").set_defaults(command="webhook list")
    _say_replay(command(inner, "replay", "tell a webhook again of what it did not take in"))
    command(commands, "recount", "compare what is summed up with the records, and put it right").set_defaults(
        command="recount"
    )


def _say_import(made: Parser) -> None:
    made.set_defaults(command="import")
    made.add_argument("subject", choices=IMPORTS, metavar="WHAT", help=", ".join(IMPORTS))
    made.add_argument("file", metavar="FILE", help="- is the standard input")
    made.add_argument("--as", dest="person", metavar="EMAIL", help=_PERSON)
    made.add_argument(
        "--map",
        dest="mapping",
        action="append",
        type=_pair,
        metavar="FIELD=COLUMN",
        help="a column by its heading, or by its number from 1; may be repeated; without it headings tell the fields",
    )
    twice = ("skip", "overwrite", "clone")
    made.add_argument("--on-duplicate", choices=twice, default="skip", help="contacts whose e-mail is known (skip)")
    made.add_argument("--dry-run", action="store_true", help="look at every row and write nothing")
    made.add_argument("--sheet", default="", metavar="NAME", help="of a workbook; its first one unless told")
    made.add_argument("--no-header", action="store_true", help="the first row is data")
    made.add_argument("--delimiter", metavar="C", help="between cells; found out unless told")
    made.add_argument("--encoding", metavar="NAME", help="of CSV; found out unless told")
    made.add_argument("--day-first", action="store_true", help="03/04/2027 is the 3rd of April")
    made.add_argument("--create-missing", nargs="+", default=[], metavar="LIST", help="status, type, category")
    made.add_argument("--tag", action="append", default=[], metavar="TITLE", help="for every record; may be repeated")
    made.add_argument("--problems", metavar="FILE", help="where all problems of rows go, as CSV")


def _say_export(made: Parser) -> None:
    made.set_defaults(command="export")
    made.add_argument("subject", choices=EXPORTS, metavar="WHAT", help=", ".join(EXPORTS))
    made.add_argument("--to", required=True, metavar="FILE", help="- is the standard output")
    made.add_argument("--as", dest="person", metavar="EMAIL", help=_PERSON)


def _say_replay(replay: Parser) -> None:
    replay.set_defaults(command="webhook replay")
    replay.add_argument("id", type=int, metavar="ID")
    what = replay.add_mutually_exclusive_group()
    what.add_argument("--call", type=int, metavar="N", help="only the event of one call, taken in or not")
    what.add_argument("--since", metavar="MOMENT", help="what happened since, as in 2027-01-31T09:00+01:00")


def _pair(text: str) -> tuple[str, str]:
    field, sign, column = text.partition("=")
    if not sign or not field.strip() or not column.strip():
        raise argparse.ArgumentTypeError("must be FIELD=COLUMN")
    return field.strip(), column.strip()
