"""How well hyperparameters explain the data, and which explain them best.

After Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning* (R&W), chapters 2
and 5. With the kernel k and the vector theta of `kernels`, n observations have the covariance

    K_ij = signal_variance * (k(r_ij) + jitter * [i = j]) + noise_variance * [i = j].
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs
from scipy.optimize import minimize

from .kernels import Kernel, Pairs

# The jitter is the first of these with which the Cholesky decomposition succeeds.
JITTERS = 10.0 ** np.arange(-10, -3)
# Where to begin to climb: factors of the length scales and of the noise variance at the center
# of their prior. The last two are for functions that are rough and exact.
STARTS = ((0.3, 1), (1, 1), (3, 1), (0.1, 1e-3), (0.04, 1e-3))


class Solution(NamedTuple):
    """What predictions need, for one theta."""

    cholesky: np.ndarray  # (n, n): lower triangular L with L L' = K
    jitter: float
    alpha: np.ndarray  # (n,): K^-1 (y - mean)
    ones: np.ndarray  # (n,): K^-1 1
    precision: float  # 1' K^-1 1, which is 1 / variance of a learned mean
    mean: float  # by generalized least squares where it is learned, else 0


def log_marginal_likelihood(
    theta: np.ndarray,
    pairs: Pairs,
    y: np.ndarray,
    kernel: Kernel,
    learn_mean: bool,
    with_gradient: bool = True,
) -> tuple[float, np.ndarray | None, Solution]:
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
    with_gradient : bool
        Whether the gradient is needed.

    Returns
    -------
    value : float
    gradient : ndarray, shape (d + 2,), or None
    solution : Solution

    Raises
    ------
    numpy.linalg.LinAlgError
        If K has no Cholesky factor even with the largest jitter.
    """
    n, d = len(y), len(pairs.squares)
    inverse_squares = np.exp(-2 * theta[:d])
    signal, noise = np.exp(theta[d:])
    correlation, slope = kernel(inverse_squares @ pairs.squares)
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
    if not with_gradient:
        return value, None, solution

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
    theta: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    y_scale: float,
    kernel: Kernel,
    learn_mean: bool,
    use_prior: bool,
) -> np.ndarray:
    """Replace the NaN in theta by what maximizes the posterior, or only the likelihood.

    The prior of each logarithm is normal. It is centered at a quarter of the range of the
    inputs times sqrt(d) for length scales (which must grow like that for the model to stay
    as smooth in d dimensions: Hvarfner, Hellsten & Nardi 2024), at twice `y_scale`² for the
    signal (few observations span less than the function does), and at a hundredth of it
    for the noise; its standard deviations are 1, 1.5 and 2.

    Parameters
    ----------
    theta, y, kernel, learn_mean
        As for `log_marginal_likelihood`; a NaN in theta is to be learned.
    X : ndarray, shape (n, d)
        Inputs.
    y_scale : float
        Positive: the root mean square of y, or where that is zero another size of it.
    use_prior : bool
        Whether to multiply the likelihood by the prior.

    Returns
    -------
    ndarray, shape (d + 2,)
    """
    d = X.shape[1]
    x_range = np.ptp(X, axis=0)
    x_scale = np.where(x_range > 0, x_range, 1)
    unit = np.log(np.append(x_scale, [y_scale, y_scale])) * ([1] * d + [2, 2])  # variances: y²
    center = unit + np.log([0.25 * np.sqrt(d)] * d + [2, 0.01])
    width = np.array([1] * d + [1.5, 2])
    bounds = unit[:, None] + np.log([[1e-3, 1e3]] * d + [[1e-6, 1e4], [1e-8, 10]])
    pairs, learned = Pairs.of(X), np.isnan(theta)

    def complete(values):
        full = theta.copy()
        full[learned] = values
        return full

    def objective(values):
        value, gradient, _ = log_marginal_likelihood(
            complete(values), pairs, y, kernel, learn_mean
        )
        z = use_prior * ((complete(values) - center) / width)[learned]
        return 0.5 * z @ z - value, z / width[learned] - gradient[learned]

    # The density can have several peaks, mostly along a common factor of the length scales, and
    # roughness may pass for noise or noise for roughness (R&W Figure 5.5): look at some starts
    # of both kinds and climb from the best.
    starts = [center + np.log(np.append(np.full(d, f), [1, noise])) for f, noise in STARTS]
    start = min((start[learned] for start in starts), key=lambda values: objective(values)[0])
    result = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds[learned])
    return complete(result.x)


def _decompose(correlation, places, n, signal, noise):
    """Cholesky factor of K (R&W Algorithm 2.1, line 2), and the jitter that it took."""
    for jitter in JITTERS:
        K = np.zeros(n * n)
        K[places] = signal * correlation
        K[:: n + 1] = signal * (1 + jitter) + noise
        cholesky, failed = dpotrf(K.reshape(n, n).T, lower=1, overwrite_a=1)
        if not failed:
            return cholesky, jitter
    raise np.linalg.LinAlgError(
        f"The covariance is not positive definite even with a jitter of {JITTERS[-1]:g} times "
        "the signal variance; give a noise_variance or shorter length scales."
    )
