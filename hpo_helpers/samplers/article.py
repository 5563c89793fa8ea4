"""The rule of the article, for one integer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..models.acquisition import next_parameter_by_ei
from ..models.gaussian_process import gaussian_process
from ..spaces import Integer
from ..trials import Trial


@dataclass(frozen=True)
class ArticleSampler:
    """Two random integers, then always the one with the largest confidence improvement."""

    def suggest(self, space: Integer, trials: Sequence[Trial], rng: np.random.Generator) -> int:
        """Return the next integer.

        Raises
        ------
        StopIteration
            When a loss is 0, or when the integer proposed was tried before.
        """
        choices = np.arange(space.low, space.high + 1)
        tried = [trial.configuration for trial in trials]
        finished = [trial for trial in trials if trial.state == "finished"]
        losses = [trial.loss for trial in finished]
        if 0 in losses or len(tried) == len(choices):
            raise StopIteration
        if len(finished) < 2:
            return int(rng.choice(np.setdiff1d(choices, tried)))
        mean, std = gaussian_process([t.configuration for t in finished], losses, choices)
        proposed = int(next_parameter_by_ei(min(losses), mean, std, choices))
        if proposed in tried:
            raise StopIteration
        return proposed
