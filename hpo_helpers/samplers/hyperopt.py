"""hyperopt's tree-structured Parzen estimators as a sampler, so that `minimize` can run them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..hyperopt_bridge import read_trials, to_hyperopt
from ..spaces import flatten, parameters
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
    """

    n_startup: int = 20
    n_candidates: int = 1000
    gamma: float = 0.2

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the next configuration.

        Raises
        ------
        ImportError
            If hyperopt is not installed.
        """
        import hyperopt

        domain = hyperopt.Domain(lambda configuration: 0.0, to_hyperopt(space))
        past = hyperopt.Trials()
        names = [p.name for p in parameters(space)]
        past.insert_trial_docs([_document(t, space, names, domain, past) for t in trials])
        past.refresh()
        documents = hyperopt.tpe.suggest(
            past.new_trial_ids(1),
            domain,
            past,
            int(rng.integers(2**31 - 1)),
            n_startup_jobs=self.n_startup,
            n_EI_candidates=self.n_candidates,
            gamma=self.gamma,
            verbose=False,
        )
        new = hyperopt.Trials()
        new.insert_trial_docs(documents)
        new.refresh()
        return read_trials(new, space)[0].configuration


def _document(trial: Trial, space: Any, names: list[str], domain: Any, past: Any) -> dict:
    """Return a trial as hyperopt keeps it."""
    import hyperopt

    (tid,) = past.new_trial_ids(1)
    found = flatten(space, trial.configuration)
    values = {name: [found[name]] if name in found else [] for name in names}
    places = {name: [tid] * len(values[name]) for name in names}
    misc = {"tid": tid, "cmd": domain.cmd, "idxs": places, "vals": values}
    result = {"status": hyperopt.STATUS_FAIL}
    if trial.loss is not None:
        result = {"status": hyperopt.STATUS_OK, "loss": trial.loss}
    (document,) = past.new_trial_docs([tid], [None], [result], [misc])
    return document | {"state": hyperopt.JOB_STATE_DONE}
