"""hyperopt's own TPE, asked as our samplers are, to compare with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import checked_integer, checked_number
from ..hyperopt import Label, labels_of, to_hyperopt, trial_of
from ..spaces import Space, Values
from ..trials import Trial


@dataclass(frozen=True)
class HyperoptSampler:
    """Ask ``hyperopt.tpe.suggest`` what to try next.

    It is given all past trials anew each time, so that a search that was stopped goes on as if it
    had not been. The defaults are the article's settings.

    Parameters
    ----------
    n_startup, n_candidates : int
        hyperopt's ``n_startup_jobs`` and ``n_EI_candidates``.
    gamma : float
        The good group has ``ceil(gamma sqrt(n))`` of n trials, at most 25.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.
    """

    n_startup: int = 20
    n_candidates: int = 1000
    gamma: float = 0.2

    def __post_init__(self) -> None:
        checked_integer("n_startup", self.n_startup, 0)
        checked_integer("n_candidates", self.n_candidates, 1)
        checked_number("gamma", self.gamma, above=0)

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values to try next.

        Raises
        ------
        ImportError
            If hyperopt is not installed.
        """
        import hyperopt

        domain, labels = hyperopt.Domain(lambda configuration: 0.0, to_hyperopt(space)), labels_of(space)
        past = hyperopt.Trials()
        past.insert_trial_docs([document(t, labels, domain, past) for t in trials])
        past.refresh()
        seed = int(rng.integers(2**31 - 1))
        settings = {"n_startup_jobs": self.n_startup, "n_EI_candidates": self.n_candidates, "verbose": False}
        ids = past.new_trial_ids(1)
        (new,) = hyperopt.tpe.suggest(ids, domain, past, seed, gamma=self.gamma, **settings)
        return trial_of(0, new, space, labels).values


def document(trial: Trial, labels: dict[str, Label], domain: Any, past: Any) -> Any:
    """Return a trial as hyperopt keeps it."""
    import hyperopt

    (tid,) = past.new_trial_ids(1)
    own = trial.values
    values = {name: [label.label(own[name])] if name in own else [] for name, label in labels.items()}
    places = {name: [tid] * len(found) for name, found in values.items()}
    misc = {"tid": tid, "cmd": domain.cmd, "idxs": places, "vals": values}
    ok = {"status": hyperopt.STATUS_OK, "loss": trial.loss}
    result = ok if trial.state == "finished" else {"status": hyperopt.STATUS_FAIL}
    (document,) = past.new_trial_docs([tid], [None], [result], [misc])
    return document | {"state": hyperopt.JOB_STATE_DONE}
