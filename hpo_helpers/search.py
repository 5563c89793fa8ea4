"""The only loop: ask the sampler, call the objective, keep the trial."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from numbers import Integral
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from .journal import Journal, draw_seed
from .spaces import Integer, flatten, parameters, unflatten
from .trials import Trial, Trials


class ObjectiveError(RuntimeError):
    """The objective failed; every trial so far is kept.

    Attributes
    ----------
    trials : Trials
        All trials, the failed one last.
    """

    def __init__(self, message: str, trials: Trials) -> None:
        super().__init__(message)
        self.trials = trials


def minimize(
    objective: Callable[[Any], Any],
    space: Any,
    *,
    sampler: Any = None,
    n_trials: int = 50,
    seed: int | None = None,
    journal: str | Path | None = None,
    on_error: str = "raise",
    progress: bool = True,
) -> Trials:
    """Look for the configuration with the lowest loss.

    Parameters
    ----------
    objective : callable
        Takes a configuration and returns its loss: a number, or a mapping with ``"loss"``,
        optionally ``"curve"`` (the loss after each step of training), and whatever else is
        worth keeping in ``trial.info``. A loss of NaN or infinity makes a failed trial.
    space : nested dict, list or tuple
        With distributions at its leaves, see `hpo_helpers.spaces`.
    sampler : optional
        Has ``suggest(space, trials, rng)``, which returns a configuration and depends on nothing
        else, or raises StopIteration to end the search. Default: `GaussianProcessSampler`.
    n_trials : int
        Trials in all, those already in the journal included.
    seed : int, optional
        Trial ``k`` gets ``numpy.random.default_rng([seed, k])``. None takes the journal's seed,
        or draws one.
    journal : str or Path, optional
        File that every trial is written to before the next begins. If it is already there, the
        search goes on from it and tries what it would have tried without the stop. What JSON
        cannot hold in ``trial.info`` is written as its ``repr``.
    on_error : {"raise", "record"}
        When the objective raises: stop with an ObjectiveError, or go on. Either way the trial is
        recorded as failed.
    progress : bool
        Show a bar with the best loss.

    Returns
    -------
    Trials
        Ctrl-C ends the search early and returns the trials so far.

    Raises
    ------
    ObjectiveError
        If the objective raises or returns no loss, unless ``on_error="record"``.
    TypeError, ValueError
        If an argument makes no sense, or the journal is not of this search.
    """
    n_trials = _checked_integer("n_trials", n_trials, 1)
    seed = None if seed is None else _checked_integer("seed", seed, 0)
    sampler = _default_sampler() if sampler is None else sampler
    if not callable(objective):
        raise TypeError(f"objective must be a function of a configuration, got {objective!r}.")
    if not callable(getattr(sampler, "suggest", None)):
        raise TypeError(f"sampler must have a method suggest, as RandomSampler(), got {sampler!r}.")
    if on_error not in ("raise", "record"):
        raise ValueError(f"on_error must be 'raise' or 'record', got {on_error!r}.")
    parameters(space)
    with Journal(journal, space, seed, sampler) if journal else nullcontext() as log:
        trials = log.trials if log else Trials()
        seed = log.seed if log else draw_seed() if seed is None else seed
        with _progress_bar(n_trials, len(trials), progress) as bar:
            try:
                while len(trials) < n_trials:
                    _show_best(bar, trials)
                    rng = np.random.default_rng([seed, len(trials)])
                    trial, failure = _run_trial(objective, space, sampler, trials, rng)
                    if log:
                        log.append(trial)
                    trials.append(trial)
                    bar.update()
                    if failure and on_error == "raise":
                        raise ObjectiveError(_advice(trial, journal), trials) from failure
            except (KeyboardInterrupt, StopIteration):
                pass
            _show_best(bar, trials)
    return trials


def hyperparam_selection(
    func: Callable[..., Any],
    n_hidden_range: Sequence[int],
    func_args: Sequence[Any] | None = None,
    n_iter: int = 20,
    *,
    seed: int | None = None,
) -> int:
    """Look for the number of hidden units with the lowest loss, as the article does.

    Two random numbers of units come first. Then a Gaussian process is fitted to all losses, and
    the number with the largest confidence improvement comes next, until the loss is 0, that
    number was tried before, or `n_iter` numbers were tried.

    Parameters
    ----------
    func : callable
        ``func(n_hidden, *func_args)`` returns a loss.
    n_hidden_range : (int, int)
        Smallest and largest number of hidden units.
    func_args : sequence, optional
        Further arguments of `func`.
    n_iter : int
        Largest number of calls of `func`.
    seed : int, optional

    Returns
    -------
    int
        The number of hidden units with the lowest loss.

    Raises
    ------
    TypeError, ValueError
        If the range is not two integers, the smaller first, or if `n_iter` is less than 1.
    ObjectiveError
        If `func` raises or returns no loss.
    """
    n_iter = _checked_integer("n_iter", n_iter, 1)
    if not isinstance(n_hidden_range, Sequence) or len(n_hidden_range) != 2:
        raise TypeError(f"n_hidden_range must be two integers, got {n_hidden_range!r}.")
    trials = minimize(
        lambda n_hidden: func(n_hidden, *(func_args or ())),
        Integer(*n_hidden_range),
        sampler=_ArticleSampler(),
        n_trials=n_iter,
        seed=seed,
        progress=False,
    )
    return trials.best.configuration


@dataclass(frozen=True)
class _ArticleSampler:
    """Two random integers, then the one with the largest confidence improvement."""

    def suggest(self, space: Integer, trials: Trials, rng: np.random.Generator) -> int:
        from .models.acquisition import next_parameter_by_ei
        from .models.gaussian_process import gaussian_process

        choices = np.arange(space.low, space.high + 1)
        finished = [trial for trial in trials if trial.state == "finished"]
        tried = [trial.configuration for trial in trials]
        if len(finished) < 2:
            untried = np.setdiff1d(choices, tried)
            if len(untried) == 0:
                raise StopIteration
            return int(rng.choice(untried))
        losses = np.array([trial.loss for trial in finished])
        units = np.array([trial.configuration for trial in finished])
        mean, std = gaussian_process(units, losses, choices)
        proposed = int(next_parameter_by_ei(losses.min(), mean, std, choices))
        if losses.min() == 0 or proposed in tried:
            raise StopIteration
        return proposed


def _run_trial(
    objective: Callable, space: Any, sampler: Any, trials: Trials, rng: np.random.Generator
) -> tuple[Trial, Exception | None]:
    """Return the next trial, and what the objective raised."""
    suggestion = sampler.suggest(space, trials, rng)
    try:
        values = flatten(space, suggestion)
    except ValueError as error:
        raise ValueError(f"{sampler!r} suggested what is not in the space: {error}") from error
    loss, curve, info, error, failure = None, None, None, None, None
    start = perf_counter()
    try:
        # A configuration of its own, so that the objective may change it at will.
        loss, curve, info = _outcome(objective(unflatten(space, values)), len(trials))
        if not math.isfinite(loss):
            loss, error = None, f"objective returned {loss}"
    except Exception as raised:
        failure, error = raised, f"{type(raised).__name__}: {raised}"
    seconds = perf_counter() - start
    state = "failed" if loss is None else "finished"
    configuration = unflatten(space, values)
    trial = Trial(len(trials), configuration, loss, state, seconds, error, curve, info)
    return trial, failure


def _outcome(returned: Any, number: int) -> tuple[float, list[float] | None, dict | None]:
    """Return loss, curve and info of what the objective returned."""
    info, curve = None, None
    loss = returned
    if isinstance(returned, Mapping):
        info = dict(returned)
        loss = info.pop("loss", None)
        curve = info.pop("curve", None)
    if not _is_number(loss):
        raise TypeError(
            f"the objective returned {returned!r} in trial {number}; "
            "return the loss as a number, or a mapping with the loss at 'loss'"
        )
    curve = None if curve is None else [float(value) for value in curve]
    return float(loss), curve, info or None


def _is_number(value: Any) -> bool:
    """Tell whether a value is one real number, be it a NumPy or a tensor scalar."""
    wrong = (bool, np.bool_, complex, np.complexfloating)
    return hasattr(value, "__float__") and not isinstance(value, wrong)


def _advice(trial: Trial, journal: str | Path | None) -> str:
    where = f"in the journal {journal} and in this error's .trials" if journal else (
        "in this error's .trials"
    )
    onward = "call minimize again with the same journal" if journal else "call minimize again"
    return (
        f"Trial {trial.number} failed with {trial.error}. All {trial.number + 1} trials are kept "
        f"{where}; mend the objective and {onward}, or pass on_error='record' to go on past "
        f"failures."
    )


def _default_sampler() -> Any:
    from .samplers.gaussian_process import GaussianProcessSampler

    return GaussianProcessSampler()


def _checked_integer(name: str, value: Any, least: int) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}.")
    return int(value)


def _progress_bar(total: int, done: int, shown: bool) -> Any:
    # tqdm.auto may warn about missing widgets as soon as it is imported.
    tqdm = import_module("tqdm.auto" if shown else "tqdm").tqdm
    return tqdm(total=total, initial=done, desc="trials", disable=not shown)


def _show_best(bar: Any, trials: Trials) -> None:
    losses = trials.losses
    if np.isfinite(losses).any():
        bar.set_postfix(best=f"{np.nanmin(losses):.4g}", refresh=False)
