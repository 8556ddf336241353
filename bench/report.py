"""The table: what was measured beside what must be reached, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HEADINGS = ("what", "on", "measured", "must reach", "moonshot", "reached", "in detail")
RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- the last run -->\n", "<!-- end of the last run -->\n"


@dataclass
class Finding:
    """One line of the table. `most` turns the comparison round: the number must not be above what must be reached."""

    name: str
    database: str
    measured: float
    unit: str = ""
    must: float | None = None
    moonshot: float | None = None
    most: bool = False
    detail: str = ""

    @property
    def verdict(self) -> str:
        """Whether it is what it must be; nothing where nothing is asked."""
        if self.must is None:
            return ""
        if self._reaches(self.moonshot):
            return "moonshot"
        return "yes" if self._reaches(self.must) else "NO"

    def _reaches(self, bound: float | None) -> bool:
        if bound is None:
            return False
        return self.measured <= bound if self.most else self.measured >= bound


@dataclass
class Report:
    """Everything of one run."""

    facts: dict[str, str]
    findings: list[Finding] = field(default_factory=list)
    series: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def text(self) -> str:
        """Return the table as Markdown, which is readable as it is."""
        facts = [f"* {name}: {value}" for name, value in self.facts.items()]
        return "\n".join([*facts, "", *_table(self.findings), ""])

    def save(self) -> Path:
        """Write text and JSON below `bench/results`; return the path of the text."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.began.replace(':', '').replace('+0000', 'Z')}.md"
        path.write_text(self.text())
        whole = asdict(self) | {"findings": [asdict(one) | {"verdict": one.verdict} for one in self.findings]}
        path.with_suffix(".json").write_text(json.dumps(whole, indent=1))
        return path

    def publish(self) -> None:
        """Put the text into the page of the documentation, in the place of the last one."""
        head, _, rest = PAGE.read_text().partition(BEGIN)
        tail = rest.partition(END)[2]
        PAGE.write_text(f"{head}{BEGIN}\n{self.began[:10]}\n\n{self.text()}\n{END}{tail}")


def _table(findings: Sequence[Finding]) -> list[str]:
    rows: list[tuple[str, ...]] = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [_row(one) for one in findings]
    widths = [max(len(row[place]) for row in rows) for place in range(6)]
    return ["| " + " | ".join([*map(str.ljust, row[:6], widths), row[6]]) + " |" for row in rows]


def _row(one: Finding) -> tuple[str, ...]:
    sign = "≤ " if one.most else "≥ "
    bound = [("" if value is None else f"{sign}{_number(value)}") for value in (one.must, one.moonshot)]
    unit = f" {one.unit}" if one.unit else ""
    return one.name, one.database, f"{_number(one.measured)}{unit}", *bound, one.verdict, one.detail


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".") if value < 10 else f"{value:.1f}"
