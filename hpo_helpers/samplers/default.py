"""What `minimize` uses if it is told nothing: the better of our two model-based samplers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..trials import Trial
from .gaussian_process import GaussianProcessSampler
from .tpe import TPESampler

N_MODEL = 1000  # past trials from which on Parzen estimators take over


@dataclass(frozen=True)
class DefaultSampler:
    """Ask a Gaussian process as long as it is worth the wait, and then Parzen estimators.

    For the same number of trials the Gaussian process finds lower losses on nearly all problems
    (benchmarks/README.md), on trees of parameters and under noise as well. But its time for a
    suggestion, a fifth of a second after 1,000 trials, grows in the end with the cube of their
    number, and that of Parzen estimators with the number.
    """

    _few: GaussianProcessSampler = field(default_factory=GaussianProcessSampler, init=False, repr=False)
    _many: TPESampler = field(default_factory=TPESampler, init=False, repr=False)

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the configuration to try next.

        Raises
        ------
        StopIteration
            When every configuration was tried, which takes a space without real numbers.
        """
        sampler = self._few if len(trials) < N_MODEL else self._many
        return sampler.suggest(space, trials, rng)
