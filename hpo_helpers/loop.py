"""`minimize`: the loop around a `Search`."""

import math
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from .checks import checked_bool, checked_integer, checked_number, checked_option, refuse, warn
from .evaluation import is_running
from .pruners import Pruner
from .samplers import Sampler
from .search import Search
from .spaces import Exhausted, Space, Values
from .trials import Trial, Trials
from .workers import ObjectiveError, Workers

N_TRIALS = 50  # if neither the user nor the sampler says how many


def minimize(
    objective: Callable[[Any], Any],
    space: Any,
    *,
    sampler: Sampler | None = None,
    n_trials: int | None = None,
    seed: int | None = None,
    journal: str | Path | None = None,
    first: Sequence[Any] = (),
    timeout: float | None = None,
    callback: Callable[[Trials], Any] | None = None,
    executor: Executor | None = None,
    n_parallel: int | None = None,
    pruner: Pruner | None = None,
    on_error: str = "raise",
    progress: bool = True,
) -> Trials:
    """Look for the configuration with the lowest loss.

    Parameters
    ----------
    objective : callable
        Takes a configuration and returns its loss: a number, or a mapping with ``"loss"``,
        optionally ``"curve"`` (the loss after each step of training), and whatever else is to be
        kept in ``trial.info``, as it is. A loss of NaN or infinity makes a failed trial. Or it is a
        generator, which yields the loss after each step, or a mapping with it, and may return a last one. If
        it returns none, the lowest that it yielded counts: that of the weights which are worth keeping.
    space, sampler, seed, journal
        See `Search`. With a journal, every trial is on disk before the next begins; a search that was
        stopped goes on with the trials that it would have had without the stop, if it runs one at
        a time. Side by side, the trials depend on the order in which others end.
    n_trials : int, optional
        Number of trials, those already in the journal included. Default: as many as the sampler has, if
        that is known (a grid), else 50.
    first : sequence of configurations
        What is tried before the sampler is asked, but for what the journal has already.
    timeout : float, optional
        Seconds after which no trial begins.
    callback : callable, optional
        Called with the trials after each; no trial begins any more when it returned True. As it may take
        long, free workers come first, and their trials are chosen without the results that wait for it.
    executor : concurrent.futures.Executor, optional
        Where trials run: threads, processes, a cluster (Dask's ``client.get_executor()``).
        Default: this thread, or as many processes as `n_parallel` says.
    n_parallel : int, optional
        How many trials run at once. Default: as many as the executor says it has workers, or 1; one that
        does not say, as that of a cluster, needs a number. Where trials are over in a tenth of the time that
        a suggestion takes, or in a millisecond, the next waits until one is, unless there is a callback.
    pruner : Pruner, optional
        What stops hopeless trials, such as `SuccessiveHalving`, if the objective is a generator. It is
        asked where the trial runs, and knows the other trials' losses when that began; in threads,
        those of now.
    on_error : {"raise", "record"}
        What to do when the objective raises, returns no loss, or exits in a worker: stop with an
        ObjectiveError, or go on. Either way the trial is kept as failed.
    progress : bool
        Show a bar with the best loss.

    Returns
    -------
    Trials
        Ctrl-C ends the search early and returns the trials so far, with a warning; what ran stays
        "running". Where warnings are errors, this one's ``__context__`` has the trials as its ``trials``.

    Raises
    ------
    ObjectiveError
        If the objective fails, unless ``on_error="record"``; or if the executor breaks. An error of the
        callback or the sampler, or of a full disk, has the trials as its ``trials``, too; an ObjectiveError
        of another search in one of them keeps its own.
    TypeError, ValueError
        If an argument makes no sense, or the journal is not one of this search.

    Examples
    --------
    >>> from hpo_helpers import Uniform, minimize
    >>> def stop(trials):  # also the place to log trials[-1] elsewhere
    ...     return trials.best.loss < 0.01
    >>> trials = minimize(abs, Uniform(-1, 1), seed=0, callback=stop, progress=False)
    >>> trials.best.loss < 0.01 and len(trials) < 50
    True
    """
    checked_option("on_error", on_error, ("raise", "record"))
    if not isinstance(first, Sequence):
        refuse("first", "be a list of configurations", first, kind=TypeError)
    deadline = monotonic() + (math.inf if timeout is None else checked_number("timeout", timeout, least=0))
    for name, given in (("objective", objective), ("callback", repr if callback is None else callback)):
        if not callable(given):
            refuse(name, "be a function", given, kind=TypeError)
    checked_bool("progress", progress)
    n_trials = None if n_trials is None else checked_integer("n_trials", n_trials, 1)
    space = Space(space)
    queue = [space.read(configuration) for configuration in first]
    workers, ending, took = Workers(objective, pruner, executor, n_parallel, on_error == "raise"), False, 0.0
    with Search(space, sampler=sampler, seed=seed, journal=journal) as search:
        trials, n_trials = search.trials, n_trials or _n_trials(search, len(first))
        for trial in trials:
            if trial.values in queue:  # of one that was stopped
                queue.remove(trial.values)
        with _bar(n_trials, len(trials) - len(search.lost), progress) as bar, _interrupts() as whole, workers:
            try:
                while True:
                    if workers.n_free and not ending and (search.lost or len(trials) < n_trials):
                        began = monotonic()
                        ending = began >= deadline or not _begin(search, queue, workers, n_trials)
                        if callback is not None:  # which may take long: first, all workers get a trial
                            continue
                        if took < (pause := max(0.001, (monotonic() - began) / 10)):  # the next can know it
                            workers.wait(pause)
                    elif not workers.wait():
                        break
                    failed = None
                    for trial, outcome, failure in workers.ended():
                        trial = whole(search.tell, trial, outcome)
                        took = trial.seconds
                        _advance(bar, trials, trial)
                        stop = None if callback is None else callback(trials)
                        ending |= isinstance(stop, (bool, np.bool_)) and bool(stop)
                        failed = failed or (None if failure is None else (trial, failure))
                    if failed and on_error == "raise":
                        raise ObjectiveError(_what_failed(failed[0], journal, trials)) from failed[1]
            except BaseException as error:
                workers.settle(whole, search.tell)
                if not (isinstance(error, ObjectiveError) and hasattr(error, "trials")):
                    vars(error)["trials"] = trials
                    error.add_note("The trials so far are kept in this error's .trials.")
                if not isinstance(error, KeyboardInterrupt) or is_running():  # in an objective, all is to end
                    raise
                n = sum(trial.state != "running" for trial in trials)
                text = f"The search was interrupted: {n} of {n_trials} trials ended"
                warn(f"{text}; call minimize with a journal to go on after that.")
    return trials


