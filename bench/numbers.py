"""Medians, percentiles and ratios of what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share (0 to 1) of the values lies; 0 where there are none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of the ratios round by round, 0 where one side is missing.

    Rounds lie next to each other in time, so what disturbs the machine disturbs both sides of a quotient.
    """
    pairs = [a / b for a, b in zip(above, below, strict=False) if b]
    return median(pairs) if pairs else 0.0


def spread(values: Sequence[float]) -> float:
    """Return how far the extremes lie apart, as a share of the median."""
    middle = median(values) if values else 0.0
    return (max(values) - min(values)) / middle if middle else 0.0


@dataclass
class Series:
    """One contender's rounds: a number per round for each thing that was observed."""

    rounds: list[dict[str, float]] = field(default_factory=list)

    def add(self, **observed: float) -> None:
        """Keep one round."""
        self.rounds.append(observed)

    def of(self, name: str) -> list[float]:
        """Return one observation of every round."""
        return [each[name] for each in self.rounds if name in each]

    def middle(self, name: str) -> float:
        """Return the median of an observation, 0 where there is none."""
        values = self.of(name)
        return median(values) if values else 0.0

    def summary(self) -> dict[str, float]:
        """Return the medians of everything that was observed."""
        return {name: self.middle(name) for name in _names(self.rounds)}


def _names(rounds: Iterable[dict[str, float]]) -> list[str]:
    return list(dict.fromkeys(name for each in rounds for name in each))
