"""When to stop a trial that has no hope: pure functions of its curve and of those of the others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .checks import checked_integer

Curve = Sequence[float]


class Pruner(Protocol):
    """What `minimize` asks after each loss that an objective yields: anything with this method."""

    def keep_going(self, curve: Curve, others: Sequence[Curve]) -> bool:
        """Tell whether to go on.

        Parameters
        ----------
        curve : sequence of float
            What the trial yielded so far.
        others : sequence of sequence of float
            The same of all other trials that are known, whether they run, were stopped or ran to their end.
        """
        ...


@dataclass(frozen=True)
class SuccessiveHalving:
    """Let the best third go on at each rung: asynchronous successive halving, ASHA.

    Rungs are at `grace`, ``grace * factor``, ``grace * factor**2``, ... losses. A trial that gets to one
    goes on if its lowest loss so far is among the best ``1 / factor`` of all that got there, at least
    if it is the best. (Li et al. 2020, "A system for massively parallel hyperparameter tuning", MLSys,
    in the form that stops trials instead of pausing them.)

    Parameters
    ----------
    grace : int
        Where the first rung is. A larger one spares those that are slow at first.
    factor : int
        At least 2.

    Examples
    --------
    >>> SuccessiveHalving().keep_going([0.9], [[0.8, 0.7], [0.5, 0.4], [1.0]])
    False
    """

    grace: int = 1
    factor: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "grace", checked_integer("grace", self.grace, 1))
        object.__setattr__(self, "factor", checked_integer("factor", self.factor, 2))

    def keep_going(self, curve: Curve, others: Sequence[Curve]) -> bool:
        """Tell whether a trial goes on; see `Pruner`."""
        n, rung = len(curve), self.grace
        while rung < n:
            rung *= self.factor
        if rung != n:
            return True
        there = sorted(_lowest(other[:n]) for other in (*others, curve) if len(other) >= n)
        return _lowest(curve) <= there[max(len(there) // self.factor, 1) - 1]


@dataclass(frozen=True)
class MedianRule:
    """Stop a trial whose lowest loss is above the median of the others' mean losses up to there.

    (Golovin et al. 2017, "Google Vizier", KDD, section 3.2.2.)

    Parameters
    ----------
    grace : int
        Losses before the first decision.
    n_startup : int
        Other trials that must have got as far.

    Examples
    --------
    >>> MedianRule(n_startup=2).keep_going([0.9, 0.8], [[0.8, 0.6], [0.5, 0.4, 0.3]])
    False
    """

    grace: int = 1
    n_startup: int = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "grace", checked_integer("grace", self.grace, 1))
        object.__setattr__(self, "n_startup", checked_integer("n_startup", self.n_startup, 1))

    def keep_going(self, curve: Curve, others: Sequence[Curve]) -> bool:
        """Tell whether a trial goes on; see `Pruner`."""
        n = len(curve)
        there = [other[:n] for other in others if self.grace <= n <= len(other)]
        return len(there) < self.n_startup or _lowest(curve) <= float(np.median(list(map(_mean, there))))


def _lowest(losses: Curve) -> float:
    """Return the lowest finite loss, infinity if there is none."""
    return min(filter(math.isfinite, losses), default=math.inf)


def _mean(losses: Curve) -> float:
    """Return the mean loss, infinity if one is not finite."""
    return math.fsum(x / len(losses) for x in losses) if all(map(math.isfinite, losses)) else math.inf
