"""The command line: each command a thin call; errors are sentences, exit codes 0 (done), 1 (failed), 2 (misused)."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import textwrap
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from dealwright import __version__
from dealwright.commands import Misused
from dealwright.commands.words import say_longer, say_people
from dealwright.config import DESCRIPTIONS, PREFIX, BadSetting, Settings, read_settings, without_password
from dealwright.domain.errors import Invalid, Refusal

if TYPE_CHECKING:
    from dealwright.storage.database import Database

T = TypeVar("T")
DONE, FAILED, MISUSED = 0, 1, 2
LONGER_SECONDS = 3_600.0
PRIVATE = 0o077


class Stop(Exception):
    """The command cannot go on; the message is what the person should read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = _parser().parse_args(arguments)
    os.umask(PRIVATE)  # what we write holds people's data: files are their owner's alone
    try:
        settings = read_settings(os.environ, **_flags(given))
        code: int = given.run(given, settings)
    except Exception as error:
        if os.environ.get(f"{PREFIX}LOG_LEVEL", "").lower() == "debug":
            raise
        return _refused(error, is_doctor=given.run is run_doctor)
    except KeyboardInterrupt:
        return _said("Stopped.", FAILED)
    return code


def _refused(error: Exception, is_doctor: bool) -> int:
    if isinstance(error, BadSetting) and is_doctor:
        print(f"fail  settings: {error}")
        return FAILED
    if isinstance(error, (BadSetting, Misused)):
        return _said(str(error), MISUSED)
    if isinstance(error, Invalid):
        return _said(" ".join(_problem(one.field, one.message) for one in error.problems), FAILED)
    from dealwright.storage.blobs import Unusable
    from dealwright.storage.outage import outage_of

    if (outage := outage_of(error)) is not None:
        return _said(outage.told, FAILED)
    told = isinstance(error, (Stop, Refusal, Unusable))
    return _said(_sentence(str(error)) if told else _trouble(error), FAILED)


def _said(sentence: str, code: int) -> int:
    print(f"dealwright: {sentence}", file=sys.stderr)
    return code


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text[:1].upper()}{text[1:]}."


def _problem(field: str, message: str) -> str:
    return _sentence(f"{field.replace('_', ' ')} {message}")


def _trouble(error: Exception) -> str:
    """Return a sentence for what nobody foresaw or what the database's driver says."""
    said = without_password(" ".join(str(error).split())) or type(error).__name__
    if type(error).__module__.split(".")[0] in {"asyncpg", "sqlite3", "sqlalchemy"} or isinstance(error, OSError):
        return _sentence(f"The database cannot be used: {said}")
    return f"Something unexpected happened ({type(error).__name__}: {said}). {PREFIX}LOG_LEVEL=debug shows where."


# The words of the command line --------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dealwright", description="A sales-pipeline server of your own.")
    parser.add_argument("--version", action="version", version=f"dealwright {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _serve_words(commands)
    migrate = _command(commands, "migrate", run_migrate, "bring the schema up to date")
    migrate.add_argument("--check", action="store_true", help="only tell whether it is; exit code 1 when not")
    say_people(commands, _inside)
    seed = _command(commands, "seed", run_seed, "fill the database with realistic data, for trials and measurements")
    seed.add_argument("--opportunities", type=_count, required=True, metavar="N", help="1,000 to 10,000,000")
    seed.add_argument("--contacts", type=_count, metavar="N", help="three for ten deals where nothing is said")
    seed.add_argument("--seed", type=int, default=1, metavar="S", help="the same number makes the same data")
    say_longer(commands, _inside)
    _command(commands, "doctor", run_doctor, "look for what is wrong with this set-up")
    return parser


def usages() -> list[str]:
    """Return the usage of every command, as `--help` begins."""
    return [command.format_usage().strip() for command in _leaves(_parser())]


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    below = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    for action in below:
        for command in action.choices.values():
            yield from _leaves(command)
    if not below:
        yield parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace, Settings], int],
    says: str,
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=says, description=_sentence(says))
    made.add_argument("--database", dest="database_url", metavar="URL", help=f"{PREFIX}DATABASE_URL, for this once")
    made.set_defaults(run=run)
    return made


def _inside(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, says: str
) -> argparse.ArgumentParser:
    return _command(commands, name, run_inside, says)


