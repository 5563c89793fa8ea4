"""The functions of the article, under the names and with the signatures that its readers look for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import checked_integer, checked_number, refuse
from ..distributions import Integer, LogInteger
from ..hyperopt import to_hyperopt
from ..loop import minimize
from ..models.gaussian_process import GaussianProcess
from ..spaces import Exhausted, Space, Values
from ..trials import Trials
from .acquisition import lower_confidence_bound


def gaussian_process(
    x_train: ArrayLike, y_train: ArrayLike, x_test: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian process regression in one call: squared exponential kernel, exact observations.

    Parameters
    ----------
    x_train : array_like, shape (n,), (n, 1) or (n, d)
        At least two inputs.
    y_train : array_like, shape (n,) or (n, 1)
        What was observed there.
    x_test : array_like, shape (m,), (m, 1) or (m, d)
        Where to predict.

    Returns
    -------
    mean, std : ndarray, shape (m,)
        In the units of `y_train`.

    Raises
    ------
    ValueError
        If there are fewer than two observations, shapes do not match, or a number is not finite.

    Examples
    --------
    >>> from hpo_helpers import gaussian_process
    >>> mean, std = gaussian_process([10, 100, 200], [65, 82, 84], [100, 150])
    >>> mean.round(1), std.round(1)
    (array([82. , 85.9]), array([0. , 4.4]))
    """
    if np.size(y_train) < 2:
        refuse("y_train", "hold at least two observations", y_train)
    gp = GaussianProcess("squared_exponential").fit(x_train, y_train)
    mean, std = gp.predict(x_test, return_std=True)
    return mean, std


def next_parameter_by_ei(
    y_min: float, y_mean: ArrayLike, y_std: ArrayLike, x_choices: Sequence[Any] | np.ndarray
) -> Any:
    """Choice with the largest `confidence_improvement` below `y_min`.

    Where no choice promises an improvement, it is the one that comes closest to one (clipped at
    zero, all would tie and the first would win by accident). That is the one with the lowest confidence
    bound, whatever `y_min` is. A `y_std` of zeros is fine: then the choice with the lowest mean is taken.

    Parameters
    ----------
    y_min : float
        The lowest value so far.
    y_mean, y_std : array_like, shape (n,) or (n, 1)
        Prediction for each choice, in the units of the objective.
    x_choices : sequence of length n
        What can be chosen.

    Returns
    -------
    object
        An element of `x_choices`.

    Raises
    ------
    ValueError
        If the lengths differ, there is no choice, or a number is not finite.
    TypeError
        If something is no number.

    Examples
    --------
    >>> from hpo_helpers import next_parameter_by_ei
    >>> next_parameter_by_ei(1.0, [1.0, 1.0, 0.9], [0.1, 0.5, 0.1], [50, 60, 70])
    60
    """
    checked_number("y_min", y_min)
    bounds = lower_confidence_bound(np.ravel(y_mean), np.ravel(y_std))
    if not bounds.size == len(x_choices) > 0:
        must = f"hold one choice for each of the {bounds.size} predictions"
        refuse("x_choices", must, x_choices)
    return x_choices[int(bounds.argmin())]


@dataclass(frozen=True)
class ArticleSampler:
    """Two random integers, then always the one with the largest confidence improvement.

    For a space with a single parameter, an integer.
    """

    def suggest(self, space: Space, trials: Trials, rng: np.random.Generator) -> Values:
        """Return the integer to try next, by its name.

        Raises
        ------
        Exhausted
            When a loss is 0, or when the integer proposed was tried before.
        """
        ((name, parameter),) = space.parameters.items()
        choices = np.arange(parameter.distribution.low, parameter.distribution.high + 1)
        tried = [trial.values[name] for trial in trials]
        finished = np.isfinite(trials.losses)
        losses = trials.losses[finished]
        if 0 in losses or len(tried) == len(choices):
            raise Exhausted
        if len(losses) < 2:
            return {name: int(rng.choice(np.setdiff1d(choices, tried)))}
        mean, std = gaussian_process(np.array(tried)[finished], losses, choices)
        proposed = int(next_parameter_by_ei(losses.min(), mean, std, choices))
        if proposed in tried:
            raise Exhausted
        return {name: proposed}


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

    Examples
    --------
    >>> from hpo_helpers import hyperparam_selection
    >>> hyperparam_selection(lambda n_hidden: (n_hidden - 321) ** 2, [50, 1000], seed=0)
    321
    """
    try:
        low, high = (index(bound) for bound in n_hidden_range)
    except (TypeError, ValueError):
        refuse("n_hidden_range", "be two integers", n_hidden_range, "write [50, 1000]", TypeError)
    if low >= high:
        refuse("n_hidden_range", "have the smaller number first", [low, high])
    args = () if func_args is None else func_args
    trials = minimize(
        lambda n_hidden: func(n_hidden, *args),
        Integer(low, high),
        sampler=ArticleSampler(),
        n_trials=checked_integer("n_iter", n_iter, 1),
        seed=seed,
        progress=False,
    )
    return int(trials.best.configuration)


def uniform_int(name: str, lower: int, upper: int) -> Any:
    """Return a hyperopt parameter: an integer between inclusive bounds, all equally likely.

    ``hp.quniform(name, lower, upper, 1)`` gives the two bounds half the probability of the other
    integers, and floats; this one gives them all of it, and ``int``.

    Raises
    ------
    TypeError, ValueError
        If a bound is no integer, or the lower is not below the upper.
    ImportError
        If hyperopt is not installed.
    """
    return to_hyperopt({name: Integer(lower, upper)})[name]


def loguniform_int(name: str, lower: int, upper: int) -> Any:
    """Return a hyperopt parameter: a log-uniform integer between inclusive bounds.

    The bounds are the integers themselves, not their logarithms, and have their full share of
    probability.

    Raises
    ------
    TypeError, ValueError
        If a bound is no positive integer, or the lower is not below the upper.
    ImportError
        If hyperopt is not installed.
    """
    return to_hyperopt({name: LogInteger(lower, upper)})[name]
