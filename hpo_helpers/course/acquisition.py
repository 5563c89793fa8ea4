"""More scores of candidates, see `hpo_helpers.models.acquisition`: the article's and three of the field's.

The next one to try has the highest score, except for the lower confidence bound, where it has the lowest.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from ..checks import checked_bool, checked_number
from ..models.acquisition import LOG_SQRT_2PI, any_floats, checked_prediction, finite, standardized


@any_floats
def expected_improvement(mean: ArrayLike, std: ArrayLike, best: float, *, margin: float = 0.0) -> np.ndarray:
    """Expected improvement E[max(0, best - margin - Y)].

    Jones, Schonlau & Welch (1998), Eq. 15: with gain = best - margin - mean and
    z = gain / std, it is gain * Phi(z) + std * phi(z), where Phi and phi are the distribution
    function and density of the standard normal. For std = 0 it is max(0, gain).

    Parameters
    ----------
    mean, std : array_like, shape (m,)
        Prediction for each candidate, in the units of the objective.
    best : float
        The lowest value so far.
    margin : float
        What an improvement must exceed to count; a larger one explores more.

    Returns
    -------
    ndarray, shape (m,)
        In the units of the objective; higher is better.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    gain, std, z = standardized(mean, std, best, margin)
    phi = np.exp(-0.5 * z**2 - LOG_SQRT_2PI)
    # The maximum takes the rounding away: EI is never below the gain of a sure thing.
    return np.maximum(np.maximum(0, gain), finite(gain * ndtr(z) + std * phi))


@any_floats
def confidence_improvement(
    mean: ArrayLike,
    std: ArrayLike,
    best: float,
    *,
    n_std: float = 1.96,
    maximize: bool = False,
) -> np.ndarray:
    """How far the optimistic end of a confidence interval lies beyond the best value.

    max(0, best - (mean - n_std * std)) for a minimum and max(0, mean + n_std * std - best) for
    a maximum. It is often called the expected improvement, which it is not: it is a confidence
    bound (Srinivas et al. 2010), clipped at zero. See `expected_improvement` for the real one.

    Parameters
    ----------
    mean, std : array_like, shape (m,)
        Prediction for each candidate, in the units of the objective.
    best : float
        The lowest value so far; the highest where `maximize` is True.
    n_std : float
        Half the interval's width in standard deviations; 1.96 for a 95 % interval.
    maximize : bool
        Whether high values are good.

    Returns
    -------
    ndarray, shape (m,)
        In the units of the objective; higher is better.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    sign = 1 if checked_bool("maximize", maximize) else -1
    mean, std = checked_prediction(mean, std)
    gain = finite(sign * (mean - checked_number("best", best)))
    bound = gain + finite(checked_number("n_std", n_std) * std)
    return finite(bound).clip(min=0)


@any_floats
def probability_of_improvement(
    mean: ArrayLike, std: ArrayLike, best: float, *, margin: float = 0.0
) -> np.ndarray:
    """Probability that a candidate is better than the best value by more than a margin.

    P(Y < best - margin) = Phi((best - margin - mean) / std), Kushner (1964). For std = 0 it is
    1 where mean < best - margin, else 0.

    Parameters
    ----------
    mean, std, best, margin
        As for `expected_improvement`.

    Returns
    -------
    ndarray, shape (m,)
        Between 0 and 1; higher is better.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    return ndtr(standardized(mean, std, best, margin)[2])


@any_floats
def lower_confidence_bound(mean: ArrayLike, std: ArrayLike, *, n_std: float = 1.96) -> np.ndarray:
    """Optimistic end of the confidence interval, mean - n_std * std; lower is better.

    Srinivas et al. (2010), Algorithm 1, turned round for minimization.

    Parameters
    ----------
    mean, std : array_like, shape (m,)
        Prediction for each candidate, in the units of the objective.
    n_std : float
        Standard deviations below the mean; a larger number explores more.

    Returns
    -------
    ndarray, shape (m,)
        In the units of the objective.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    mean, std = checked_prediction(mean, std)
    return finite(mean - finite(checked_number("n_std", n_std) * std))
