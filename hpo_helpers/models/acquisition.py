"""What to try next, given a model's mean and standard deviation. Everything is minimized.

A model predicts the value Y of each candidate as Gaussian with a `mean` and a `std`; `best` is
the lowest value seen so far. Each function scores the candidates; the next one to try has the
highest score, except for the lower confidence bound, where it has the lowest.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfcx, ndtr

LOG_SQRT_2PI = np.log(2 * np.pi) / 2


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
    ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    mean, std, best = _checked(mean, std, best)
    gain = mean - best if maximize else best - mean
    return np.maximum(0, gain + n_std * std)


def expected_improvement(
    mean: ArrayLike, std: ArrayLike, best: float, *, margin: float = 0.0
) -> np.ndarray:
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
    ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    gain, std, z = _standardized(mean, std, best, margin)
    phi = np.exp(-0.5 * z**2 - LOG_SQRT_2PI)
    # The maximum takes the rounding away: EI is never below the gain of a sure thing.
    return np.maximum(np.maximum(0, gain), gain * ndtr(z) + std * phi)


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
    ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    gain, std, z = _standardized(mean, std, best, margin)
    with np.errstate(divide="ignore"):
        certain = np.log(np.maximum(0, gain))
        return np.where(np.isinf(z), certain, np.log(std) + _log_h(np.where(np.isinf(z), 0, z)))


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
    ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    return ndtr(_standardized(mean, std, best, margin)[2])


def lower_confidence_bound(
    mean: ArrayLike, std: ArrayLike, *, n_std: float = 1.96
) -> np.ndarray:
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
    ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    mean, std, _ = _checked(mean, std, 0.0)
    return mean - n_std * std


def next_parameter_by_ei(
    y_min: float, y_mean: ArrayLike, y_std: ArrayLike, x_choices: Sequence
) -> object:
    """Choice with the largest `confidence_improvement` below `y_min`.

    Where no choice promises an improvement, it is the one that comes closest to one (clipped at
    zero, all would tie and the first would win by accident). A `y_std` of zeros is fine: then
    the choice with the lowest mean is taken.

    Parameters
    ----------
    y_min : float
        The lowest value so far.
    y_mean, y_std : array_like, shape (n,) or (n, 1)
        Prediction for each choice.
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
    """
    mean, std, y_min = _checked(np.ravel(y_mean), np.ravel(y_std), y_min)
    if not mean.size == len(x_choices) > 0:
        raise ValueError(
            f"x_choices must hold one choice for each of the {mean.size} predictions, "
            f"but holds {len(x_choices)}."
        )
    return x_choices[(y_min - lower_confidence_bound(mean, std)).argmax()]


def _checked(mean, std, best):
    """Mean and standard deviation as float arrays of one shape, and the best value."""
    mean, std, best = (np.asarray(array, dtype=float) for array in (mean, std, best))
    if mean.shape != std.shape:
        raise ValueError(
            f"mean and std must have the same shape, but have {mean.shape} and {std.shape}; "
            "use .ravel() on a column."
        )
    if best.ndim > 0:
        raise ValueError(f"best must be a single number, but its shape is {best.shape}.")
    for name, array in (("mean", mean), ("std", std), ("best", best)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite, but holds NaN or infinity.")
    if (std < 0).any():
        raise ValueError(f"std must not be negative, but its lowest value is {std.min():.3g}.")
    return mean, std, best


def _standardized(mean, std, best, margin):
    """Gain over the best value, its standard deviation, and their ratio z (±inf at std = 0)."""
    mean, std, best = _checked(mean, std, best)
    gain = best - margin - mean
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        z = gain / std
    return gain, std, np.where(np.isnan(z), -np.inf, z)  # 0 / 0: nothing to gain


def _log_h(z):
    """log(phi(z) + z Phi(z)), without cancellation and underflow."""
    near, middle, far = np.maximum(z, -1), np.clip(z, -200, -1), np.minimum(z, -200)
    # h = phi * (1 + z * Phi / phi), whose last ratio is Mills', a scaled erfc; where that is so
    # close to -1 / z that the sum cancels, its asymptotic series (both to the last digit or two).
    direct = np.log(np.exp(-0.5 * near**2 - LOG_SQRT_2PI) + near * ndtr(near))
    factor = np.log1p(np.sqrt(np.pi / 2) * middle * erfcx(-middle / np.sqrt(2)))
    u = far**-2
    series = np.log(u) + np.log1p(u * (-3 + u * (15 - u * 105)))
    tail = -0.5 * z**2 - LOG_SQRT_2PI + np.where(z < -200, series, factor)
    return np.where(z > -1, direct, tail)