def _serve_words(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = _command(commands, "serve", run_serve, "serve the portal")
    serve.formatter_class = argparse.RawDescriptionHelpFormatter
    serve.epilog = _settings_listed()
    serve.add_argument("--host", help="the address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, help="the port to listen on (8000)")
    serve.add_argument("--workers", type=int, metavar="N", help="how many processes serve; PostgreSQL only (1)")
    serve.add_argument("--demo", action="store_true", help="fill an empty database with a believable company")


def _count(text: str) -> int:
    digits = re.sub(r"[,_.\s]", "", text)
    if not digits.isdigit() or not 0 < int(digits) <= 10_000_000:
        raise argparse.ArgumentTypeError("must be a whole number up to 10,000,000")
    return int(digits)


def _settings_listed() -> str:
    lines = ["settings from the environment (flags win):"]
    for each in DESCRIPTIONS:
        lines.append(f"  {each.variable}")
        lines += textwrap.wrap(f"{each.says} [{each.kind}]", 100, initial_indent=" " * 6, subsequent_indent=" " * 6)
        if each.default:
            lines.append(f"      default: {each.default}")
    return "\n".join(lines)


def _flags(given: argparse.Namespace) -> Mapping[str, str | int | None]:
    return {name: getattr(given, name, None) for name in ("host", "port", "workers", "database_url")}


# serve and migrate --------------------------------------------------------------------------------------------


def run_serve(given: argparse.Namespace, settings: Settings) -> int:
    """Bring an empty database up, make the first account, serve until told to stop."""
    from dealwright import serving
    from dealwright.app import Process

    settings = serving.with_password_read(settings, sys.stdin)
    with serving.bound(settings) as listener:
        settings = serving.prepared(settings, listener)
        _bring_up(settings, upgrades=settings.on_sqlite)
        _with_database(settings, lambda db: _welcome(db, settings, given.demo))
        print(f"Dealwright {__version__} serves {settings.address}", flush=True)
        app = "dealwright.app:from_environment" if settings.workers > 1 else Process(settings)
        return DONE if serving.serve(settings, listener, app) else FAILED


def run_migrate(given: argparse.Namespace, settings: Settings) -> int:
    """Bring the schema up to date, or tell whether it is."""
    from dealwright.storage.health import newest_step, present_step

    present, newest = asyncio.run(present_step(settings.database_url)), newest_step()
    if given.check:
        print(f"The schema is at step {present or 'none'}; the newest is {newest}.")
        return DONE if present == newest else FAILED
    _bring_up(settings, upgrades=True)
    print(f"The schema is at step {newest}.")
    return DONE


def _bring_up(settings: Settings, upgrades: bool) -> None:
    """Make an empty database a portal; upgrade an older one, or refuse to."""
    from dealwright.storage.health import newest_step, present_step

    present, newest = asyncio.run(present_step(settings.database_url)), newest_step()
    if present == newest:
        return
    if present is not None and present > newest:
        raise Stop(f"The database was made by a newer Dealwright (step {present}); this one knows step {newest}.")
    if present is not None and not upgrades:
        raise Stop(f"The schema is at step {present} and must be at {newest}. Run: dealwright migrate")
    from dealwright.storage.migrate import upgrade

    os.environ[f"{PREFIX}CURRENCY"] = settings.currency
    upgrade(settings.database_url)


def _with_database(
    settings: Settings, work: Callable[[Database], Awaitable[T]], slow_seconds: float | None = None
) -> T:
    """Run something on the open database and close it whatever happens; a single read may take so long."""
    from dealwright.storage.database import connect

    async def run() -> T:
        options = {} if slow_seconds is None else {"slow_seconds": slow_seconds}
        db = await connect(settings.database_url, settings.files, **options)
        try:
            await db.blobs.ready()
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(run())


async def _welcome(db: Database, settings: Settings, demo: bool) -> None:
    from dealwright.actions import first_account, people

    if settings.admin_email and not people.has_owner(db):
        await _make_owner(db, settings)
    if demo:
        await _demo(db, settings)
    if not people.has_owner(db):
        code = await first_account.invite(db)
        print("Nobody has an account yet. This link makes the first one; it works once, within a day:")
        print(f"  {settings.address}/setup?code={code}", flush=True)


async def _make_owner(db: Database, settings: Settings) -> None:
    from dealwright.actions import first_account, people

    try:
        await people.add_user(db, None, first_account.person(settings.admin_email, settings.admin_password, ""))
    except Invalid:
        await db.refresh()
        if people.has_owner(db):
            return  # another server that starts on the same database was quicker
        raise
    print(f"{settings.admin_email} owns the portal now.")


async def _demo(db: Database, settings: Settings) -> None:
    from dealwright import demo
    from dealwright.storage.health import has_deals

    if await has_deals(db):
        print("The database has deals already, so the demo adds nothing.")
        return
    for line in await demo.fill(db, settings.database_url):
        print(line, flush=True)


# Inside the portal --------------------------------------------------------------------------------------------


def run_inside(given: argparse.Namespace, settings: Settings) -> int:
    """Run a command that reads and changes what the portal holds; it may read as long as it needs."""
    from dealwright.commands.every import COMMANDS

    _bring_up(settings, upgrades=False)
    command = COMMANDS[given.command]
    return _with_database(settings, lambda db: command(db, settings, given), slow_seconds=LONGER_SECONDS)


# Trials and trouble -------------------------------------------------------------------------------------------


def run_seed(given: argparse.Namespace, settings: Settings) -> int:
    """Fill the database with realistic data."""
    from dealwright import seed

    _bring_up(settings, upgrades=settings.on_sqlite)
    facts = asyncio.run(seed.fill(settings.database_url, given.opportunities, given.seed, sys.stderr, given.contacts))
    print(facts)
    return DONE


def run_doctor(_: argparse.Namespace, settings: Settings) -> int:
    """Say what is wrong with this set-up."""
    from dealwright import doctor

    findings = asyncio.run(doctor.examine(settings, os.environ))
    for each in findings:
        print(f"{each.level:<5} {each.about}: {each.text}")
    return FAILED if any(each.level == doctor.FAIL for each in findings) else DONE
