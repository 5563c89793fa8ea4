"""What to try next, given a model's mean and standard deviation. Everything is minimized.

A model predicts the value Y of each candidate as Gaussian with a `mean` and a `std`; `best` is
the lowest value seen so far. Each function scores the candidates; the next one to try has the
highest score, except for the lower confidence bound, where it has the lowest.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfcx, ndtr

from ..checks import checked_array, checked_bool, checked_number, refuse

LOG_SQRT_2PI = np.log(2 * np.pi) / 2
LARGEST = np.finfo(float).max
any_floats = np.errstate(all="ignore")  # whatever over- or underflows, or is divided by 0, has its limit


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
    mean, std = _checked(mean, std)
    gain = _finite(sign * (mean - checked_number("best", best)))
    bound = gain + _finite(checked_number("n_std", n_std) * std)
    return _finite(bound).clip(min=0)


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
    gain, std, z = _standardized(mean, std, best, margin)
    phi = np.exp(-0.5 * z**2 - LOG_SQRT_2PI)
    # The maximum takes the rounding away: EI is never below the gain of a sure thing.
    improvement: np.ndarray = np.maximum(np.maximum(0, gain), _finite(gain * ndtr(z) + std * phi))
    return improvement


@any_floats
def log_expected_improvement(
    mean: ArrayLike, std: ArrayLike, best: float, *, margin: float = 0.0
) -> np.ndarray:
    """Logarithm of the expected improvement, also where that is too small for a float.

    Far from the best value the expected improvement underflows to zero and all candidates
    look alike; its logarithm still tells them apart: log EI = log(std) + log h(z), where
    h(z) = phi(z) + z * Phi(z) (Ament et al. 2023, section 4.1).

    Parameters
    ----------
    mean, std, best, margin
        As for `expected_improvement`.

    Returns
    -------
    ndarray, shape (m,)
        Higher is better; minus infinity where std = 0 and no improvement is possible.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    gain, std, z = _standardized(mean, std, best, margin)
    certain, likely = np.log(np.maximum(0, gain)), np.log(std) + _log_h(np.where(np.isinf(z), 0, z))
    improvement: np.ndarray = np.where(np.isinf(z), certain, likely)
    return improvement


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
    probability: np.ndarray = ndtr(_standardized(mean, std, best, margin)[2])
    return probability


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
    mean, std = _checked(mean, std)
    return _finite(mean - _finite(checked_number("n_std", n_std) * std))


def _checked(mean: ArrayLike, std: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation as float arrays of one shape."""
    mean, std = checked_array("mean", mean), checked_array("std", std)
    if mean.shape != std.shape:
        mend = "use .ravel() on a column"
        refuse("std", f"have the shape of mean, {mean.shape}", f"the shape {std.shape}", mend)
    if (std < 0).any():
        refuse("std", "not be negative", std.min())
    return mean, std


def _standardized(
    mean: ArrayLike, std: ArrayLike, best: float, margin: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gain over the best value, its standard deviation, and their ratio z (±inf at std = 0)."""
    mean, std = _checked(mean, std)
    best, margin = checked_number("best", best), checked_number("margin", margin)
    gain = _finite(best - margin - mean)
    z = gain / std
    return gain, std, np.where(np.isnan(z), -np.inf, z)  # 0 / 0: nothing to gain


def _finite(x: np.ndarray) -> np.ndarray:
    """Numbers beyond the largest float as that."""
    finite: np.ndarray = np.clip(x, -LARGEST, LARGEST)
    return finite


def _log_h(z: np.ndarray) -> np.ndarray:
    """log(phi(z) + z Phi(z)), without cancellation and underflow."""
    near, middle, far = np.maximum(z, -1), np.clip(z, -200, -1), np.minimum(z, -200)
    # h = phi * (1 + z * Phi / phi), whose last ratio is Mills', a scaled erfc; where that is so
    # close to -1 / z that the sum cancels, its asymptotic series (both to the last digit or two).
    direct = np.log(np.exp(-0.5 * near**2 - LOG_SQRT_2PI) + near * ndtr(near))
    factor = np.log1p(np.sqrt(np.pi / 2) * middle * erfcx(-middle / np.sqrt(2)))
    u = far**-2
    series = np.log(u) + np.log1p(u * (-3 + u * (15 - u * 105)))
    tail = -0.5 * z**2 - LOG_SQRT_2PI + np.where(z < -200, series, factor)
    log_h: np.ndarray = np.where(z > -1, direct, tail)
    return log_h
