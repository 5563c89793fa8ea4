"""Configurations chosen without a look at the losses."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
