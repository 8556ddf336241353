"""Contenders take turns: A B A B … in one run, so that whatever disturbs the machine disturbs all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import load
from bench.numbers import Series

Tell = Callable[[str], None]
Clock = Callable[[], float]
MICROS = ("cpu_micros", "database_micros")


@dataclass(frozen=True)
class Contender:
    """Somebody who does the same work: `run(seconds)` does it for a while and returns what was observed."""

    name: str
    run: Callable[[float], dict[str, float]]


def interleaved(contenders: Sequence[Contender], rounds: int, seconds: float, tell: Tell) -> dict[str, Series]:
    """Let everybody work in turn, round after round; return what was observed of each."""
    found = {contender.name: Series() for contender in contenders}
    for turn in range(1, rounds + 1):
        for contender in contenders:
            observed = contender.run(seconds)
            found[contender.name].add(**observed)
            tell(f"    round {turn}  {contender.name:<34} {_line(observed)}")
    return found


def _line(observed: dict[str, float]) -> str:
    shown = ("per_second", "p50", "p95", "p99", "mean", *MICROS, "generator_cpu", "failures")
    return "  ".join(f"{name} {observed[name]:,.2f}" for name in shown if name in observed)


def asked(name: str, plan: Callable[[float], load.Plan], *clocks: Clock) -> Contender:
    """Return a contender that the load generator asks over HTTP.

    `clocks` read the processor time of its server and of its database (where that is another process).
    """

    def run(seconds: float) -> dict[str, float]:
        planned = plan(seconds)
        before = [clock() for clock in clocks]
        result = load.run(planned)
        spent = [clock() - began for clock, began in zip(clocks, before, strict=True)]
        if result.failures > result.requests / 100:
            raise RuntimeError(f"{name}: {result.failures} of {result.requests} failed: {result.first_failure}")
        whole = result.requests * (1 + load.WARM_UP_SECONDS / result.seconds) if result.seconds else 0
        return {
            "per_second": result.per_second,
            "p50": result.p50,
            "p95": result.p95,
            "p99": result.p99,
            "failures": float(result.failures),
            **{name: used / whole * 1e6 for name, used in zip(MICROS, spent, strict=False) if whole},
            "generator_cpu": result.cpu,
        }

    return Contender(name, run)
