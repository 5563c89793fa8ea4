"""One way to run every sampler, ours and the peers': ask for a configuration, tell its loss.

All have their library's default settings. `tell` also takes configurations that `ask` did not
give. A peer is imported when its search begins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from hpo_helpers import (
    Choice,
    GaussianProcessSampler,
    Integer,
    LogInteger,
    LogUniform,
    RandomSampler,
    TPESampler,
    Trial,
    Trials,
    to_hyperopt,
)
from hpo_helpers.spaces import flatten, parameters, unflatten


class OurSearch:
    """What `minimize` does, but for its bookkeeping; the trials are the same."""

    def __init__(self, sampler: Any, space: Any, seed: int) -> None:
        self.sampler, self.space, self.seed, self.trials = sampler, space, seed, Trials()

    def ask(self) -> Any:
        rng = np.random.default_rng([self.seed, len(self.trials)])
        return self.sampler.suggest(self.space, self.trials, rng)

    def tell(self, configuration: Any, loss: float) -> None:
        self.trials.append(Trial(len(self.trials), configuration, loss, "finished", 0.0))


class HyperoptSearch:
    """What `hyperopt.fmin` does, but for its bookkeeping; the trials are the same."""

    def __init__(self, algorithm: str, space: Any, seed: int) -> None:
        import hyperopt

        self.suggest = getattr(hyperopt, algorithm).suggest
        if algorithm == "tpe":
            self.suggest = partial(self.suggest, verbose=False)
        self.space, self.names = space, [p.name for p in parameters(space)]
        self.domain = hyperopt.Domain(lambda configuration: 0.0, to_hyperopt(space))
        self.trials, self.rng = hyperopt.Trials(), np.random.default_rng(seed)

    def ask(self) -> Any:
        number, seed = len(self.trials.trials), int(self.rng.integers(2**31 - 1))
        documents = self.suggest([number], self.domain, self.trials, seed)
        new = type(self.trials)()
        new.insert_trial_docs(documents)
        new.refresh()
        return Trials.from_hyperopt(new, self.space)[0].configuration

    def tell(self, configuration: Any, loss: float) -> None:
        import hyperopt

        number, found = len(self.trials.trials), flatten(self.space, configuration)
        values = {name: [found[name]] if name in found else [] for name in self.names}
        places = {name: [number] * len(values[name]) for name in self.names}
        misc = {"tid": number, "cmd": self.domain.cmd, "idxs": places, "vals": values}
        result = {"status": hyperopt.STATUS_OK, "loss": loss}
        (document,) = self.trials.new_trial_docs([number], [None], [result], [misc])
        self.trials.insert_trial_docs([document | {"state": hyperopt.JOB_STATE_DONE}])
        self.trials.refresh()


class OptunaSearch:
    """Optuna's study, asked and told."""

    def __init__(self, sampler: str, space: Any, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed))
        self.space, self.trial = space, None

    def ask(self) -> Any:
        self.trial, values = self.study.ask(), {}
        for p in parameters(self.space):
            if all(values.get(choice) == option for choice, option in p.conditions):
                values[p.name] = _suggest(self.trial, p.name, p.distribution)
        return unflatten(self.space, values)

    def tell(self, configuration: Any, loss: float) -> None:
        import optuna

        if self.trial is not None:
            self.study.tell(self.trial, loss)
            self.trial = None
            return
        values = flatten(self.space, configuration)
        past = optuna.trial.FixedTrial(values)  # to it, a suggestion is the value it has
        for p in parameters(self.space):
            if p.name in values:
                _suggest(past, p.name, p.distribution)
        self.study.add_trial(
            optuna.trial.create_trial(
                params=past.params, distributions=past.distributions, value=loss
            )
        )


def _suggest(trial: Any, name: str, distribution: Any) -> Any:
    """Ask an Optuna trial for the value of one parameter."""
    if isinstance(distribution, Choice):
        return trial.suggest_categorical(name, range(len(distribution.options)))
    whole = isinstance(distribution, (Integer, LogInteger))
    suggest = trial.suggest_int if whole else trial.suggest_float
    log = isinstance(distribution, (LogInteger, LogUniform))
    return suggest(name, distribution.low, distribution.high, log=log)


@dataclass(frozen=True)
class Contestant:
    """A sampler that takes part.

    Parameters
    ----------
    title : str
    start : callable
        Takes a space and a seed, and returns a search with ``ask()`` and ``tell(configuration,
        loss)``.
    packages : tuple of str
        What must be installed; the first is where the sampler comes from.
    rival : str, optional
        Ours of the same kind.
    """

    title: str
    start: Callable[[Any, int], Any]
    packages: tuple[str, ...] = ("hpo_helpers",)
    rival: str | None = None

    @property
    def version(self) -> str | None:
        """The version of its library, None if something is not installed."""
        try:
            return [version(package) for package in self.packages][0]
        except PackageNotFoundError:
            return None


CONTESTANTS = {
    "random": Contestant("random search", partial(OurSearch, RandomSampler())),
    "tpe": Contestant("our TPE", partial(OurSearch, TPESampler())),
    "hyperopt-tpe": Contestant(
        "hyperopt's TPE", partial(HyperoptSearch, "tpe"), ("hyperopt",), "tpe"
    ),
    "hyperopt-anneal": Contestant(
        "hyperopt's anneal", partial(HyperoptSearch, "anneal"), ("hyperopt",), "tpe"
    ),
    "optuna-tpe": Contestant(
        "Optuna's TPE", partial(OptunaSearch, "TPESampler"), ("optuna",), "tpe"
    ),
    "gp": Contestant("our GP", partial(OurSearch, GaussianProcessSampler())),
    "optuna-gp": Contestant(
        "Optuna's GP", partial(OptunaSearch, "GPSampler"), ("optuna", "torch"), "gp"
    ),
}
