"""Who takes part: every sampler, ours and the peers', is a search that is asked and told.

All have their library's default settings. ``ask()`` returns a trial, ``ask(configuration)`` one of that
configuration, ``tell(trial, loss)`` says what came of it. A peer is imported when its search begins.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from problems import PROBLEMS, Problem
from results import version_of

from hpo_helpers import GaussianProcessSampler, RandomSampler, Search, Space, TPESampler, Trial, to_hyperopt
from hpo_helpers.course.hyperopt_sampler import document
from hpo_helpers.hyperopt import labels_of


class Peer:
    """What the peers' searches share: trials with values by name, from their `next_values`."""

    def __init__(self, space: Any) -> None:
        self.space, self.n_trials = Space(space), 0

    def ask(self, configuration: Any = None) -> Trial:
        """Return the next trial."""
        given = None if configuration is None else self.space.read(configuration)
        trial = Trial(self.n_trials, self.next_values(given), space=self.space)
        self.n_trials += 1
        return trial


class HyperoptSearch(Peer):
    """What `hyperopt.fmin` does, but for its bookkeeping; the trials are the same."""

    def __init__(self, space: Any, seed: int, algorithm: str, **options: Any) -> None:
        import hyperopt

        super().__init__(space)
        self.suggest = partial(getattr(hyperopt, algorithm).suggest, **options)
        self.domain = hyperopt.Domain(lambda configuration: 0.0, to_hyperopt(self.space))
        self.trials, self.rng = hyperopt.Trials(), np.random.default_rng(seed)
        self.labels = labels_of(self.space)

    def next_values(self, given: dict[str, Any] | None) -> dict[str, Any]:
        """Return the values that hyperopt suggests."""
        if given is not None:
            return given
        seed = int(self.rng.integers(2**31 - 1))
        (document,) = self.suggest([self.n_trials], self.domain, self.trials, seed)
        found = document["misc"]["vals"]
        return self.space.values(lambda p: self.labels[p.name].value(found[p.name][0]))

    def tell(self, trial: Trial, loss: float) -> None:
        """Insert a trial as hyperopt keeps it."""
        trial = replace(trial, state="finished", loss=loss)
        self.trials.insert_trial_docs([document(trial, self.labels, self.domain, self.trials)])
        self.trials.refresh()


class OptunaSearch(Peer):
    """Optuna's study, asked and told."""

    def __init__(self, space: Any, seed: int, sampler: str) -> None:
        import optuna

        super().__init__(space)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed))

    def next_values(self, given: dict[str, Any] | None) -> dict[str, Any]:
        """Return the values that Optuna suggests, one parameter after the other."""
        if given is not None:
            self.study.enqueue_trial(given)
        self.running = self.study.ask()
        return self.space.values(self._suggested)

    def _suggested(self, parameter: Any) -> Any:
        name, kind = parameter.name, parameter.distribution
        if not kind.ordered:
            return self.running.suggest_categorical(name, range(kind.size))
        suggest = self.running.suggest_int if kind.type is int else self.running.suggest_float
        return suggest(name, kind.low, kind.high, step=kind.step, log=kind.log)

    def tell(self, trial: Trial, loss: float) -> None:
        """End the trial that runs."""
        self.study.tell(self.running, loss)


@dataclass(frozen=True)
class Contestant:
    """A sampler that takes part.

    Parameters
    ----------
    title : str
    start : callable
        Takes a space and a seed, and returns a search.
    packages : tuple of str
        What must be installed; the first is where the sampler comes from.
    rival : str, optional
        Ours of the same kind.
    problems : dict
        What it searches.
    change : context manager
        What is in force while it searches.
    n_parallel : int
        How many trials run at once.
    recommends : bool
        Whether what it picks is what `recommend` says, or the trial with the lowest observed loss.
    """

    title: str
    start: Callable[[Any, int], Any]
    packages: tuple[str, ...] = ("hpo_helpers",)
    rival: str | None = None
    problems: Mapping[str, Problem] = field(default_factory=lambda: PROBLEMS)
    change: AbstractContextManager[Any] = field(default_factory=nullcontext)
    n_parallel: int = 1
    recommends: bool = False

    @property
    def version(self) -> str | None:
        """The version of its library."""
        return version_of(self.packages[0])

    @property
    def missing(self) -> list[str]:
        """What must be installed before it can take part."""
        return [package for package in self.packages if version_of(package) is None]


def ours(sampler: Any) -> Callable[[Any, int], Search]:
    """Return what starts a search with one of our samplers."""
    return lambda space, seed: Search(space, sampler=sampler, seed=seed)


def _hyperopt(title: str, algorithm: str, **options: Any) -> Contestant:
    return Contestant(title, partial(HyperoptSearch, algorithm=algorithm, **options), ("hyperopt",), "tpe")


def _optuna(title: str, sampler: str, rival: str, *packages: str) -> Contestant:
    return Contestant(title, partial(OptunaSearch, sampler=sampler), ("optuna", *packages), rival)


CONTESTANTS = {
    "random": Contestant("random search", ours(RandomSampler())),
    "tpe": Contestant("our TPE", ours(TPESampler())),
    "hyperopt-tpe": _hyperopt("hyperopt's TPE", "tpe", verbose=False),
    "hyperopt-anneal": _hyperopt("hyperopt's anneal", "anneal"),
    "optuna-tpe": _optuna("Optuna's TPE", "TPESampler", "tpe"),
    "gp": Contestant("our GP", ours(GaussianProcessSampler())),
    "optuna-gp": _optuna("Optuna's GP", "GPSampler", "gp", "torch"),
}
