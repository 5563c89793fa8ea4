"""Configurations chosen without a look at the losses: at random, or evenly spread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..checks import checked_integer
from ..spaces import Exhausted, Space, Values
from ..trials import Trial
from .grid import combinations, every
from .rows import keys

N_DRAWS = 1000  # that find nothing new, before all of a space is looked through


def draw_new(space: Space, tried: set[bytes], rng: np.random.Generator) -> Values:
    """Draw values that were not tried.

    Parameters
    ----------
    space : Space
    tried : set of bytes
        Of `keys` of the trials' table.
    rng : numpy.random.Generator

    Raises
    ------
    Exhausted
        If there are none; for a space with real numbers, if none were found.
    """
    for _ in range(N_DRAWS):
        values = space.sample(rng)
        if keys(space.table([values]))[0] not in tried:
            return values
    if math.isfinite(space.size):
        for values in combinations(list(space.parameters.values()), lambda p: every(p.distribution), {}):
            if keys(space.table([values]))[0] not in tried:
                return values
    raise Exhausted


@dataclass(frozen=True)
class RandomSampler:
    """Draw every configuration at random, independently of the others."""

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Draw values."""
        return space.sample(rng)


@dataclass(frozen=True)
class QuasiRandomSampler:
    """Spread configurations more evenly than chance does, by Sobol's points.

    Each parameter of the space, active or not, is one coordinate of the points.

    Parameters
    ----------
    seed : int or None
        Scrambles the points; None gives the sequence of the textbook. The seed of the search plays no part.

    Raises
    ------
    TypeError, ValueError
        If it is not an integer of at least 0.
    """

    seed: int | None = 0

    def __post_init__(self) -> None:
        if self.seed is not None:
            checked_integer("seed", self.seed, 0)

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values at point ``len(trials)``."""
        number = len(trials)
        point = sobol_points(number.bit_length(), len(space.parameters), self.seed)[number]
        units = dict(zip(space.parameters, point, strict=True))
        return space.values(lambda p: p.distribution.type(p.distribution.from_unit(units[p.name])))


@lru_cache(maxsize=4)
def sobol_points(log2_n: int, n_dimensions: int, seed: int | None) -> np.ndarray:
    """Return the first 2^log2_n points, a number that alone is balanced; more begin with the same ones."""
    from scipy.stats import qmc  # slow to import

    points: np.ndarray = qmc.Sobol(n_dimensions, scramble=seed is not None, rng=seed).random_base2(log2_n)
    return points
