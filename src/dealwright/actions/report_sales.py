"""The reports about sales: what managers sold, what is to be expected, and how deals go through the stages."""

from __future__ import annotations

from dealwright.actions.report_desk import Desk, Sums, cents, sheet
from dealwright.domain.pipeline import Outcome, Stage
from dealwright.domain.report import Cell, Chart, ChartKind, Column, Form, Sheet, percent
from dealwright.storage.reports.deals import DEALS, Passage, passages
from dealwright.storage.reports.tally import BUCKET

NO_DATE = "No date"


async def sales_by_managers(desk: Desk) -> list[Sheet]:
    """Return what each manager won in the period, as a whole and in columns of time."""
    times = await desk.columns(DEALS, "won", ("won",))
    sums, labels = Sums(), [bucket.label for bucket in times]
    for fact in await desk.facts(DEALS, ("person", BUCKET), ("won",), "won", times):
        who, amount = desk.person(fact.keys[0]), desk.money(fact)
        sums.add(who, "deals", fact.count)
        sums.add(who, "value", amount)
        sums.add(who, NO_DATE if fact.keys[1] is None else labels[fact.keys[1]], amount)
    columns = [Column("Manager"), Column("Won", Form.COUNT), Column("Value", Form.MONEY)]
    columns += [Column(label, Form.MONEY) for label in labels]
    rows: list[tuple[Cell, ...]] = [
        (who, sums.count(who, "deals"), sums.money(who, "value"), *(sums.money(who, label) for label in labels))
        for who in sums.rows("value")
    ]
    made = sheet("Sales by managers", columns, rows)
    made.chart = Chart(ChartKind.BARS, (2,))
    return [made]


async def sales_forecast(desk: Desk) -> list[Sheet]:
    """Return what open deals are expected to bring, and what that is worth by their chances."""
    times = await desk.columns(DEALS, "expected", ("open",))
    sums, labels = Sums(), [bucket.label for bucket in times]
    for fact in await desk.facts(DEALS, (BUCKET, "chance"), ("open",), "expected", times):
        label = NO_DATE if fact.keys[0] is None else labels[fact.keys[0]]
        amount = desk.money(fact)
        sums.add(label, "deals", fact.count)
        sums.add(label, "value", amount)
        sums.add(label, "likely", amount * fact.keys[1] / 100)
    columns = [Column("Expected"), Column("Opportunities", Form.COUNT)]
    columns += [Column("Value", Form.MONEY), Column("Value by chance", Form.MONEY)]
    shown = [*labels, *([NO_DATE] if sums.count(NO_DATE, "deals") else [])]
    rows: list[tuple[Cell, ...]] = [
        (label, sums.count(label, "deals"), sums.money(label, "value"), sums.money(label, "likely")) for label in shown
    ]
    made = sheet("Sales forecast", columns, rows)
    made.chart = Chart(ChartKind.COLUMNS, (2, 3))
    return [made]


async def sales_funnel(desk: Desk) -> list[Sheet]:
    """Return for each pipeline how the deals made in the period stand in its stages and went through them."""
    here = Sums()
    for fact in await desk.facts(DEALS, ("stage",), time="made"):
        here.add(str(fact.keys[0]), "deals", fact.count)
        here.add(str(fact.keys[0]), "value", desk.money(fact))
    went = await passages(desk.db, desk.actor, desk.scope)
    default = desk.rules.default_pipeline.id
    ordered = sorted(desk.rules.pipelines.values(), key=lambda pipeline: (pipeline.id != default, pipeline.id))
    sheets = []
    for pipeline in ordered:
        stages = desk.rules.stages_of(pipeline.id)
        deals = sum(here.count(str(stage.id), "deals") for stage in stages)
        if deals or pipeline.id == default:
            most = max([deals, *(went[stage.id].entered for stage in stages if stage.id in went)])
            rows = [_stage_row(stage, here, went.get(stage.id, Passage()), most) for stage in stages]
            sheets.append(_funnel(pipeline.name, rows))
    return sheets


def _stage_row(stage: Stage, here: Sums, passed: Passage, most: int) -> tuple[Cell, ...]:
    key, stayed = str(stage.id), None if passed.days is None else cents(passed.days)
    share = percent(passed.entered, most)
    return (stage.title, here.count(key, "deals"), here.money(key, "value"), passed.entered, share, stayed)


def _funnel(title: str, rows: list[tuple[Cell, ...]]) -> Sheet:
    columns = [Column("Stage"), Column("Opportunities here", Form.COUNT), Column("Value here", Form.MONEY)]
    columns += [Column("Ever here", Form.COUNT), Column("Share", Form.PERCENT), Column("Days of stay", Form.DAYS)]
    made = sheet(title, columns, rows)
    if made.totals is not None:  # a deal is in many stages one after the other: that sum would mean nothing
        made.totals = (*made.totals[:3], None, None, None)
    made.chart = Chart(ChartKind.BARS, (3,))
    return made


async def workload_by_deals(desk: Desk) -> list[Sheet]:
    """Return how many deals of the period each manager has, open, won and lost, and what they are worth."""
    sums = Sums()
    for fact in await desk.facts(DEALS, ("person", "outcome"), time="made"):
        who, how = desk.person(fact.keys[0]), Outcome(fact.keys[1]).name.lower()
        sums.add(who, "deals", fact.count)
        sums.add(who, how, fact.count)
        sums.add(who, f"{how} value", desk.money(fact))
    columns = [Column("Manager"), Column("Opportunities", Form.COUNT)]
    for title in ("Open", "Won", "Lost"):
        columns += [Column(title, Form.COUNT), Column(f"{title}, value", Form.MONEY)]
    columns.append(Column("Won of the closed", Form.PERCENT))
    rows = [_manager_row(sums, who) for who in sums.rows("deals")]
    made = sheet("Workload by opportunities", columns, rows)
    made.chart = Chart(ChartKind.COLUMNS, (2, 4, 6))
    return [made]


def _manager_row(sums: Sums, who: str) -> tuple[Cell, ...]:
    cells: list[Cell] = [who, sums.count(who, "deals")]
    for how in ("open", "won", "lost"):
        cells += [sums.count(who, how), sums.money(who, f"{how} value")]
    won = sums.count(who, "won")
    return (*cells, percent(won, won + sums.count(who, "lost")))
