"""The expected improvement as a function on the cube of a space, and its peaks."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

from ..models.acquisition import LOG_SQRT_2PI, log_expected_improvement
from ..models.gaussian_process import GaussianProcess
from .cube import Cube

DECIMALS = 6  # of what is compared or suggested: the last ones hang on the number of threads


def best_first(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return points, those with the largest values first; those with equal ones stay in their order."""
    return np.take(points, (-values).round(DECIMALS).argsort(kind="stable"), axis=0)


class Improvement:
    """Logarithm of the expected improvement, as a function on the cube."""

    def __init__(self, cube: Cube, gp: GaussianProcess, best: float) -> None:
        self.cube, self.gp, self.best = cube, gp, best

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the value at each point."""
        mean, std = self.gp.predict(points, return_std=True)
        return log_expected_improvement(mean, std, self.best)

    def together(self, points: np.ndarray, n: int) -> np.ndarray:
        """Return n different points, each with the largest value if those before it end as expected."""
        points = np.unique(points, axis=0)
        mean, cov = self.gp.predict(points, return_cov=True)
        std, explained, chosen = np.sqrt(cov.diagonal().clip(min=0)), np.empty((0, len(points))), list[int]()
        for _ in range(min(n, len(points))):
            value = np.nan_to_num(log_expected_improvement(mean, std, self.best).round(DECIMALS))
            value[chosen] = -np.inf  # below all that are left, which are finite now
            chosen.append(k := int(value.argmax()))
            # A row of the Cholesky decomposition, with what ends first as the pivot.
            row = cov[k] - explained[:, k] @ explained
            row /= np.sqrt(max(row[k] + self.gp.noise_variance_, 1e-12))
            explained, std = np.vstack([explained, row]), np.sqrt((std**2 - row**2).clip(min=0))
        return points[chosen]

    def gradient(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the value at each point, and its gradient, which is 0 in choices."""
        mean, std, d_mean, d_std = self.gp.predict_gradient(points)
        std = std.clip(min=1e-6)  # below it, rounding makes the quotients meaningless
        value = log_expected_improvement(mean, std, self.best)
        # EI = std (phi(z) + z Phi(z)) with z = (best - mean) / std: dEI = phi dstd - Phi dmean.
        z = (self.best - mean) / std
        phi, Phi = np.exp([-0.5 * z**2 - LOG_SQRT_2PI - value, log_ndtr(z) - value])
        return value, phi[:, None] * d_std - Phi[:, None] * d_mean

    def climbed(self, points: np.ndarray) -> np.ndarray:
        """Climb from all points at once, in active numbers only, as if those with a step were real."""
        free = self.cube.is_active(points) & self.cube.ordered
        if not free.any():
            return points
        points = points.copy()

        def negative(x: np.ndarray) -> tuple[float, np.ndarray]:
            points[free] = x
            value, gradient = self.gradient(points)
            return -float(value.sum()), -gradient[free]

        bounds = [(0.0, 1.0)] * int(free.sum())
        found = minimize(negative, points[free], jac=True, bounds=bounds, options={"maxiter": 20})
        points[free] = found.x.round(DECIMALS)
        return self.cube.snapped(points)
