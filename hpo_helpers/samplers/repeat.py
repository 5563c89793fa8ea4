"""Try the best again: the lowest of many noisy losses is partly luck, and a second try tells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..checks import checked_integer, refuse
from ..spaces import Space, Values
from ..trials import Trial, Trials
from . import Sampler
from .rows import keys

N_TRIES = 3  # of the configuration that leads


@dataclass(frozen=True)
class RepeatSampler:
    """Search, and in the last trials make sure of what leads before searching on.

    Then the configuration with the lowest mean loss is tried until it has had three trials; if
    another leads by that, it is that one's turn. Between, and before, the next trial is the sampler's.
    `recommend` says what to take home in the end.

    It pays where trainings differ by more than the best configurations do. Where a configuration always
    has the same loss, it costs two trials for each new best.

    Parameters
    ----------
    sampler : Sampler
        What is asked for trials of what is new.
    n_search : int
        Number of the first trials, in which nothing is repeated: four fifths of all are a good share.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.

    Examples
    --------
    >>> import numpy
    >>> from hpo_helpers import RandomSampler, RepeatSampler, Uniform, minimize, recommend
    >>> luck = numpy.random.default_rng(0)
    >>> def objective(x):
    ...     return x**2 + luck.normal(0, 0.1)
    >>> sampler = RepeatSampler(RandomSampler(), n_search=40)
    >>> trials = minimize(objective, Uniform(-1, 1), n_trials=50, sampler=sampler, seed=0, progress=False)
    >>> abs(recommend(trials).configuration) < 0.2
    True
    """

    sampler: Sampler
    n_search: int

    def __post_init__(self) -> None:
        if isinstance(self.sampler, type) or not callable(getattr(self.sampler, "suggest", None)):
            mend = "write RepeatSampler(TPESampler(), 80)"
            refuse("sampler", "be an object with a suggest method", self.sampler, mend, TypeError)
        checked_integer("n_search", self.n_search, 1)

    def suggest(self, space: Space, trials: Trials, rng: np.random.Generator) -> Values:
        """Return the values to try next.

        Raises
        ------
        Exhausted
            When the sampler has nothing new left.
        """
        groups = repeats(space, trials) if len(trials) >= self.n_search else []
        leading = min(groups, key=mean_loss, default=[])
        if 0 < len(leading) < N_TRIES:
            return leading[0].values
        return self.sampler.suggest(space, trials, rng)


def repeats(space: Space, trials: Sequence[Trial]) -> list[list[Trial]]:
    """Return the trials of each configuration with a finished one: the finished and the running."""
    trials = [trial for trial in trials if trial.state in ("finished", "running")]
    groups: dict[bytes, list[Trial]] = {}
    for key, trial in zip(keys(space.table([trial.values for trial in trials])), trials, strict=True):
        groups.setdefault(key, []).append(trial)
    return [group for group in groups.values() if any(trial.loss is not None for trial in group)]


def mean_loss(group: Sequence[Trial]) -> float:
    """Return the mean of the losses that are there."""
    losses = [trial.loss for trial in group if trial.loss is not None]
    return sum(loss / len(losses) for loss in losses)  # the sum of huge ones might be infinite
