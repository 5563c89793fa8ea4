"""The way to hyperopt and back, so that both search one definition of a space.

hyperopt is imported only when one of these functions is called.
"""

import math
from typing import Any

from .checks import refuse
from .distributions import Distribution
from .spaces import Space
from .trees import changed, name_of
from .trials import Trial, Trials


def to_hyperopt(space: Any) -> Any:
    """Return a space in hyperopt's terms, for `hyperopt.fmin`.

    Labels are the parameters' names. Distributions are the same; the objective gets what it would get
    from us, but a tuple where the space has a list. What `Ordered` has are integers to hyperopt.

    Parameters
    ----------
    space : Space, or nested dict, list or tuple

    Raises
    ------
    ImportError
        If hyperopt is not installed.

    Examples
    --------
    >>> import hyperopt
    >>> from hpo_helpers import Integer, from_hyperopt, to_hyperopt
    >>> space, trials = {"n": Integer(1, 9)}, hyperopt.Trials()
    >>> best = hyperopt.fmin(
    ...     lambda c: abs(c["n"] - 4), to_hyperopt(space), hyperopt.tpe.suggest, 50, trials=trials,
    ...     show_progressbar=False)
    >>> from_hyperopt(trials, space).best.configuration
    {'n': 4}
    """
    return _to_hyperopt(Space(space).tree, ())


def _to_hyperopt(tree: Any, path: tuple[Any, ...]) -> Any:
    from hyperopt import hp
    from hyperopt.pyll import scope

    if not isinstance(tree, Distribution):
        return changed(tree, lambda key, child: _to_hyperopt(child, (*path, key)))
    name = name_of(path)
    options = [_to_hyperopt(option, (*path, i)) for i, option in enumerate(tree.options or ())]
    if not tree.ordered:
        return hp.choice(name, options)
    kind, arguments = (label := Label(tree)).draw
    # A method by its name is a function that hyperopt can send to other processes.
    value = scope.call_method_pure(label, "value", getattr(hp, kind)(name, *arguments))
    return scope.switch(value, *options) if options else value


class Label:
    """What hyperopt has under a parameter's label, and how that is our value.

    Mostly it is the value itself. But hyperopt's steps begin at 0, so that with a step it is the value
    less the remainder of the lowest; and of a normal distribution with bounds, which hyperopt lacks, it
    is the quantile. `draw` has the name and the arguments of what draws it in ``hyperopt.hp``.
    """

    def __init__(self, distribution: Any) -> None:
        self.distribution = d = distribution
        self._shift, self._quantile, log = 0, False, "log" * d.log
        self.draw: tuple[str, tuple[Any, ...]] = f"{log}uniform", (d.start, d.end)
        if d.step is not None:
            self._shift = d.low % d.step
            self.draw = f"q{log}uniform", (d.start - self._shift, d.end - self._shift, d.step)
        elif hasattr(d, "std"):
            self._quantile = math.isfinite(d.high) or d.low != type(d).low
            self.draw = ("uniform", (0, 1)) if self._quantile else (f"{log}normal", (d.mean, d.std))

    def value(self, label: Any) -> Any:
        """Return our value for hyperopt's, which rounding may have put a little beside it: the exact type."""
        d = self.distribution
        if self._quantile:
            return d.type(d.from_unit(float(label)))
        x = float(label) + self._shift
        near = min(max(x, d.low), d.high)  # a step beyond the bounds, rounding may lead
        ours, much = (near, d.high - d.low) if d.step is None else (d.unscaled(d.scaled(near)), d.step)
        if abs(ours - near) > 1e-6 * much or abs(near - x) > (1e-6 if d.step is None else 1.000001) * much:
            refuse("trials", f"have values of {d!r}", label, "pass the space that hyperopt searched")
        return d.type(ours)

    def label(self, value: Any) -> Any:
        """Return hyperopt's value for ours."""
        return float(self.distribution.to_unit(value)) if self._quantile else value - self._shift


def labels_of(space: Space) -> dict[str, Label]:
    """Return the label of each parameter."""
    return {name: Label(p.distribution) for name, p in space.parameters.items()}


def from_hyperopt(trials: Any, space: Any) -> Trials:
    """Return the trials of a search by hyperopt.

    Parameters
    ----------
    trials : hyperopt.Trials
    space : Space, or nested dict, list or tuple
        The space that `to_hyperopt` was given.

    Returns
    -------
    Trials
        The error of a failed one has hyperopt's word, and what stood under "err", "error" or "reason".

    Raises
    ------
    ValueError
        If the trials are not of this space.
    """
    space = Space(space)
    docs, labels = getattr(trials, "trials", None), labels_of(space)
    if docs is None:
        refuse("trials", "be a hyperopt.Trials", trials, kind=TypeError)
    return Trials((trial_of(number, doc, space, labels) for number, doc in enumerate(docs)), space)


def trial_of(number: int, doc: dict[str, Any], space: Space, labels: dict[str, Label]) -> Trial:
    """Return a trial from what hyperopt keeps of it."""
    found = doc["misc"]["vals"]
    if found.keys() != labels.keys():
        must = f"have the labels {sorted(labels)} of to_hyperopt(space)"
        refuse("trials", must, sorted(found), "pass the space that hyperopt searched")
    # Where a parameter was not active, hyperopt has an empty list.
    values = {name: label.value(value) for name, label in labels.items() for value in found[name][:1]}
    result = dict(doc["result"])
    given, status, curve = (result.pop(key, None) for key in ("loss", "status", "curve"))
    loss, state, error = None, "running", None
    if status == "ok" and given is not None and math.isfinite(given):
        loss, state = float(given), "finished"
    elif status not in ("new", "running", "suspended", None):
        why = [result[key] for key in ("err", "error", "reason") if key in result] or [f"loss {given}"]
        state, error = "failed", f"hyperopt's status {status!r}: {why[0]}"
    started, ended = doc.get("book_time"), doc.get("refresh_time")
    seconds = max((ended - started).total_seconds(), 0.0) if started and ended else 0.0
    curve = None if curve is None else [float(value) for value in curve]
    return Trial(number, values, loss, state, seconds, error, curve, result or None, space)
