"""What to try next, given a model's mean and standard deviation. Everything is minimized.

A model predicts the value Y of each candidate as Gaussian with a `mean` and a `std`; `best` is
the lowest value seen so far. The next one to try has the highest score. Other scores, of which no
sampler makes use, are in `hpo_helpers.course.acquisition`.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfcx, ndtr

from ..checks import checked_array, checked_number, refuse

LOG_SQRT_2PI = np.log(2 * np.pi) / 2
LARGEST = np.finfo(float).max
any_floats = np.errstate(all="ignore")  # whatever over- or underflows, or is divided by 0, has its limit


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
    mean, std : array_like, shape (m,)
        Prediction for each candidate, in the units of the objective.
    best : float
        The lowest value so far.
    margin : float
        What an improvement must exceed to count; a larger one explores more.

    Returns
    -------
    ndarray, shape (m,)
        Higher is better; minus infinity where std = 0 and no improvement is possible.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, a number is not finite, or a standard deviation is negative.
    """
    gain, std, z = standardized(mean, std, best, margin)
    certain, likely = np.log(np.maximum(0, gain)), np.log(std) + _log_h(np.where(np.isinf(z), 0, z))
    return np.where(np.isinf(z), certain, likely)


def checked_prediction(mean: ArrayLike, std: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation as float arrays of one shape."""
    mean, std = checked_array("mean", mean), checked_array("std", std)
    if mean.shape != std.shape:
        mend = "use .ravel() on a column"
        refuse("std", f"have the shape of mean, {mean.shape}", f"the shape {std.shape}", mend)
    if (std < 0).any():
        refuse("std", "not be negative", std.min())
    return mean, std


def standardized(mean: ArrayLike, std: ArrayLike, best: float, margin: float) -> tuple[np.ndarray, ...]:
    """Gain over the best value, its standard deviation, and their ratio z (±inf at std = 0)."""
    mean, std = checked_prediction(mean, std)
    best, margin = checked_number("best", best), checked_number("margin", margin)
    gain = finite(best - margin - mean)
    z = gain / std
    return gain, std, np.where(np.isnan(z), -np.inf, z)  # 0 / 0: nothing to gain


def finite(x: np.ndarray) -> np.ndarray:
    """Numbers beyond the largest float as that."""
    return np.clip(x, -LARGEST, LARGEST)


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
    return np.where(z > -1, direct, tail)
