"""The way to hyperopt and back, so that both search one definition of a space.

hyperopt is imported only when one of these functions is called.
"""

import math
from typing import Any

from .distributions import Choice, Integer, LogInteger, LogUniform, Numeric
from .spaces import parameters, unflatten
from .trials import Trial


def to_hyperopt(space: Any) -> Any:
    """Return a space in hyperopt's terms, for `hyperopt.fmin`.

    Labels are the parameters' names. Distributions are the same, integers and options included;
    the objective gets ``int`` for an integer, and a tuple where the space has a list.

    Parameters
    ----------
    space : nested dict, list or tuple
        With distributions at its leaves, see `hpo_helpers.spaces`.

    Raises
    ------
    ImportError
        If hyperopt is not installed.

    Examples
    --------
    >>> import hyperopt
    >>> from hpo_helpers import Integer, Trials, to_hyperopt
    >>> space, trials = {"n": Integer(1, 9)}, hyperopt.Trials()
    >>> best = hyperopt.fmin(
    ...     lambda c: abs(c["n"] - 4), to_hyperopt(space), hyperopt.tpe.suggest, 50, trials=trials,
    ...     show_progressbar=False)
    >>> Trials.from_hyperopt(trials, space).best.configuration
    {'n': 4}
    """
    parameters(space)  # refuses a space without any, or with two of one name
    return _to_hyperopt(space, ())


def _to_hyperopt(space: Any, path: tuple) -> Any:
    from hyperopt import hp

    name = ".".join(map(str, path)) or "value"
    if isinstance(space, Choice):
        options = [_to_hyperopt(option, (*path, i)) for i, option in enumerate(space.options)]
        return hp.choice(name, options)
    if isinstance(space, Integer):
        return uniform_int(name, space.low, space.high)
    if isinstance(space, LogInteger):
        return loguniform_int(name, space.low, space.high)
    if isinstance(space, LogUniform):
        return hp.loguniform(name, math.log(space.low), math.log(space.high))
    if isinstance(space, Numeric):
        return hp.uniform(name, space.low, space.high)
    if isinstance(space, dict):
        return {key: _to_hyperopt(child, (*path, key)) for key, child in space.items()}
    if isinstance(space, (list, tuple)):
        return type(space)(_to_hyperopt(child, (*path, i)) for i, child in enumerate(space))
    return space


def uniform_int(name: str, lower: int, upper: int) -> Any:
    """Return a hyperopt parameter: an integer between inclusive bounds, all equally likely.

    ``hp.quniform(name, lower, upper, 1)`` gives the two bounds half the probability of the other
    integers, and floats; this one gives them all of it, and ``int``.
    """
    from hyperopt import hp
    from hyperopt.pyll import scope

    bounds = Integer(lower, upper)
    # A hair inside the cells' ends, since rounding takes exactly 0.5 to the even neighbor.
    start = math.nextafter(bounds.low - 0.5, math.inf)
    end = math.nextafter(bounds.high + 0.5, -math.inf)
    return scope.int(hp.quniform(name, start, end, 1))


def loguniform_int(name: str, lower: int, upper: int) -> Any:
    """Return a hyperopt parameter: a log-uniform integer between inclusive bounds.

    The bounds are the integers themselves, not their logarithms, and have their full share of
    probability.
    """
    from hyperopt import hp
    from hyperopt.pyll import scope

    bounds = LogInteger(lower, upper)
    start, end = math.log(bounds.low - 0.5) + 1e-14, math.log(bounds.high + 0.5) - 1e-14
    return scope.int(hp.qloguniform(name, start, end, 1))


def read_trials(trials: Any, space: Any) -> list[Trial]:
    """Return the trials of a search by hyperopt; see `Trials.from_hyperopt`."""
    distributions = {p.name: p.distribution for p in parameters(space)}
    return [_trial(number, doc, space, distributions) for number, doc in enumerate(trials.trials)]


def _trial(number: int, doc: dict, space: Any, distributions: dict) -> Trial:
    labels = doc["misc"]["vals"]
    if labels.keys() != distributions.keys():
        raise ValueError(
            f"trials must come from to_hyperopt(space), with the labels {sorted(distributions)}, "
            f"got {sorted(labels)}."
        )
    # Where a parameter was not active, hyperopt has an empty list.
    found = {name: value[0] for name, value in labels.items() if len(value)}
    values = {name: _plain(distributions[name], value) for name, value in found.items()}
    result = dict(doc["result"])
    loss, status = result.pop("loss", None), result.pop("status", "new")
    curve = result.pop("curve", None)
    state, error = "running", None
    if status == "ok" and loss is not None and math.isfinite(loss):
        state, loss = "finished", float(loss)
    elif status not in ("new", "running", "suspended"):
        state, error = "failed", f"hyperopt's status {status!r} with loss {loss}"
    loss = loss if state == "finished" else None
    started, ended = doc.get("book_time"), doc.get("refresh_time")
    seconds = (ended - started).total_seconds() if started and ended else 0.0
    configuration = unflatten(space, values)
    return Trial(number, configuration, loss, state, seconds, error, curve, result or None)


def _plain(distribution: Numeric | Choice, value: Any) -> int | float:
    """Return hyperopt's value as the distribution's: the exact type, and within the bounds."""
    if isinstance(distribution, Choice):
        return int(value)
    kind = type(distribution.low)
    # A bound may come back one rounding beyond it, since hyperopt has its logarithm.
    return min(max(kind(value), distribution.low), distribution.high)
