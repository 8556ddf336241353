"""Making up deals: a chunk of contacts and deals with their whole history, the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import msgspec

from dealwright.domain.contact import Share
from dealwright.domain.contact_info import Info
from dealwright.domain.custom_field import FieldType
from dealwright.domain.pipeline import Outcome, Stage
from dealwright.domain.text import fold, search_words
from dealwright.seed import words
from dealwright.seed.world import DAY, Line, Person, World, uid_at
from dealwright.storage.bulk import Chunk, Rows

CENT: Final = 10_000_000
SIGHTS: Final = (Share.WRITE, Share.WRITE, Share.WRITE, Share.READ)

_encode = msgspec.json.Encoder(decimal_format="string").encode

_STAMPS: Final = ("uid", "created_at", "created_by", "updated_at", "updated_by")
_CONTACT: Final = (
    *("id", *_STAMPS, "is_company", "first_name", "last_name", "name", "display_name", "display_fold"),
    *("company_id", "company_name", "email", "email_fold", "job_title", "industry", "status_id", "type_id", "sharing"),
)
_DEAL: Final = (
    *("id", *_STAMPS, "version", "title", "title_fold", "description", "stage_id", "contact_id", "team_id"),
    *("kind_id", "responsible", "amount_units", "amount_nanos", "currency", "billing", "periods", "probability"),
    *("expected_close", "closed_at", "won_at", "lost_at", "outcome", "completed", "loss_reason", "lead_source"),
    *("follow_up_at", "utm_source", "utm_medium", "private", "moved_at"),
)
_TASK: Final = (
    "title",
    "title_fold",
    "deadline",
    "responsible",
    "category_id",
    "contact_id",
    "opportunity_id",
    "closed",
)
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "contact": _CONTACT,
    "contact_info": ("contact_id", "kind", "category", "data", "data_fold", "is_primary"),
    "contact_manager": ("contact_id", "user_uid"),
    "contact_tag": ("contact_id", "tag_id"),
    "opportunity": _DEAL,
    "opportunity_member": ("opportunity_id", "contact_id"),
    "opportunity_share": ("opportunity_id", "user_uid"),
    "opportunity_value": ("opportunity_id", "field_id", "value"),
    "opportunity_tag": ("opportunity_id", "tag_id"),
    "task": (*_STAMPS, *_TASK),
    "stage_visit": (*_STAMPS, "opportunity_id", "from_stage_id", "from_time", "to_stage_id", "to_time", "user_id"),
    "event": ("deed_id", "at", "actor_id", "via", "kinds", "subject", "subject_id", "before", "after"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What one chunk is to be: its number, the ids of its contacts and deals, the instants it begins and ends at."""

    seed: int
    number: int
    contacts: Sequence[int]
    deals: Sequence[int]
    begin: int
    end: int


