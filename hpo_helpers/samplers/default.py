"""What `minimize` uses if it is told nothing: the better of our two model-based samplers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..trials import Trial
from .gaussian_process import GaussianProcessSampler
from .tpe import TPESampler


@dataclass(frozen=True)
class DefaultSampler:
    """Ask a Gaussian process as long as it is worth the wait, and then Parzen estimators.

    For the same number of trials the Gaussian process finds lower losses on nearly all problems
    (benchmarks/README.md), on trees of parameters and under noise as well. But its time for a
    suggestion grows with the cube of the number of past trials: a fifth of a second at 1,000, and
    a hundred times that at 5,000. That of Parzen estimators grows with the number.

    Parameters
    ----------
    n_model : int
        Number of past trials from which on Parzen estimators take over.
    """

    n_model: int = 1000
    _few: GaussianProcessSampler = field(default_factory=GaussianProcessSampler, init=False, repr=False)
    _many: TPESampler = field(default_factory=TPESampler, init=False, repr=False)

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the configuration to try next.

        Raises
        ------
        StopIteration
            When every configuration was tried, which takes a space without real numbers.
        """
        sampler = self._few if len(trials) < self.n_model else self._many
        return sampler.suggest(space, trials, rng)
