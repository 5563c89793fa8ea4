"""How well hyperparameters explain the data, and which explain them best.

After Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning* (R&W), chapters 2
and 5. With the kernel k and the vector theta of `kernels`, n observations have the covariance

    K_ij = signal_variance * (k(r_ij) + jitter * [i = j]) + noise_variance * [i = j].
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg.blas import dtrsm
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs
from scipy.optimize import minimize

from .hyperparameters import Prior
from .kernels import Kernel, Pairs

# The jitter is the first of these with which the Cholesky decomposition succeeds.
JITTERS = 10.0 ** np.arange(-10, -3)
# Where to begin to climb: factors of the length scales and of the noise variance at the center
# of their prior. The last two are for functions that are rough and exact.
STARTS = ((0.3, 1), (1, 1), (3, 1), (0.1, 1e-3), (0.04, 1e-3))
BLOCK = 96  # so many rows fit no more than one thread of BLAS


class Solution(NamedTuple):
    """What predictions need, for one theta."""

    cholesky: np.ndarray  # (n, n): lower triangular L with L L' = K
    jitter: float
    alpha: np.ndarray  # (n,): K^-1 (y - mean)
    ones: np.ndarray  # (n,): K^-1 1
    precision: float  # 1' K^-1 1, which is 1 / variance of a learned mean
    mean: float  # by generalized least squares where it is learned, else 0


def log_marginal_likelihood(
    theta: np.ndarray, pairs: Pairs, y: np.ndarray, kernel: Kernel, learn_mean: bool, derivatives: bool = True
) -> tuple[float, np.ndarray, Solution]:
    """Log marginal likelihood, its gradient, and the solution found on the way.

    Parameters
    ----------
    theta : ndarray, shape (d + 2,)
        Logarithms of length scales, signal variance and noise variance.
    pairs : Pairs
        Of the inputs.
    y : ndarray, shape (n,)
        Observations, less the mean where that is known.
    kernel : callable
        See `Kernel`.
    learn_mean : bool
        Whether the mean is unknown; it then has a flat prior and is integrated out.
    derivatives : bool
        Whether the gradient is needed.

    Returns
    -------
    value : float
    gradient : ndarray, shape (d + 2,); empty if not asked for
    solution : Solution

    Raises
    ------
    numpy.linalg.LinAlgError
        If K has no Cholesky factor even with the largest jitter.
    """
    n, d = len(y), len(pairs.squares)
    inverse_squares = np.exp(-2 * theta[:d])
    signal, noise = np.exp(theta[d:])
    correlation, slope = kernel(np.einsum("d,dp->p", inverse_squares, pairs.squares))
    cholesky, jitter = _decompose(correlation, pairs.places, n, signal, noise)

    # R&W Algorithm 2.1, line 3, and the mean from Eq. 2.42.
    alpha, ones = dpotrs(cholesky, np.column_stack([y, np.ones(n)]), lower=1)[0].T
    precision = ones.sum()
    mean = alpha.sum() / precision if learn_mean else 0.0
    alpha = alpha - mean * ones

    # R&W Eq. 2.30 (and 5.8); Eq. 2.45 where the mean is integrated out.
    fit = y @ alpha
    value = -0.5 * (fit + n * np.log(2 * np.pi)) - np.log(cholesky.diagonal()).sum()
    if learn_mean:
        value += 0.5 * np.log(2 * np.pi / precision)
    solution = Solution(cholesky, jitter, alpha, ones, precision, mean)
    if not derivatives:
        return value, np.empty(0), solution

    # R&W Eq. 5.9: 1/2 tr(W dK/dtheta). W is symmetric, so that each pair counts twice, and
    # the diagonal of K has no length scale. For the variances: tr(W K) = fit - n (+ 1).
    W = np.outer(alpha, alpha) + np.outer(ones, learn_mean * ones / precision)
    W -= dpotri(cholesky, lower=1)[0].T  # right in the diagonal and above: all we use
    weights = signal * slope * W.ravel()[pairs.places]
    noise_part = 0.5 * noise * W.trace()
    signal_part = 0.5 * (fit - n + learn_mean) - noise_part
    gradient = np.append(inverse_squares * (pairs.squares @ weights), [signal_part, noise_part])
    return value, gradient, solution


def most_probable(
    theta: np.ndarray, pairs: Pairs, y: np.ndarray, kernel: Kernel, learn_mean: bool, prior: Prior, used: bool
) -> np.ndarray:
    """Replace the NaN in theta by what maximizes the posterior, or only the likelihood.

    Parameters
    ----------
    theta, pairs, y, kernel, learn_mean
        As for `log_marginal_likelihood`; a NaN in theta is to be learned.
    prior : Prior
    used : bool
        Whether the likelihood is multiplied by the prior.

    Returns
    -------
    ndarray, shape (d + 2,)
    """
    learned = np.isnan(theta)

    def complete(values: np.ndarray) -> np.ndarray:
        full = theta.copy()
        full[learned] = values
        return full

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        full = complete(values)
        value, gradient, _ = log_marginal_likelihood(full, pairs, y, kernel, learn_mean)
        if used:
            density, slope = prior.log_density(np.where(learned, full, prior.center))
            value, gradient = value + density, gradient + slope
        return -value, -gradient[learned]

    # The density can have several peaks, mostly along a common factor of the length scales, and
    # roughness may pass for noise or noise for roughness (R&W Figure 5.5): look at some starts
    # of both kinds and climb from the best.
    d = len(theta) - 2
    starts = [prior.center + np.log(np.append(np.full(d, f), [1, noise])) for f, noise in STARTS]
    start = min((start[learned] for start in starts), key=lambda values: round(objective(values)[0], 6))
    return complete(minimize(objective, start, jac=True, method="L-BFGS-B", bounds=prior.bounds[learned]).x)


def _decompose(
    correlation: np.ndarray, places: np.ndarray, n: int, signal: float, noise: float
) -> tuple[np.ndarray, float]:
    """Cholesky factor of K (R&W Algorithm 2.1, line 2), and the jitter that it took."""
    for jitter in JITTERS:
        K = np.zeros(n * n)
        K[places] = signal * correlation
        K[:: n + 1] = signal * (1 + jitter) + noise
        cholesky = K.reshape(n, n).T  # of which the lower triangle is filled
        if _factorized(cholesky):
            return cholesky, jitter
    text = f"The covariance is not positive definite even with a jitter of {JITTERS[-1]:g} times the signal"
    raise np.linalg.LinAlgError(f"{text} variance; give a noise_variance or shorter length scales.")


def _factorized(K: np.ndarray) -> bool:
    """Turn the lower triangle of K into its Cholesky factor, and tell whether there is one.

    By blocks, whose size does not depend on the number of threads: so do the last bits not.
    """
    blocks = [slice(start, start + BLOCK) for start in range(0, len(K), BLOCK)]
    for k, now in enumerate(blocks):
        K[now, now], failed = dpotrf(K[now, now], lower=1)
        if failed:
            return False
        for below in blocks[k + 1 :]:
            K[below, now] = dtrsm(1.0, K[now, now], K[below, now], side=1, lower=1, trans_a=1)
        for i, row in enumerate(blocks[k + 1 :], k + 1):
            for column in blocks[k + 1 : i + 1]:
                K[row, column] -= K[row, now] @ K[column, now].T
    return True
