"""One stand-in for the loss of a network, and the same with one thing changed: what makes which search win?

All are bowls with a plateau around, from 0 at a place that the seed draws to 1 far away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import checked_integer, checked_option
from ..distributions import Choice, Uniform
from ..samplers import Sampler
from ..search import Search
from ..spaces import Space

CASES = ("four numbers", "noise", "categories", "a tree", "sixteen numbers", "huge losses")
N_OPTIONS, N_BRANCHES = 6, 3
FLOOR = 0.05  # between the lowest losses of a tree's branches
NOISE = 0.1  # standard deviation
HIGHEST = 1e6  # of the huge losses
# Trial k of a search draws from [seed, k], which NumPy reads as [seed, k, 0]; these are other streams.
SPACE_STREAM, NOISE_STREAM = 2, 1


@dataclass(frozen=True)
class StandIn:
    """A space and a loss.

    Parameters
    ----------
    space : Space
    loss : callable
        Of a configuration, without noise; 0 is the lowest.
    noise : float
        Standard deviation of what a search sees on top of it.
    seed : int
    """

    space: Space
    loss: Callable[[Any], float]
    noise: float
    seed: int

    def regrets(self, sampler: Sampler, n_trials: int) -> list[float]:
        """Search it; return the loss without noise of the trial with the lowest observed loss, after each."""
        search, best, found = Search(self.space, sampler=sampler, seed=self.seed), np.inf, list[float]()
        for number in range(n_trials):
            trial = search.ask()
            observed = self.observed(trial.configuration, number)
            search.tell(trial, observed)
            found.append(self.loss(trial.configuration) if observed < best else found[-1])
            best = min(best, observed)
        return found

    def observed(self, configuration: Any, number: int) -> float:
        """Return what trial `number` sees: its noise is the same in all searches of a seed."""
        rng = np.random.default_rng([self.seed, number, NOISE_STREAM])
        return self.loss(configuration) + self.noise * rng.standard_normal()


def bowl(offsets: Any) -> float:
    """Return 0 where all offsets are 0, and nearly 1 where they are large.

    Neighbors among the offsets depend on each other: two that point the same way cost more.

    Examples
    --------
    >>> from hpo_helpers.course.stand_ins import bowl
    >>> bowl([0, 0]), round(bowl([0.3, 0.3]), 2), round(bowl([0.3, -0.3]), 2)
    (0.0, 0.8, 0.42)
    """
    d = np.asarray(offsets, float)
    return float(-np.expm1(-12 * np.mean(d**2 + 0.5 * d * np.roll(d, 1))))


def stand_in(case: str, seed: int) -> StandIn:
    """Return a stand-in, which is another with each seed.

    Parameters
    ----------
    case : {"four numbers", "noise", "categories", "a tree", "sixteen numbers", "huge losses"}
        "noise" and "huge losses" have the four numbers, too. Two of the "categories" are choices among
        six options in no order. In "a tree", a choice of three decides which further two numbers there are.
        "huge losses" grow to a million where the first number is large.
    seed : int

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.
    """
    checked_option("case", case, CASES)
    rng = np.random.default_rng([checked_integer("seed", seed, 0), 0, SPACE_STREAM])
    center = rng.uniform(0.2, 0.8, 16)
    if case == "categories":
        effects = 0.8 * rng.permuted(np.tile(np.arange(N_OPTIONS) / (N_OPTIONS - 1), (2, 1)), axis=1)
        space: Any = [Uniform(0, 1), Uniform(0, 1), *(Choice(list(row)) for row in effects.tolist())]
        return StandIn(Space(space), lambda x: bowl([*(np.array(x[:2]) - center[:2]), *x[2:]]), 0.0, seed)
    if case == "a tree":
        branches = [[k, Uniform(0, 1), Uniform(0, 1)] for k in range(N_BRANCHES)]
        floors = rng.permutation(N_BRANCHES) * FLOOR
        space = [Uniform(0, 1), Uniform(0, 1), Choice(branches)]
        return StandIn(Space(space), lambda x: _in_branch(x, center, floors), 0.0, seed)
    n = 16 if case == "sixteen numbers" else 4
    loss, noise = {"huge losses": _huge, "noise": _usual}.get(case, _usual), NOISE * (case == "noise")
    return StandIn(Space([Uniform(0, 1)] * n), lambda x: loss(np.array(x) - center[:n], center), noise, seed)


def _usual(offsets: np.ndarray, center: np.ndarray) -> float:
    return bowl(offsets)


def _huge(offsets: np.ndarray, center: np.ndarray) -> float:
    """Let the losses grow to a million, from an eighth of the way to the end of the first number on."""
    beyond = max(offsets[0] / (1 - center[0]) - 1 / 8, 0.0) * 8 / 7
    return bowl(offsets) + float(np.expm1(beyond * np.log(HIGHEST)))


def _in_branch(x: Any, center: np.ndarray, floors: np.ndarray) -> float:
    """The lowest loss is another in each branch, and so is its place."""
    first, second, (k, *more) = x
    places = [*center[:2], *center[2 + 2 * k : 4 + 2 * k]]
    return bowl(np.array([first, second, *more]) - places) + float(floors[k])