def made(world: World, order: Order) -> Chunk:
    """Return the chunk that an order asks for."""
    maker = _Maker(world, Random(f"{order.seed}/{order.number}"))  # noqa: S311
    step = max(1, (order.end - order.begin) // max(1, len(order.deals)))
    maker.contacts(order.contacts, order.begin)
    for place, ident in enumerate(order.deals):
        maker.deal(ident, order.begin + place * step)
    return maker.chunk


class _Maker:
    """One chunk under construction."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng
        self.rows: dict[str, list[Any]] = {table: [] for table in _COLUMNS}
        self.totals: dict[tuple[Any, ...], list[int]] = {}
        tables = {table: Rows(columns, self.rows[table]) for table, columns in _COLUMNS.items()}
        self.chunk = Chunk(tables, {"contact": [], "opportunity": []}, self.totals)
        self.companies: list[tuple[int, str, str]] = []
        self.cards: list[int] = []

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def one_of(self, ids: Sequence[int], share: float) -> int | None:
        """Return one of these ids for this share of those who ask."""
        return self.rng.choice(ids) if ids and self.chance(share) else None

    def somebody(self) -> Person:
        """Return a person; the first ones sell most, as everywhere."""
        people = self.world.people
        return people[int(len(people) * self.rng.random() ** 1.7)]

    def event(self, at: int, by: int, kinds: str, subject: str, ident: int, before: str, after: str) -> None:
        self.rows["event"].append((uid_at(self.rng, at), at, by, "seed", kinds, subject, ident, before, after))

    # Contacts ---------------------------------------------------------------------------------------------

    def contacts(self, ids: Sequence[int], at: int) -> None:
        """Make contacts, a third of them companies that come first, so that people can belong to them."""
        companies = len(ids) // 3
        for ident in ids[:companies]:
            self.company(ident, at)
        for ident in ids[companies:]:
            self.person(ident, at)

    def company(self, ident: int, at: int) -> None:
        pick = self.rng.choice
        name = f"{pick(words.COMPANY_STARTS)} {pick(words.COMPANY_TRADES)} {pick(words.COMPANY_ENDS)}"
        host = f"{fold(name).replace(' ', '-').replace('.', '')}-{ident}.example"
        self.companies.append((ident, name, host))
        named = (True, "", "", name, name, fold(name), None, None)
        self.contact(ident, at, named, f"hello@{host}", None, pick(words.INDUSTRIES))
        site = f"https://{host}"
        self.rows["contact_info"].append((ident, int(Info.WEBSITE), 1, site, fold(site), True))

    def person(self, ident: int, at: int) -> None:
        first, last = self.rng.choice(words.FIRST_NAMES), self.rng.choice(words.LAST_NAMES)
        full = f"{first} {last}"
        company: tuple[int | None, str | None, str] = (None, None, "mail.example")
        if self.companies and self.chance(0.7):
            company = self.rng.choice(self.companies)
        named = (False, first, last, "", full, fold(full), company[0], company[1])
        email = f"{fold(first)}.{fold(last).replace(chr(39), '')}.{ident}@{company[2]}"
        self.contact(ident, at, named, email, self.rng.choice(words.JOBS), None)
        if self.chance(0.6):
            phone = f"+44 20 {self.rng.randrange(10**7, 10**8)}"
            self.rows["contact_info"].append((ident, int(Info.PHONE), 1, phone, phone, True))

    def contact(
        self, ident: int, at: int, named: tuple[Any, ...], email: str, job: str | None, trade: str | None
    ) -> None:
        by = self.somebody()
        sharing = Share.NOBODY if self.chance(0.02) else self.rng.choice(SIGHTS)
        status, kind = self.one_of(self.world.statuses, 0.5), self.one_of(self.world.types, 0.4)
        stamps = (uid_at(self.rng, at), at, by.id, at, by.id)
        row = (ident, *stamps, *named, email, fold(email), job, trade, status, kind, int(sharing))
        self.rows["contact"].append(row)
        self.rows["contact_info"].append((ident, int(Info.EMAIL), 1, email, fold(email), True))
        self.chunk.words["contact"].append((ident, search_words(named[4])))
        self.cards.append(ident)
        if (tag := self.one_of(self.world.contact_tags, 0.3)) is not None:
            self.rows["contact_tag"].append((ident, tag))
        after = _encode({"display_name": named[4], "email": email}).decode()
        self.event(at, by.id, "contact.created", "contact", ident, "{}", after)
        if sharing is Share.NOBODY:
            self.rows["contact_manager"].append((ident, by.uid))

    # Deals ------------------------------------------------------------------------------------------------

    def deal(self, ident: int, at: int) -> None:
        """Make one deal that came in at an instant, with its way through a pipeline."""
        rng, owner = self.rng, self.somebody()
        line = self.world.lines[int(len(self.world.lines) * rng.random() ** 2)]
        steps = self.way(line, at)
        card = rng.choice(self.cards) if self.cards and self.chance(0.92) else None
        title, remark = self.words_of(ident)
        amount = self.amount()
        team = owner.team_id or None
        private = self.chance(0.03)
        facts: dict[str, Any] = {"title": title, "stage_id": steps[0][0].id, "contact_id": card}
        facts |= {"responsible": owner.uid, "probability": steps[0][0].probability, "private": private}
        if amount is not None:
            facts |= {"amount": f"{amount[0]}.{amount[1] // CENT:02d}", "currency": owner.currency}
        self.history(ident, owner, steps, {name: value for name, value in facts.items() if value is not None})
        head = (ident, uid_at(rng, at), at, owner.id, steps[-1][1], owner.id, len(steps))
        links = (title, fold(title), remark, steps[-1][0].id, card, team, self.one_of(self.world.kinds, 0.6), owner.uid)
        money = (*(amount or (None, None)), owner.currency, *self.billing(), steps[-1][0].probability)
        ending = self.ending(steps, at)
        row = (*head, *links, *money, *ending, *self.source(), private, steps[-1][1])
        self.rows["opportunity"].append(row)
        self.hang(ident, card, owner, private)
        if self.chance(0.2):
            self.task(ident, card, owner, at)
        self.count((steps[-1][0].id, owner.currency, owner.uid, owner.team_id, private, *ending[4:6]), amount)

    def way(self, line: Line, at: int) -> list[tuple[Stage, int]]:
        """Return the stages a deal went through, each with its instant; old ones are mostly decided."""
        rng, until = self.rng, self.world.until
        age = (until - at) / DAY
        start = rng.randrange(max(1, len(line.open) - 1)) if self.chance(0.5) else 0
        steps = [(line.open[start], at)]
        closes = self.chance(min(0.88, age / 200))
        wanted = rng.choices((0, 1, 2, 3), (45, 30, 18, 7))[0]
        for stage in line.open[start + 1 : start + 1 + wanted]:
            later = steps[-1][1] + int(rng.expovariate(1 / 12) * DAY) + 60_000_000
            if later >= until:
                return steps
            steps.append((stage, later))
        later = steps[-1][1] + int(rng.expovariate(1 / 25) * DAY) + 60_000_000
        if closes and later < until:
            steps.append((line.won if self.chance(0.38) else line.lost, later))
        return steps

    def words_of(self, ident: int) -> tuple[str | None, str | None]:
        pick = self.rng.choice
        title = f"{pick(words.WANTS)} {pick(words.REASONS)}" if self.chance(0.97) else None
        if title is not None and self.companies and self.chance(0.6):
            title = f"{pick(self.companies)[1]}: {title}"
        remark = f"{pick(words.REMARKS)} {pick(words.REMARKS)} #{ident}" if self.chance(0.5) else None
        return title, remark

    def amount(self) -> tuple[int, int] | None:
        """Return (units, nanos): most amounts are round, some have cents, some are not known."""
        if self.chance(0.08):
            return None
        worth = math.exp(self.rng.gauss(8.6, 1.1))
        if self.chance(0.1):
            return int(worth), self.rng.randrange(1, 100) * CENT
        return max(50, round(worth / 50) * 50), 0

    def billing(self) -> tuple[int, int]:
        return (self.rng.choice((4, 5)), self.rng.choice((3, 6, 12, 24))) if self.chance(0.25) else (0, 0)

    def task(self, deal: int, card: int | None, owner: Person, at: int) -> None:
        """Make a task about a deal: mostly done where the deal is old."""
        title = self.rng.choice(words.TASKS)
        due = at + self.rng.randrange(1, 60) * DAY
        stamps = (uid_at(self.rng, at), at, owner.id, at, owner.id)
        category = self.one_of(self.world.task_categories, 0.9)
        closed = due < self.world.until and self.chance(0.9)
        links = (category, card, deal, closed)
        self.rows["task"].append((*stamps, title, fold(title), due, owner.uid, *links))

    def ending(self, steps: list[tuple[Stage, int]], at: int) -> tuple[Any, ...]:
        """Return expected_close, closed_at, won_at, lost_at, outcome, completed, loss_reason."""
        stage, last = steps[-1]
        expected = at + self.rng.randrange(20, 160) * DAY if self.chance(0.8) else None
        if stage.outcome is Outcome.OPEN:
            return expected, None, None, None, int(Outcome.OPEN), False, None
        won = stage.outcome is Outcome.WON
        reason = None if won or not self.chance(0.8) else self.rng.choice(self.world.loss_reasons)
        return expected, last, last if won else None, None if won else last, int(stage.outcome), True, reason

    def source(self) -> tuple[Any, ...]:
        """Return lead_source, follow_up_at, utm_source, utm_medium."""
        source = self.rng.choice(self.world.lead_sources) if self.chance(0.6) else None
        follow = self.world.until + self.rng.randrange(-10, 40) * DAY if self.chance(0.15) else None
        campaign: tuple[str | None, str | None] = (None, None)
        if self.chance(0.1):
            campaign = self.rng.choice(words.CAMPAIGNS)
        return source, follow, *campaign

    def history(self, ident: int, owner: Person, steps: list[tuple[Stage, int]], facts: dict[str, Any]) -> None:
        """Write down each step as a visit and an event."""
        before: tuple[Stage, int] | None = None
        for stage, at in steps:
            came = (before[0].id, before[1]) if before else (None, None)
            stamps = (uid_at(self.rng, at), at, owner.id, at, owner.id)
            self.rows["stage_visit"].append((*stamps, ident, *came, stage.id, at, owner.id))
            if before is None:
                after = _encode(facts).decode()
                self.event(at, owner.id, "opportunity.created", "opportunity", ident, "{}", after)
            else:
                self.event(at, owner.id, _KINDS[stage.outcome], "opportunity", ident, _told(before[0]), _told(stage))
            before = (stage, at)

    def hang(self, ident: int, card: int | None, owner: Person, private: bool) -> None:
        """Give a deal its participants, values, tags, access list and words."""
        rng = self.rng
        others = {rng.choice(self.cards) for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))} if self.cards else set()
        members = {*others, card} - {None} if others else set()
        self.rows["opportunity_member"] += [(ident, one) for one in sorted(filter(None, members))]
        for field_id, (kind, options) in self.world.fields.items():
            if self.chance(0.35):
                self.rows["opportunity_value"].append((ident, field_id, self.value(kind, options)))
        if self.chance(0.35):
            tags = {rng.choice(self.world.tags) for _ in range(rng.choice((1, 1, 2, 3)))}
            self.rows["opportunity_tag"] += [(ident, tag) for tag in sorted(tags)]
        if private:
            people = {owner.uid, *(self.somebody().uid for _ in range(rng.randrange(3)))}
            self.rows["opportunity_share"] += [(ident, uid) for uid in sorted(people)]
        title, _, remark = self.rows["opportunity"][-1][7:10]
        if found := search_words(title, remark):
            self.chunk.words["opportunity"].append((ident, found))

    def value(self, kind: FieldType, options: Sequence[str]) -> str:
        if options:
            return self.rng.choice(options)
        if kind is FieldType.YES_NO:
            return "true"
        number = self.rng.randrange(1, 400)
        return str(number) if kind is FieldType.INTEGER else f"PO-{number:04d}"

    def count(self, key: tuple[Any, ...], amount: tuple[int, int] | None) -> None:
        sums = self.totals.setdefault(key, [0, 0, 0, 0])
        sums[0] += 1
        if amount is not None:
            sums[1] += 1
            sums[2] += amount[0]
            sums[3] += amount[1]


_KINDS: Final = {
    Outcome.OPEN: "opportunity.changed,opportunity.moved",
    Outcome.WON: "opportunity.changed,opportunity.moved,opportunity.won",
    Outcome.LOST: "opportunity.changed,opportunity.moved,opportunity.lost",
}


def _told(stage: Stage) -> str:
    closed = "true" if stage.outcome is not Outcome.OPEN else "false"
    facts = f'"stage_id":{stage.id},"probability":{stage.probability},"outcome":{int(stage.outcome)}'
    return f'{{{facts},"completed":{closed}}}'
