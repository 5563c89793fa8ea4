"""Gaussian process regression, after Rasmussen & Williams (2006), *Gaussian Processes for
Machine Learning* (R&W).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from .gaussian import MultivariateGaussian
from .kernels import KERNELS, Pairs, covariance
from .marginal_likelihood import JITTERS, log_marginal_likelihood, most_probable


class GaussianProcess(RegressorMixin, BaseEstimator):
    """A distribution over functions, conditioned on observations of one of them.

    The function has a constant mean and the covariance signal_variance * k(r), where
    r² = sum_j ((x_j - x'_j) / length_scale_j)². Observations carry independent Gaussian noise.
    What is given as None is learned. The mean then has a flat prior and is integrated out
    (R&W section 2.7), so that predictions allow for its uncertainty; the others take their most
    probable values.

    Parameters
    ----------
    kernel : {"matern52", "squared_exponential"}
        Functions from the first are twice differentiable, from the second infinitely often.
    length_scale : float, array_like of shape (d,), or None
        How far apart inputs must be for the function to differ, in the units of X.
    signal_variance : float or None
        Variance of the function around its mean, in the units of y².
    noise_variance : float or None
        Variance of the noise, in the units of y². With 0.0 observations are exact: the
        mean passes through them, and inputs that repeat count once, with their average.
        Only a jitter of 1e-10 times the signal variance is added to the diagonal of the
        covariance, ten times more while its Cholesky decomposition fails, up to 1e-4.
    mean : float or None
        Mean of the function, in the units of y.
    prior : bool
        Whether the learned hyperparameters have weak log-normal priors (their numbers are in
        `most_probable`). These keep a model of two or three observations sane, whose likelihood
        alone is flat or highest at zero or infinity, and fade as observations come in. With
        False the marginal likelihood alone is maximized, within wide bounds.

    Attributes
    ----------
    length_scale_ : ndarray, shape (d,)
    signal_variance_, noise_variance_, mean_, jitter_ : float
    theta_ : ndarray
        Logarithms of the learned length scales, signal variance and noise variance.
    log_marginal_likelihood_value_ : float
        At `theta_`, without the prior.
    n_features_in_ : int

    Examples
    --------
    >>> gp = GaussianProcess().fit([1.0, 2.0, 4.0], [0.0, 1.0, -1.0])
    >>> mean, std = gp.predict([2.0, 3.0], return_std=True)
    >>> [round(float(number), 2) for number in (*mean, *std)]
    [1.0, -0.01, 0.0, 0.97]
    """

    def __init__(
        self,
        kernel: str = "matern52",
        *,
        length_scale: ArrayLike | None = None,
        signal_variance: float | None = None,
        noise_variance: float | None = 0.0,
        mean: float | None = None,
        prior: bool = True,
    ) -> None:
        self.kernel = kernel
        self.length_scale = length_scale
        self.signal_variance = signal_variance
        self.noise_variance = noise_variance
        self.mean = mean
        self.prior = prior

    def fit(self, X: ArrayLike, y: ArrayLike) -> "GaussianProcess":
        """Learn what is None, and condition on the observations.

        Parameters
        ----------
        X : array_like, shape (n, d) or (n,)
            Inputs; shape (n,) means one dimension.
        y : array_like, shape (n,) or (n, 1)
            Observed values.

        Returns
        -------
        GaussianProcess
            Itself.

        Raises
        ------
        ValueError
            If a shape or a hyperparameter is wrong, or a number is not finite.
        """
        X, y = _inputs(X), np.asarray(y, dtype=float)
        if y.shape not in ((len(X),), (len(X), 1)):
            raise ValueError(
                f"y must hold one number for each of the {len(X)} rows of X, but its shape is "
                f"{y.shape}."
            )
        y = y.ravel()
        if not np.isfinite(y).all():
            raise ValueError("y must be finite, but holds NaN or infinity; leave those rows out.")
        self._theta, self._kernel = self._hyperparameters(X.shape[1])
        self._learned = np.isnan(self._theta)
        # Far from zero differences lose digits. Starting at y[0], a constant y gives exact zeros.
        self._center = X.mean(axis=0)
        self._level = y[0] + (y - y[0]).mean() if self.mean is None else self.mean
        X, y = X - self._center, y - self._level
        y_scale = np.sqrt(np.mean(y**2)) or abs(self._level) or 1.0
        if self._theta[-1] == -np.inf:  # Two exact observations of one thing cannot differ.
            X, which, count = np.unique(X, axis=0, return_inverse=True, return_counts=True)
            y = np.bincount(which, weights=y) / count
        self._X, self._y = X, y
        if self._learned.any():
            self._theta = most_probable(
                self._theta, X, y, y_scale, self._kernel, self.mean is None, self.prior
            )
        value, _, self._solution = self._likelihood(self._theta, with_gradient=False)
        self.log_marginal_likelihood_value_ = value
        self.n_features_in_ = X.shape[1]
        self.length_scale_ = np.exp(self._theta[:-2])
        self.signal_variance_, self.noise_variance_ = np.exp(self._theta[-2:]).tolist()
        self.theta_ = self._theta[self._learned]
        self.mean_ = self._level + self._solution.mean
        self.jitter_ = self._solution.jitter
        return self

    def log_marginal_likelihood(
        self, theta: ArrayLike | None = None, eval_gradient: bool = False
    ) -> float | tuple[float, np.ndarray]:
        """Log marginal likelihood of the observations (R&W Eq. 2.30; 2.45 for a learned mean).

        Parameters
        ----------
        theta : array_like, optional
            In place of `theta_`.
        eval_gradient : bool
            Whether to return the gradient in theta (R&W Eq. 5.9), too.
        """
        check_is_fitted(self)
        full = self._theta.copy()
        full[self._learned] = self.theta_ if theta is None else theta
        value, gradient, _ = self._likelihood(full, eval_gradient)
        return (value, gradient[self._learned]) if eval_gradient else value

    def predict(
        self, X: ArrayLike, return_std: bool = False, return_cov: bool = False, noise: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Mean at new inputs, and if asked for its standard deviation or covariance.

        Parameters
        ----------
        X : array_like, shape (m, d) or (m,)
            New inputs.
        return_std : bool
            Whether to return the standard deviation as well.
        return_cov : bool
            Whether to return the covariance as well, and not the standard deviation.
        noise : bool
            Whether to predict an observation, noise included, and not the function.

        Returns
        -------
        mean : ndarray, shape (m,)
        std or cov : ndarray, shape (m,) or (m, m)
        """
        check_is_fitted(self)
        X = self._new_inputs(X)
        cross, _ = covariance(self._kernel, self._theta, X, self._X)
        mean = self.mean_ + cross @ self._solution.alpha  # R&W Eq. 2.25
        if not (return_std or return_cov):
            return mean
        v, rest, variance = self._explained(cross)
        if return_cov:
            prior, _ = covariance(self._kernel, self._theta, X, X)
            cov = prior - v.T @ v + np.outer(rest, rest)
            return mean, cov + noise * self.noise_variance_ * np.eye(len(X))
        return mean, np.sqrt(variance + noise * self.noise_variance_)

    def predict_gradient(self, X: ArrayLike) -> tuple[np.ndarray, ...]:
        """Mean and standard deviation of the function, and their gradients in the inputs.

        Parameters
        ----------
        X : array_like, shape (m, d) or (m,)

        Returns
        -------
        mean, std : ndarray, shape (m,)
        mean_gradient, std_gradient : ndarray, shape (m, d)
            Zero for a standard deviation of zero, where it has a kink.
        """
        check_is_fitted(self)
        X, solution = self._new_inputs(X), self._solution
        cross, slope = covariance(self._kernel, self._theta, X, self._X)
        mean = self.mean_ + cross @ solution.alpha
        v, rest, variance = self._explained(cross)
        std = np.sqrt(variance)
        pull = solve_triangular(solution.cholesky, v, lower=True, trans="T", check_finite=False).T
        if self.mean is None:
            pull += np.outer(rest / np.sqrt(solution.precision), solution.ones)

        def gradient(weights):  # of sum_i weights_i k(x, x_i): dk/dx = slope * (x_i - x) / l²
            weights = weights * slope
            return (weights @ self._X - weights.sum(axis=1)[:, None] * X) / self.length_scale_**2

        std_or_inf = np.where(std > 0, std, np.inf)[:, None]
        return mean, std, gradient(solution.alpha), -gradient(pull) / std_or_inf

    def sample(self, X: ArrayLike, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Draw functions: from the posterior, or before `fit` from the prior.

        For the prior, None means 1 for a length scale or variance, and 0 for the mean.

        Returns
        -------
        ndarray, shape (n_samples, m)
            One function a row: its values at the m inputs.
        """
        if hasattr(self, "theta_"):
            theta = self._theta
            mean, cov = self.predict(X, return_cov=True)
        else:
            X = _inputs(X)
            theta, kernel = self._hyperparameters(X.shape[1])
            theta[np.isnan(theta)] = 0.0
            mean, cov = np.full(len(X), self.mean or 0.0), covariance(kernel, theta, X, X)[0]
        # The least jitter, so that rounding leaves no negative variance.
        cov += JITTERS[0] * np.exp(theta[-2]) * np.eye(len(mean))
        return MultivariateGaussian(mean, cov).sample(n_samples, rng)

    def _explained(self, cross):
        """What the observations explain at m inputs, given their covariances with these.

        v (n, m), whose squares are taken off the prior's variance (R&W Eq. 2.26 by Algorithm 2.1,
        line 5); rest (m,), whose square a learned mean adds (from Eq. 2.42); the variance (m,).
        """
        solution = self._solution
        v = solve_triangular(solution.cholesky, cross.T, lower=True, check_finite=False)
        rest = (self.mean is None) * (1 - cross @ solution.ones) / np.sqrt(solution.precision)
        return v, rest, (self.signal_variance_ - (v**2).sum(axis=0) + rest**2).clip(min=0)

    def _likelihood(self, theta, with_gradient):
        return log_marginal_likelihood(
            theta, Pairs.of(self._X), self._y, self._kernel, self.mean is None, with_gradient
        )

    def _hyperparameters(self, d):
        """Theta, with NaN for what is to be learned, and the kernel's function."""
        if self.kernel not in KERNELS:
            raise ValueError(f"kernel must be one of {sorted(KERNELS)}, but is {self.kernel!r}.")
        if self.mean is not None and not (np.ndim(self.mean) == 0 and np.isfinite(self.mean)):
            raise ValueError(f"mean must be None or a finite number, but is {self.mean}.")
        theta = []
        for name, size, meaning in (
            ("length_scale", d, f"a positive number or {d} of them"),
            ("signal_variance", 1, "a positive number"),
            ("noise_variance", 1, "zero or a positive number"),
        ):
            given = getattr(self, name)
            value = np.asarray(1.0 if given is None else given, dtype=float)
            lowest = 0 if name == "noise_variance" else np.nextafter(0, 1)
            if value.shape not in ((), (size,)) or not ((value >= lowest) & (value < np.inf)).all():
                raise ValueError(f"{name} must be None or {meaning}, but is {given}.")
            theta.append(np.full(size, np.nan if given is None else value))
        with np.errstate(divide="ignore"):  # A noise variance of 0 is a theta of minus infinity.
            return np.log(np.concatenate(theta)), KERNELS[self.kernel]

    def _new_inputs(self, X):
        X = _inputs(X)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have {self.n_features_in_} column(s) as in fit, but has {X.shape[1]}."
            )
        return X - self._center


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

    Raises
    ------
    ValueError
        If there are fewer than two observations, shapes do not match, or a number is not finite.
    """
    if np.size(y_train) < 2:
        raise ValueError(
            f"y_train must hold at least two observations, but holds {np.size(y_train)}."
        )
    gp = GaussianProcess("squared_exponential").fit(x_train, y_train)
    return gp.predict(x_test, return_std=True)


def _inputs(X):
    """X as a matrix of finite numbers; a vector becomes a column."""
    X = np.asarray(X, dtype=float)
    if X.ndim not in (1, 2) or X.size == 0:
        raise ValueError(f"X must have shape (n, d) or (n,), but its shape is {X.shape}.")
    if not np.isfinite(X).all():
        raise ValueError("X must be finite, but holds NaN or infinity.")
    return X[:, None] if X.ndim == 1 else X