def _n_trials(search: Search, n_first: int) -> int:
    """Return how many trials a search has that nobody gave a number."""
    size = getattr(search.sampler, "size", None)
    size = size(search.space) if callable(size) else None
    return N_TRIALS if size is None else size + max(len(search.trials), n_first)


def _begin(search: Search, queue: list[Values], workers: Workers, n_trials: int) -> bool:
    """Let the next trials begin, at most as many as workers are free; tell whether there were any."""
    try:
        if queue and not search.lost:
            begun = [search._begin(queue.pop(0))]
        else:
            begun = search.ask_together(min(workers.n_free, n_trials - len(search.trials)))
    except Exhausted:
        return False
    for trial in begun:
        workers.start(trial, search.trials)
    return bool(begun)


def _what_failed(trial: Trial, journal: Any, trials: Trials) -> str:
    """Say what failed, where the trials are, and how to go on."""
    kept, again = "this error's .trials", "call minimize again"
    if journal is not None:
        kept, again = f"{kept} and journal {journal}", f"{again} with it to go on"
    text = f"Trial {trial.number} failed with {(trial.error or '').rstrip('.')}."
    text += f" Trials 0 to {len(trials) - 1} are kept in {kept}; mend the objective and {again},"
    return f"{text} or pass on_error='record' to go on past failures."


@contextmanager
def _interrupts() -> Iterator[Callable[..., Any]]:
    """Yield a function that calls another; until that returns, Ctrl-C waits."""
    before: Any = signal.getsignal(signal.SIGINT)
    calls, caught = False, list[Any]()

    def handle(*arguments: Any) -> None:
        if calls:
            caught.append(arguments)
        else:
            before(*arguments)

    def whole(function: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal calls
        calls = True
        try:
            return function(*arguments)
        finally:
            calls = False
            if caught:
                before(*caught.pop())

    ours = threading.current_thread() is threading.main_thread() and callable(before)
    if ours:
        signal.signal(signal.SIGINT, handle)
    try:
        yield whole
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)


def _bar(total: int, done: int, shown: bool) -> Any:
    # To import tqdm.auto is enough for a warning where a notebook has no widgets.
    tqdm = import_module("tqdm.auto" if shown else "tqdm").tqdm
    return tqdm(total=total, initial=done, desc="trials", disable=not shown)


def _advance(bar: Any, trials: Trials, trial: Trial) -> None:
    """Count a trial, and show the best loss."""
    if not bar.disable and trial.state == "finished":
        known = bar.lowest if hasattr(bar, "lowest") else np.nanmin(trials.losses)  # the journal's, too
        bar.lowest = min(known, trial.loss)
        bar.set_postfix(best=f"{bar.lowest:.4g}", refresh=False)
    bar.update()
