"""One call of an objective, in this thread, another process or on another machine."""

import math
import pickle
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing import parent_process
from reprlib import repr as short
from time import perf_counter
from traceback import format_exception
from typing import Any

from .checks import checked_array, refuse
from .pruners import Pruner

Objective = Callable[[Any], Any]
_running = ContextVar("_running", default=False)


@dataclass
class Outcome:
    """What came of a trial; see `Trial` for the fields."""

    state: str
    loss: float | None = None
    seconds: float = 0.0
    error: str | None = None
    curve: list[float] | None = None
    info: dict[str, Any] | None = None


def is_running() -> bool:
    """Tell whether an objective is being called, so that a search would be one inside another."""
    return _running.get()


def evaluate(
    objective: Objective, configuration: Any, number: int, pruner: Any, curves: dict[int, Any], keep: bool
) -> tuple[Outcome, Exception | None]:
    """Call an objective, and if it is a generator, run it to its end or until it is stopped.

    Parameters
    ----------
    objective : callable
    configuration : nested dict, list or tuple
    number : int
        Of the trial.
    pruner : Pruner or None
    curves : dict of int to list of float
        For the pruner, those of all trials by number. The trial's own is added, and grows; where memory is
        shared, the others do, too.
    keep : bool
        Whether to return what the objective raised. Its traceback holds all that the objective held, such
        as a network on a full GPU; without it, that is free when the next trial begins.

    Returns
    -------
    outcome : Outcome
    failure : Exception or None
        What the objective raised, or returned instead, or what is wrong with what it returned, if that is
        to be kept; as a RuntimeError if it cannot be pickled. In another process than the first, its
        traceback, which is not sent, is a note, if it has no others.
    """
    start, failure = perf_counter(), None
    curves = curves if pruner else {}
    curve = curves[number] = list[float]()
    token = _running.set(True)
    try:
        returned = objective(configuration)
        if isinstance(returned, Exception):
            raise returned
        is_curve = isinstance(returned, Generator)
        outcome = _run(returned, number, pruner, curves) if is_curve else outcome_of(returned)
    except Exception as raised:
        outcome, returned = outcome_of(raised), None  # the error holds this frame, which must not hold it
        outcome.curve, failure = curve or None, _movable(raised) if keep else None
    finally:
        _running.reset(token)
    curves[number] = outcome.curve or []  # as a search knows it that goes on from a journal
    outcome.seconds = perf_counter() - start
    return outcome, failure


def _run(losses: Any, number: int, pruner: Pruner | None, curves: dict[int, list[float]]) -> Outcome:
    """Take the losses that an objective yields, as long as the pruner says."""
    curve, info = curves[number], dict[str, Any]()
    while True:
        try:
            yielded = next(losses)
        except StopIteration as end:
            returned = end.value
            break
        told = yielded if isinstance(yielded, Mapping) else {"loss": yielded}
        curve.append(_number(told.get("loss"), yielded, "yielded"))
        info |= {key: value for key, value in told.items() if key != "loss"}
        others = [list(other) for key, other in list(curves.items()) if key != number]
        if pruner and not pruner.keep_going(curve, others):
            losses.close()
            last = next(filter(math.isfinite, reversed(curve)), None)
            error = f"objective yielded {curve[-1]} and was stopped" if last is None else None
            return Outcome("failed" if error else "pruned", last, error=error, curve=curve, info=info or None)
    # The lowest loss is that of the weights which early stopping would have kept.
    lowest = {"loss": min(filter(math.isfinite, curve), default=math.nan), "curve": curve}
    kept = dict(returned or {}) if returned is None or isinstance(returned, Mapping) else {"loss": returned}
    return outcome_of(info | lowest | kept, "" if "loss" in kept else "objective yielded no finite loss")


def outcome_of(result: Any, else_error: str = "") -> Outcome:
    """Return what a loss, a mapping or an exception says of a trial.

    Parameters
    ----------
    result : number, mapping or Exception
        A mapping has ``"loss"``, optionally ``"curve"``, and whatever else is to be kept. One with
        ``"status": "fail"``, hyperopt's word for it, makes a failed trial, whatever its loss.
    else_error : str
        What to say of a loss that is not finite, if it was not returned.

    Raises
    ------
    TypeError
        If there is no loss.
    """
    if isinstance(result, BaseException):
        text = ""
        with suppress(Exception):  # an error may have no text
            text = str(result)
        return Outcome("failed", error=type(result).__name__ + (f": {text}" if text else ""))
    info = dict(result) if isinstance(result, Mapping) else {"loss": result}
    loss, curve, given = info.pop("loss", None), None, info.pop("curve", None)
    if given is not None:
        array = checked_array("curve", given, finite=False)
        curve = array.tolist() if array.ndim == 1 else refuse("curve", "be a list of losses", given)
    if isinstance(status := info.get("status"), str) and status == "fail":
        error = "objective returned the status 'fail'" + (f": {info['err']}" if "err" in info else "")
    else:
        number = _number(loss, result, "returned")
        if math.isfinite(number):
            return Outcome("finished", number, curve=curve, info=info or None)
        error = else_error or f"objective returned {number}"
    return Outcome("failed", error=error, curve=curve, info=info or None)


def _number(loss: Any, whole: Any, verb: str) -> float:
    kind = f"{type(loss).__name__} {getattr(loss, 'dtype', '')}"  # of an array or tensor, too
    with suppress(TypeError, ValueError, OverflowError):
        if hasattr(loss, "__float__") and "bool" not in kind and "complex" not in kind:
            return float(loss)
    mend = "return the loss as a number, or a mapping that has it as 'loss'"
    raise TypeError(f"the objective {verb} {short(whole)}; {mend}")


def _movable(error: Exception) -> Exception:
    """Return an error that can be sent from one process to another."""
    sent = error
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        sent = RuntimeError(outcome_of(error).error)
    with suppress(Exception):  # one may take no notes
        if parent_process() and not hasattr(sent, "__notes__"):
            sent.add_note("".join(format_exception(error)).rstrip())
    return sent
