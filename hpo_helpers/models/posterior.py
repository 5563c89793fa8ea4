"""What a Gaussian process says of a function after observations of it.

After Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning* (R&W), section 2.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from .kernels import Kernel, covariance
from .marginal_likelihood import Solution


class Posterior(NamedTuple):
    """The distribution of a function's values at any inputs, given observations.

    Each method takes inputs, shape (m, d).
    """

    kernel: Kernel
    theta: np.ndarray  # (d + 2,)
    categorical: np.ndarray  # (d,): which inputs are categories
    X: np.ndarray  # (n, d): where the function was observed
    solution: Solution
    level: float  # what the mean of the observations was set off by
    learn_mean: bool  # whether the mean is uncertain

    def mean(self, X: np.ndarray) -> np.ndarray:
        """The mean, shape (m,)."""
        return self._mean(self._cross(X)[0])

    def with_variance(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The mean and the variance, shapes (m,)."""
        cross, _ = self._cross(X)
        return self._mean(cross), self._explained(cross)[2]

    def with_covariance(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The mean and the covariance, shapes (m,) and (m, m)."""
        cross, _ = self._cross(X)
        v, rest, _ = self._explained(cross)
        prior, _ = covariance(self.kernel, self.theta, X, X, self.categorical)
        return self._mean(cross), prior - v.T @ v + np.outer(rest, rest)

    def with_gradients(self, X: np.ndarray) -> tuple[np.ndarray, ...]:
        """The mean and the standard deviation, shapes (m,), and their gradients, shapes (m, d).

        The gradient of a standard deviation of zero, where that has a kink, is zero, and so is one in a
        category.
        """
        solution, inverse_squares = self.solution, np.exp(-2 * self.theta[:-2]) * ~self.categorical
        cross, slope = self._cross(X)
        v, rest, variance = self._explained(cross)
        std = np.sqrt(variance)
        pull = solve_triangular(solution.cholesky, v, lower=True, trans="T", check_finite=False).T
        if self.learn_mean:
            pull += np.outer(rest / np.sqrt(solution.precision), solution.ones)

        def gradient(weights: np.ndarray) -> np.ndarray:
            """Of sum_i weights_i k(x, x_i): dk/dx = slope * (x_i - x) / l²."""
            weights = weights * slope
            return (weights @ self.X - weights.sum(axis=1)[:, None] * X) * inverse_squares

        std_or_inf = np.where(std > 0, std, np.inf)[:, None]
        return self._mean(cross), std, gradient(solution.alpha), -gradient(pull) / std_or_inf

    def _cross(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return covariance(self.kernel, self.theta, X, self.X, self.categorical)

    def _mean(self, cross: np.ndarray) -> np.ndarray:
        """Mean at m inputs (R&W Eq. 2.25), given their covariances with the observations."""
        return self.level + self.solution.mean + cross @ self.solution.alpha

    def _explained(self, cross: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the observations explain at m inputs, given their covariances with these.

        v (n, m), whose squares are taken off the prior's variance (R&W Eq. 2.26 by Algorithm 2.1,
        line 5); rest (m,), whose square a learned mean adds (from Eq. 2.42); the variance (m,).
        """
        v = solve_triangular(self.solution.cholesky, cross.T, lower=True, check_finite=False)
        rest = self.learn_mean * (1 - cross @ self.solution.ones) / np.sqrt(self.solution.precision)
        return v, rest, (np.exp(self.theta[-2]) - (v**2).sum(axis=0) + rest**2).clip(min=0)
