"""Regression by Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning* (R&W)."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from ..checks import checked_array, checked_integer, checked_rng, refuse
from .acquisition import finite
from .hyperparameters import Prior, checked_hyperparameters
from .kernels import Pairs, covariance
from .marginal_likelihood import JITTERS, log_marginal_likelihood, most_probable
from .posterior import Posterior


class GaussianProcess(RegressorMixin, BaseEstimator):  # type: ignore[misc]
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
        `hyperparameters.Prior`). These keep a model of two or three observations sane, whose
        likelihood alone is flat or highest at zero or infinity, and fade as observations come in.
        With False the marginal likelihood alone is climbed, within wide bounds, to a peak near a good start.
    categorical_features : array_like of bool, shape (d,), or None
        Which columns of X hold categories: two are the same, or at a distance of 1. None: no column.

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
        categorical_features: ArrayLike | None = None,
    ) -> None:
        self.kernel = kernel
        self.length_scale = length_scale
        self.signal_variance = signal_variance
        self.noise_variance = noise_variance
        self.mean = mean
        self.prior = prior
        self.categorical_features = categorical_features

    @np.errstate(over="ignore", under="ignore")
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn what is None, and condition on the observations.

        Parameters
        ----------
        X : array_like, shape (n, d) or (n,)
            Shape (n,) means one dimension.
        y : array_like, shape (n,) or (n, 1)
            Observed values, of any size; a variance that no float can hold is the largest float.

        Raises
        ------
        TypeError, ValueError
            If a shape or a hyperparameter is wrong, or a number is not finite.
        """
        inputs, values = _inputs(X), checked_array("y", y)
        n, d = inputs.shape
        if values.shape not in ((n,), (n, 1)):
            refuse("y", f"hold one number for each of the {n} rows of X", f"the shape {values.shape}")
        theta, kernel, categorical = checked_hyperparameters(d, self.get_params())
        # With a power of two as its unit y keeps all digits, and its squares neither overflow nor vanish.
        exponent = self._exponent = int(np.frexp(np.abs(np.append(values, self.mean or 0.0)).max())[1])
        self._log_unit = np.log(2) * exponent * np.array([0] * d + [2, 2])
        theta, values = theta - self._log_unit, np.ldexp(values.ravel(), -exponent)
        # Far from zero differences lose digits. Starting at the first, constant ones give exact zeros.
        self._center: np.ndarray = np.where(categorical, 0, inputs.mean(axis=0))
        level = values[0] + (values - values[0]).mean()
        level = level if self.mean is None else np.ldexp(self.mean, -exponent)
        inputs, values = inputs - self._center, values - level
        y_scale = np.sqrt(np.mean(values**2)) or abs(level) or 1.0
        if theta[-1] == -np.inf:  # Two exact observations of one thing cannot differ.
            inputs, which, count = np.unique(inputs, axis=0, return_inverse=True, return_counts=True)
            values = np.bincount(which, weights=values) / count
        pairs, self._learned = Pairs.of(inputs, categorical), np.isnan(theta)
        self._data = values, kernel, self.mean is None
        if self._learned.any():
            prior = Prior.of(inputs, categorical, y_scale)
            theta = most_probable(theta, pairs, *self._data, prior, self.prior)
        value, _, solution = log_marginal_likelihood(theta, pairs, *self._data, derivatives=False)
        self._posterior = Posterior(kernel, theta, categorical, inputs, solution, level, self.mean is None)
        # The unit counts once in the density for each number, but for a learned mean.
        self._log_volume = np.log(2) * exponent * (len(values) - (self.mean is None))
        self.log_marginal_likelihood_value_ = value - self._log_volume
        self.theta_ = (theta + self._log_unit)[self._learned]
        self.length_scale_ = np.exp(theta[:-2])
        self.signal_variance_, self.noise_variance_ = self._in_units(np.exp(theta[-2:]), 2).tolist()
        self.mean_ = float(self._in_units(level + solution.mean))
        self.jitter_, self.n_features_in_ = solution.jitter, d
        return self

    @np.errstate(over="ignore", under="ignore")
    def log_marginal_likelihood(self, theta: ArrayLike | None = None, eval_gradient: bool = False) -> Any:
        """Log marginal likelihood of the observations (R&W Eq. 2.30; 2.45 for a learned mean).

        Parameters
        ----------
        theta : array_like, optional
            In place of `theta_`.
        eval_gradient : bool
            Whether to return the gradient in theta (R&W Eq. 5.9), too.
        """
        check_is_fitted(self)
        full = self._posterior.theta.copy()
        if theta is not None:
            given = checked_array("theta", theta)
            if given.shape != self.theta_.shape:
                refuse("theta", f"be {self.theta_.size} numbers, as theta_", theta)
            full[self._learned] = given - self._log_unit[self._learned]
        pairs = Pairs.of(self._posterior.X, self._posterior.categorical)
        value, gradient, _ = log_marginal_likelihood(full, pairs, *self._data)
        value -= self._log_volume
        return (value, gradient[self._learned]) if eval_gradient else value

    @np.errstate(over="ignore", under="ignore")
    def predict(
        self, X: ArrayLike, return_std: bool = False, return_cov: bool = False, noise: bool = False
    ) -> Any:
        """Mean at new inputs, and if asked for its standard deviation or covariance.

        Parameters
        ----------
        X : array_like, shape (m, d) or (m,)
        return_std, return_cov : bool
            Whether to return the standard deviation as well, or the covariance in its place.
        noise : bool
            Whether to predict an observation, noise included, and not the function.

        Returns
        -------
        mean : ndarray, shape (m,)
        std or cov : ndarray, shape (m,) or (m, m)
        """
        new, posterior = self._new_inputs(X), self._posterior
        if not (return_std or return_cov):
            return self._in_units(posterior.mean(new))
        noise_variance = noise * np.exp(posterior.theta[-1])
        if return_cov:
            mean, cov = posterior.with_covariance(new)
            return self._in_units(mean), self._in_units(cov + noise_variance * np.eye(len(new)), 2)
        mean, variance = posterior.with_variance(new)
        return self._in_units(mean), self._in_units(np.sqrt(variance + noise_variance))

    @np.errstate(over="ignore", under="ignore")
    def predict_gradient(self, X: ArrayLike) -> tuple[np.ndarray, ...]:
        """Mean and standard deviation of the function, and their gradients in the inputs.

        Returns
        -------
        mean, std : ndarray, shape (m,)
        mean_gradient, std_gradient : ndarray, shape (m, d)
            Zero for a standard deviation of zero, where it has a kink, and in categories.
        """
        check_is_fitted(self)
        return tuple(map(self._in_units, self._posterior.with_gradients(self._new_inputs(X))))

    @np.errstate(over="ignore", under="ignore")
    def sample(self, X: ArrayLike, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Draw functions: from the posterior, or before `fit` from the prior.

        For the prior, None means 1 for a length scale or variance, and 0 for the mean.

        Returns
        -------
        ndarray, shape (n_samples, m)
            One function a row: its values at the m inputs.
        """
        rng, n_samples = checked_rng(rng), checked_integer("n_samples", n_samples, 1)
        if hasattr(self, "theta_"):
            theta, exponent = self._posterior.theta, self._exponent
            mean, cov = self._posterior.with_covariance(self._new_inputs(X))
        else:
            new, exponent = _inputs(X), 0
            theta, kernel, categorical = checked_hyperparameters(new.shape[1], self.get_params())
            theta[np.isnan(theta)] = 0.0
            mean = np.full(len(new), self.mean or 0.0)
            cov, _ = covariance(kernel, theta, new, new, categorical)
        # The least jitter, so that rounding leaves no negative variance.
        cov += JITTERS[0] * np.exp(theta[-2]) * np.eye(len(mean))
        # The symmetric root exists for a singular covariance, too, and is the same on every machine.
        variances, axes = np.linalg.eigh(cov / 2 + cov.T / 2)
        root = axes * np.sqrt(variances.clip(min=0)) @ axes.T
        return finite(np.ldexp(mean + rng.standard_normal((n_samples, len(mean))) @ root, exponent))

    def _in_units(self, x: Any, power: int = 1) -> Any:
        """Return in the units of y, or of a power of it, what is in the model's own."""
        return finite(np.ldexp(x, power * self._exponent))

    def _new_inputs(self, X: ArrayLike) -> Any:
        check_is_fitted(self)
        inputs = _inputs(X)
        if inputs.shape[1] != self.n_features_in_:
            refuse("X", f"have as many columns as in fit, {self.n_features_in_}", inputs.shape[1])
        return inputs - self._center


def _inputs(X: ArrayLike) -> np.ndarray:
    """X as a matrix of finite numbers; a vector becomes a column."""
    inputs = checked_array("X", X, most=1e150)  # its squares are finite
    if inputs.ndim not in (1, 2) or inputs.size == 0:
        refuse("X", "have shape (n, d) or (n,)", f"the shape {inputs.shape}")
    return inputs[:, None] if inputs.ndim == 1 else inputs
