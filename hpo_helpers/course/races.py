"""Races between samplers on a table: every training was recorded beforehand, so that a race takes seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any

import numpy as np

from ..checks import checked_integer, refuse
from ..evaluation import Outcome
from ..pruners import Pruner
from ..samplers import Sampler
from ..search import Search
from ..spaces import Exhausted, Space, Values
from ..trials import Trial, Trials

LUCK_STREAM = 1  # any number but 0, since NumPy reads [seed, number] as [seed, number, 0]


class Table:
    """The trainings of every configuration of a space, one from each seed.

    Parameters
    ----------
    trials : Trials
        With curves, and with a parameter ``"seed"``, which the table's space has not.

    Attributes
    ----------
    space : Space
    truth : dict of tuple to float
        The mean over the seeds of the lowest losses, by a configuration's values.
    lowest : float
        The lowest truth.
    """

    def __init__(self, trials: Trials) -> None:
        if trials.space is None or "seed" not in trials.space.tree:
            refuse("trials", "have a space with a seed", trials)
        tree = trials.space.tree
        self.space = Space({name: kind for name, kind in tree.items() if name != "seed"})
        self._curves: dict[tuple[Any, ...], list[list[float]]] = {}
        for trial in trials:
            if trial.curve is not None:
                key = self._key({name: value for name, value in trial.values.items() if name != "seed"})
                self._curves.setdefault(key, []).append(trial.curve)
        lowest = {key: [np.nanmin(curve) for curve in curves] for key, curves in self._curves.items()}
        self.truth = {key: float(np.mean(losses)) for key, losses in lowest.items()}
        self.lowest = min(self.truth.values())

    @staticmethod
    def _key(values: Values) -> tuple[Any, ...]:
        return tuple(values.values())

    def curve(self, values: Values, seed: int, number: int) -> list[float]:
        """Return one training, drawn from the seed and the number of a trial: the same in all races."""
        curves = self._curves[self._key(values)]
        luck = np.random.default_rng([seed, number, LUCK_STREAM]).random()
        return curves[int(luck * len(curves))]

    def regret(self, values: Values) -> float:
        """Return how much higher the truth of a configuration is than the lowest."""
        return self.truth[self._key(values)] - self.lowest


def race(
    table: Table,
    sampler: Sampler,
    *,
    seed: int,
    n_epochs: int,
    n_parallel: int = 1,
    pruner: Pruner | None = None,
) -> np.ndarray:
    """Search a table, by a clock that counts epochs: each worker trains one epoch a tick.

    Parameters
    ----------
    table : Table
    sampler : Sampler
    seed : int
        Of the search and of the trainings that are drawn.
    n_epochs : int
        Ticks of the clock; what thinking takes is not counted.
    n_parallel : int
        Workers.
    pruner : Pruner, optional

    Returns
    -------
    numpy.ndarray
        Shape (n_epochs,): after each tick, the regret of the configuration with the lowest loss so far,
        of networks that still train or were stopped as well as of the others. NaN before there is one.
    """
    search, best, found = Search(table.space, sampler=sampler, seed=seed), np.inf, np.full(n_epochs, np.nan)
    seen: dict[int, list[float]] = {}
    running: list[tuple[Trial, list[float]]] = []  # with its whole curve
    n_most = n_parallel  # none once nothing is left to try
    for tick in range(n_epochs):
        found[tick] = found[tick - 1]
        while len(running) < n_most:
            try:
                trial = search.ask()
            except Exhausted:
                n_most = 0
                break
            seen[trial.number] = []
            running.append((trial, table.curve(trial.values, seed, trial.number)))
        for one in list(running):
            (trial, whole), curve = one, seen[one[0].number]
            curve.append(whole[len(curve)])
            if curve[-1] < best:
                best, found[tick] = curve[-1], table.regret(trial.values)
            is_over, others = len(curve) == len(whole), [c for c in seen.values() if c is not curve]
            if is_over or (pruner and not pruner.keep_going(curve, others)):
                search.tell(trial, _outcome(curve, is_over))
                running.remove(one)
    return found


def _outcome(curve: list[float], is_over: bool) -> Outcome:
    """Return what `minimize` would make of a curve."""
    finite = [loss for loss in curve if isfinite(loss)]
    if not finite:
        return Outcome("failed", error="no loss is finite", curve=curve)
    return (
        Outcome("finished", min(finite), curve=curve)
        if is_over
        else Outcome("pruned", finite[-1], curve=curve)
    )


@dataclass(frozen=True)
class CoarseGrid:
    """The grid that a number of trials pays for, of a space without a tree.

    One parameter after another, in random order and again and again, gets one more value, as long as
    there are at most `n_trials` combinations. The values of a number are spread evenly; the
    options of a choice are drawn. A parameter that gets one value has the middle.

    Parameters
    ----------
    n_trials : int
    seed : int
        Of the order and of the options.

    Examples
    --------
    >>> from hpo_helpers import Uniform, minimize
    >>> from hpo_helpers.course.races import CoarseGrid
    >>> space = {"x": Uniform(0, 1), "y": Uniform(0, 1)}
    >>> search = {"n_trials": 4, "sampler": CoarseGrid(4), "progress": False}
    >>> trials = minimize(lambda c: c["x"] + c["y"], space, **search)
    >>> sorted((t.configuration["x"], t.configuration["y"]) for t in trials)
    [(0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)]
    """

    n_trials: int
    seed: int = 0

    def __post_init__(self) -> None:
        checked_integer("n_trials", self.n_trials, 1)
        checked_integer("seed", self.seed, 0)

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values of point ``len(trials)``.

        Raises
        ------
        Exhausted
            After the last point.
        """
        columns, index = self._columns(space), len(trials)
        if index >= prod(map(len, columns.values())):
            raise Exhausted
        values: Values = {}
        for name, column in columns.items():
            index, digit = divmod(index, len(column))
            values[name] = column[digit]
        return values

    def _columns(self, space: Space) -> dict[str, list[Any]]:
        """Return the values of each parameter."""
        kinds = [p.distribution for p in space.parameters.values()]
        rng, counts = np.random.default_rng(self.seed), [1] * len(kinds)
        order, grew = rng.permutation(len(kinds)).tolist(), True
        while grew:
            grew = False
            for j in sorted(order, key=counts.__getitem__):
                if counts[j] < kinds[j].size and prod(counts) // counts[j] * (counts[j] + 1) <= self.n_trials:
                    counts[j] += 1
                    grew = True
                    break
        columns = {}
        for name, kind, n in zip(space.parameters, kinds, counts, strict=True):
            even = kind.from_unit((np.arange(n) + 0.5) / n)
            columns[name] = list(map(kind.type, even if kind.ordered else rng.permutation(kind.size)[:n]))
        return columns
