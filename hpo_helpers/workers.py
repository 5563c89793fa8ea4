"""Where trials run: here, one after the other, or side by side in an executor."""

import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from importlib import import_module
from typing import Any, Self

from .checks import checked_integer, checked_object, refuse
from .evaluation import Objective, evaluate
from .trials import Trial, Trials


class ObjectiveError(RuntimeError):
    """The objective failed; no trial is lost.

    Attributes
    ----------
    trials : Trials
        All trials so far, the failed one among them.
    """

    trials: Trials


class Workers:
    """Trials that run.

    Parameters
    ----------
    objective : callable
    pruner : Pruner or None
    executor : concurrent.futures.Executor or None
        None stands for processes of our own, or for this thread if there is one trial at once.
    n_parallel : int or None
        How many trials run at once. None stands for the executor's number of workers.
    keep : bool
        Whether what an objective raises is kept, see `evaluate`.

    Raises
    ------
    TypeError, ValueError
        If the arguments make no sense, or the objective cannot be sent to other processes.
    """

    def __init__(self, objective: Objective, pruner: Any, executor: Any, n_parallel: Any, keep: bool) -> None:
        if pruner is not None:
            checked_object("pruner", pruner, "keep_going", "write pruner=SuccessiveHalving()")
        if executor is not None:
            checked_object("executor", executor, "submit", "pass one such as ThreadPoolExecutor(4)")
        if n_parallel is None and executor is not None:
            n_parallel = getattr(executor, "_max_workers", None)
            if n_parallel is None:
                refuse("n_parallel", "be given with an executor that does not tell its workers", None)
        self.n_parallel = checked_integer("n_parallel", 1 if n_parallel is None else n_parallel, 1)
        self._ours = executor is None
        self._executor: Any = self._new() if executor is None else executor
        self._call, self._pruner, self._keep = objective, pruner, keep
        self._curves: dict[int, list[float]] = {}
        self._running: dict[Future[Any], Trial] = {}
        self._broken: list[Trial] = []  # what ran in an executor that is gone
        self._why: BaseException | None = None
        self._suspects: list[Trial] = []  # of having killed a worker: the first of them runs alone
        _check_movable(self._executor, {"objective": objective, "pruner": pruner})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for nothing: what still runs is left alone, or ended if the workers are ours."""
        for future in self._running:
            future.cancel()
        if self._ours and not all(future.done() for future in self._running):
            self._executor.shutdown(kill_workers=True)

    def _new(self) -> Any:
        if self.n_parallel == 1:
            return _Here()
        return import_module("loky").get_reusable_executor(max_workers=self.n_parallel)

    @property
    def n_free(self) -> int:
        """How many more trials can begin now."""
        return 0 if self._suspects or self._broken else self.n_parallel - len(self._running)

    def start(self, trial: Trial, trials: Trials) -> None:
        """Let a trial begin; a pruner sees the curves of all."""
        if self._pruner:
            known = {t.number: t.curve for t in trials if t.curve}
            self._curves.update({k: curve for k, curve in known.items() if k not in self._curves})
        more = trial.number, self._pruner, self._curves, self._keep
        call = evaluate, self._call, trial.configuration, *more
        try:
            future = self._executor.submit(*call)
        except RuntimeError as error:  # it is broken, or was shut down
            if self._ours:
                self._executor = self._new()
                future = self._executor.submit(*call)
            else:
                future = Future()
                future.set_exception(BrokenExecutor(str(error)))
        self._running[future] = trial

    def wait(self, seconds: float = 1) -> bool:
        """Wait until a trial ends, or so long; return False if none runs."""
        if self._suspects and not self._running:
            self.start(self._suspects[0], Trials())
        if not any(future.done() for future in self._running):  # not for ever: cancel() alone wakes no wait
            futures.wait(self._running, seconds, futures.FIRST_COMPLETED)
        return bool(self._running)

    def ended(self, mend: bool = True) -> Iterator[tuple[Trial, Any, BaseException | None]]:
        """Yield the trials that ended since the last call: what came of each, and what it raised.

        Raises
        ------
        KeyboardInterrupt
            After all of them, if one was interrupted.
        """
        interrupt = None
        gone = getattr(sys.modules.get("loky.process_executor"), "ShutdownExecutorError", BrokenExecutor)
        done = [future for future in self._running if future.done()]
        for future in sorted(done, key=lambda future: self._running[future].number):
            trial = self._running[future]
            self._suspects = [suspect for suspect in self._suspects if suspect is not trial]
            try:
                outcome, failure = future.result()
            except (gone, BrokenExecutor, futures.CancelledError) as error:
                self._broken, self._why = [*self._broken, trial], error
            except KeyboardInterrupt as error:
                interrupt = error
            except BaseException as error:  # what came of it could not be sent back
                yield trial, error, error
            else:
                yield trial, outcome, failure
            del self._running[future]  # after it was told: if that was interrupted, it can be told again
        if interrupt:
            raise interrupt
        if mend and self._broken and not self._running:
            yield from self._mend()

    def settle(self, whole: Callable[..., Any], tell: Callable[..., Any]) -> None:
        """Tell what came of the trials that ended, as far as that can be told, each as a whole."""
        with suppress(Exception, KeyboardInterrupt):
            for trial, outcome, _ in self.ended(mend=False):
                with suppress(Exception, KeyboardInterrupt):
                    whole(tell, trial, outcome)

    def _mend(self) -> Iterator[tuple[Trial, Exception, Exception]]:
        """Begin a new pool of processes, and try again, one at a time, what ran when a worker died."""
        broken, self._broken = self._broken, []
        if not self._ours:
            text = f"The executor broke while trials {[t.number for t in broken]} ran: a worker died, or it"
            mend = "Call minimize again with a new executor, or with n_parallel alone."
            raise ObjectiveError(f"{text} was shut down. {mend}") from self._why
        self._executor = self._new()
        if len(broken) > 1 or not isinstance(self._why, BrokenExecutor):  # or it was closed
            self._suspects += broken
        else:
            error = RuntimeError("the process died in which the objective ran; out of memory, perhaps")
            yield broken[0], error, error


class _Here(Executor):
    """This thread: what is submitted has ended when it is."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args, **kwargs))
        return future


def _check_movable(executor: Executor, things: dict[str, Any]) -> None:
    """Refuse what cannot be sent to an executor's processes."""
    if isinstance(executor, (_Here, futures.ThreadPoolExecutor)):
        return
    if isinstance(executor, futures.ProcessPoolExecutor):
        send, mend = pickle.dumps, "define it at the top of a module, or give n_parallel alone"
    else:
        mend = "leave out what it refers to that cannot be pickled, such as open files and locks"
        send = import_module("cloudpickle").dumps
    for name, thing in things.items():
        try:
            send(thing)
        except Exception as error:
            must = f"be something that can be sent to another process ({error})"
            refuse(name, must, thing, mend, TypeError)
