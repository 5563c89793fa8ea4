"""What `minimize` uses if it is told nothing: the better of our two model-based samplers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..spaces import Space, Values
from ..trials import Trial
from .gaussian_process import GaussianProcessSampler
from .tpe import TPESampler

N_MODEL = 1000  # past trials from which on Parzen estimators take over


@dataclass(frozen=True)
class DefaultSampler(GaussianProcessSampler):
    """Ask a Gaussian process as long as it is worth the wait, and then Parzen estimators.

    For the same number of trials the Gaussian process finds lower losses on the smooth function and on the
    tree of parameters in benchmarks/README.md, and under noise after 100 trials about the same. But its
    time for a suggestion, a fifth of a second after 1,000 trials, grows in the end with the cube of
    their number, and that of Parzen estimators with the number.
    """

    def suggest_together(self, space: Space, trials: Sequence[Trial], rng: Any, n: int) -> list[Values]:
        """Return what to try at once, at least one and at most n; `suggest` returns the first.

        Raises
        ------
        Exhausted
            When every configuration was tried, which takes a space without real numbers.
        """
        if len(trials) < N_MODEL:
            return super().suggest_together(space, trials, rng, n)
        return [TPESampler().suggest(space, trials, rng)]
