"""The parts of the documentation that are written from the code: `python -m tests.support.documents` renews them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from dealwright.cli import usages
from dealwright.config import DESCRIPTIONS
from dealwright.domain.actor import CRM_ADMIN_RIGHTS, ENTITIES, MEMBER_RIGHTS, VERBS
from dealwright.domain.event import EVENTS

DOCS = Path(__file__).parents[2] / "docs"


def events() -> str:
    """Every kind of event, by the record it is about."""
    subjects: dict[str, list[str]] = {}
    for kind in EVENTS:
        subject, _, deed = kind.partition(".")
        subjects.setdefault(subject, []).append(f"`.{deed}`")
    rows = [f"| `{subject}` | {', '.join(deeds)} |" for subject, deeds in subjects.items()]
    return "\n".join(["| about | kinds |", "|---|---|", *rows])


def rights() -> str:
    """Which verbs of each entity members and CRM administrators have."""

    def verbs(held: frozenset[str], entity: str) -> str:
        found = [verb for verb in VERBS if f"{entity}-{verb}" in held]
        return "all" if len(found) == len(VERBS) else ", ".join(found) or "–"

    rows = [
        f"| `{entity}` | {verbs(MEMBER_RIGHTS, entity)} | {verbs(CRM_ADMIN_RIGHTS, entity)} |" for entity in ENTITIES
    ]
    return "\n".join(["| entity | members | CRM administrators |", "|---|---|---|", *rows])


def onlyoffice() -> str:
    """Every route of the ONLYOFFICE contract with its right and what is different here, then those of our own."""
    from dealwright.dialects.onlyoffice import face  # noqa: F401  (the chapters register their routes)
    from dealwright.dialects.onlyoffice.routes import routes
    from tests.support.onlyoffice_contract import DEVIATIONS, beside, contract, entries

    found = [
        (entry.template, entry.method, entry.right or "–", _kept(entry.right, entry.note))
        for entry in entries(routes, contract(), DEVIATIONS)
    ]
    own = [
        (route.template, route.method, "open" if route.anonymous else route.right or "signed in", "our own")
        for route in beside(routes, contract())
    ]
    rows = [
        f"| {method} | `{template.replace('|', chr(92) + '|')}` | {right} | {kept} |"
        for template, method, right, kept in [*sorted(found), *sorted(own)]
    ]
    return "\n".join(["| method | path below `/api/2.0/` | right | the contract |", "|---|---|---|---|", *rows])


def _kept(right: str | None, note: str) -> str:
    return "not served" if right is None else note or "as specified"


def nexudus() -> str:
    """Every entity of the Nexudus dialect with its path, verbs and members."""
    from dealwright.dialects.nexudus.entities import ENTITIES as entities  # noqa: N811

    rows = [
        f"| {entity.name} | `/api/{entity.module}/{entity.plural}` | "
        f"{', '.join(sorted(verb.name.lower() for verb in entity.verbs))} | {len(entity.own)} |"
        for entity in entities
    ]
    return "\n".join(["| entity | path | verbs | members |", "|---|---|---|---|", *rows])


def nexudus_contract() -> str:
    """Every route of the Nexudus contract with its right, and what is different here."""
    from tests.support.nexudus_contract import entries

    rows = [
        f"| {entry.method} | `{entry.path}` | {entry.right or '–'} | {_kept(entry.right, entry.note)} |"
        for entry in entries()
    ]
    return "\n".join(["| method | path | right | the contract |", "|---|---|---|---|", *rows])


def actions() -> str:
    """Every action of a webhook that happens here, with the events behind it."""
    from dealwright.dialects.nexudus.hookactions import HOOK_ACTIONS
    from dealwright.domain.webhook import EVENTS_BY_ACTION

    rows = [
        f"| {number} | `{HOOK_ACTIONS[number]}` | {', '.join(f'`{kind}`' for kind in kinds)} |"
        for number, kinds in EVENTS_BY_ACTION.items()
    ]
    return "\n".join(["| number | action | what happened |", "|---|---|---|", *rows])


def headings() -> str:
    """What an import file may say, with the headings that say it."""
    from dealwright.dialects.nexudus.importheadings import FIELDS

    rows = [f"| {', '.join(f'`{one}`' for one in found)} | `{field}` |" for field, found in FIELDS.items()]
    return "\n".join(["| headings | field of a problem |", "|---|---|", *rows])


def native() -> str:
    """Every operation of our own API with its right."""
    from dealwright.dialects.native.table import ROUTES

    rows = [
        f"| {route.method} | `{route.path}` | `{route.name}` | {'open' if route.open else route.right or 'signed in'} |"
        for route in ROUTES
    ]
    return "\n".join(["| method | path below `/api/v1` | operation | right |", "|---|---|---|---|", *rows])


def settings() -> str:
    """Every setting: its variable, what it may be, its default, what it is for."""
    rows = [
        f"| `{each.variable}` | {each.kind} | {f'`{each.default}`' if each.default else ''} | {each.says} |"
        for each in DESCRIPTIONS
    ]
    return "\n".join(["| variable | may be | default | what it is |", "|---|---|---|---|", *rows])


def commands() -> str:
    """Every command with its usage, as argparse tells it."""
    found = [re.sub(r"\s+", " ", usage).removeprefix("usage: ").replace("[-h] ", "") for usage in usages()]
    return "\n".join(["```", *found, "```"])


PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("concepts.md", "events"): events,
    ("concepts.md", "rights"): rights,
    ("dialects/onlyoffice.md", "routes"): onlyoffice,
    ("dialects/nexudus.md", "routes"): nexudus,
    ("dialects/nexudus.md", "contract"): nexudus_contract,
    ("dialects/nexudus.md", "headings"): headings,
    ("webhooks.md", "actions"): actions,
    ("api.md", "routes"): native,
    ("operations.md", "settings"): settings,
    ("operations.md", "commands"): commands,
}


def renewed(text: str, name: str, part: str) -> str:
    """Return a document with one part written anew."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    assert pattern.search(text), f"no part {name}"
    return pattern.sub(lambda found: f"{found[1]}{part}\n{found[2]}", text)


def main() -> None:
    """Write every part into its document."""
    for (file, name), part in PARTS.items():
        path = DOCS / file
        path.write_text(renewed(path.read_text("utf-8"), name, part()), "utf-8")


if __name__ == "__main__":
    main()
