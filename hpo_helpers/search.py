"""The only loop: ask the sampler, call the objective, keep the trial."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from numbers import Integral
from operator import index
from pathlib import Path
from reprlib import repr as short
from time import perf_counter
from typing import Any

import numpy as np

from .journal import Journal, draw_seed
from .spaces import Integer, flatten, parameters, unflatten
from .trials import Trial, Trials


class ObjectiveError(RuntimeError):
    """The objective failed; no trial is lost.

    Attributes
    ----------
    trials : Trials
        All trials so far, the failed one last.
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
        optionally ``"curve"`` (the loss after each step of training), and whatever else is to be
        kept in ``trial.info``. A loss of NaN or infinity makes a failed trial.
    space : nested dict, list or tuple
        With distributions at its leaves, see `hpo_helpers.spaces`.
    sampler : optional
        Has ``suggest(space, trials, rng)``, which returns a configuration that depends on
        nothing else, or raises StopIteration to end the search. Default: `DefaultSampler`,
        which is `GaussianProcessSampler` and, after many trials, `TPESampler`.
    n_trials : int
        Number of trials, those already in the journal included.
    seed : int, optional
        Trial ``k`` gets ``numpy.random.default_rng([seed, k])``. None takes the journal's seed,
        or draws one.
    journal : str or Path, optional
        File to which every trial is written before the next begins. If it is there already, the
        search goes on from it, with the trials that it would have had without the stop. What
        JSON has no form for in ``trial.info`` is written as its ``repr``.
    on_error : {"raise", "record"}
        What to do when the objective raises or returns no loss: stop with an ObjectiveError, or
        go on. Either way the trial is kept as failed.
    progress : bool
        Show a bar with the best loss.

    Returns
    -------
    Trials
        Ctrl-C ends the search early and returns the trials so far.

    Raises
    ------
    ObjectiveError
        If the objective fails, unless ``on_error="record"``.
    TypeError, ValueError
        If an argument makes no sense, or the journal is not one of this search.
    """
    n_trials = _checked_integer("n_trials", n_trials, 1)
    seed = None if seed is None else _checked_integer("seed", seed, 0)
    sampler = _default_sampler() if sampler is None else sampler
    if not callable(objective):
        raise TypeError(f"objective must be a function of a configuration, got {objective!r}.")
    if isinstance(sampler, type) or not callable(getattr(sampler, "suggest", None)):
        raise TypeError(f"sampler must have a suggest method, as RandomSampler(), got {sampler!r}.")
    if on_error not in ("raise", "record"):
        raise ValueError(f"on_error must be 'raise' or 'record', got {on_error!r}.")
    parameters(space)
    kept = nullcontext() if journal is None else Journal(journal, space, seed, sampler)
    with kept as log:
        trials = Trials(log.trials) if log else Trials()
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
    """Look for the number of hidden units with the lowest loss, in the article's way.

    Two random numbers of units come first. Then a Gaussian process is fitted to the losses, and
    the number with the largest confidence improvement comes next, until a loss is 0, the number
    proposed was tried before, or `n_iter` numbers were tried.

    Parameters
    ----------
    func : callable
        ``func(n_hidden, *func_args)`` returns a loss.
    n_hidden_range : sequence of two int
        Smallest and largest number of hidden units.
    func_args : sequence, optional
        Further arguments of `func`.
    n_iter : int
        Largest number of calls of `func`.
    seed : int, optional
        Of the two random numbers; None draws it.

    Returns
    -------
    int
        The number of hidden units with the lowest loss.

    Raises
    ------
    TypeError, ValueError
        If the range is not two integers, the smaller first, or `n_iter` is less than 1.
    ObjectiveError
        If `func` raises or returns no loss.
    """
    from .samplers.article import ArticleSampler

    try:
        low, high = (index(bound) for bound in n_hidden_range)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"n_hidden_range must be two integers, as [50, 1000], got {n_hidden_range!r}."
        ) from error
    if low >= high:
        raise ValueError(f"n_hidden_range must have the smaller number first, got {[low, high]}.")
    args = () if func_args is None else func_args
    trials = minimize(
        lambda n_hidden: func(n_hidden, *args),
        Integer(low, high),
        sampler=ArticleSampler(),
        n_trials=_checked_integer("n_iter", n_iter, 1),
        seed=seed,
        progress=False,
    )
    return trials.best.configuration


def _run_trial(
    objective: Callable, space: Any, sampler: Any, trials: Trials, rng: np.random.Generator
) -> tuple[Trial, Exception | None]:
    """Return the next trial, and what the objective raised."""
    suggestion = sampler.suggest(space, trials, rng)
    try:
        values = flatten(space, suggestion)
    except ValueError as error:
        raise ValueError(f"{sampler!r} must suggest from the space, but {error}") from error
    loss = curve = info = error = failure = None
    start = perf_counter()
    try:
        # The objective gets a configuration of its own, which it may change at will.
        loss, curve, info = _outcome(objective(unflatten(space, values)))
        if not math.isfinite(loss):
            loss, error = None, f"objective returned {loss}"
    except Exception as raised:
        failure, error = raised, f"{type(raised).__name__}: {raised}"
    seconds = perf_counter() - start
    state = "failed" if loss is None else "finished"
    configuration = unflatten(space, values)
    return Trial(len(trials), configuration, loss, state, seconds, error, curve, info), failure


def _outcome(returned: Any) -> tuple[float, list[float] | None, dict | None]:
    """Return the loss, the curve and the info in what the objective returned."""
    info = dict(returned) if isinstance(returned, Mapping) else {"loss": returned}
    loss, curve = info.pop("loss", None), info.pop("curve", None)
    not_real = (bool, np.bool_, complex, np.complexfloating)
    if not hasattr(loss, "__float__") or isinstance(loss, not_real):
        raise TypeError(
            f"the objective returned {short(returned)}; "
            "return the loss as a number, or a mapping that has it as 'loss'"
        )
    curve = None if curve is None else [float(value) for value in curve]
    return float(loss), curve, info or None


def _advice(trial: Trial, journal: str | Path | None) -> str:
    """Say what failed, where the trials are, and how to go on."""
    kept, again = "this error's .trials", "call minimize again"
    if journal is not None:
        kept, again = f"{kept} and journal {journal}", f"{again} with it to go on"
    return (
        f"Trial {trial.number} failed with {trial.error}. Trials 0 to {trial.number} are kept in "
        f"{kept}; mend the objective and {again}, or pass on_error='record' to go on past failures."
    )


def _default_sampler() -> Any:
    from .samplers.default import DefaultSampler

    return DefaultSampler()


def _checked_integer(name: str, value: Any, least: int) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}.")
    return int(value)


def _progress_bar(total: int, done: int, shown: bool) -> Any:
    # To import tqdm.auto is enough for a warning where a notebook has no widgets.
    tqdm = import_module("tqdm.auto" if shown else "tqdm").tqdm
    return tqdm(total=total, initial=done, desc="trials", disable=not shown)


def _show_best(bar: Any, trials: Trials) -> None:
    if bar.disable:
        return
    losses = [trial.loss for trial in trials if trial.state == "finished"]
    if losses:
        bar.set_postfix(best=f"{min(losses):.4g}", refresh=False)
