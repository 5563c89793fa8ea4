import pickle

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hpo_helpers import GaussianProcess, MultivariateGaussian
from hpo_helpers.models.hyperparameters import Prior
from hpo_helpers.models.kernels import KERNELS, Pairs
from hpo_helpers.models.marginal_likelihood import JITTERS, log_marginal_likelihood

both_kernels = pytest.mark.parametrize("kernel", sorted(KERNELS))
JITTER = JITTERS[0]


def data(n=30, d=3, noise=0.1, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    return X, np.sin(X @ (5.0 / np.arange(1, d + 1))) + noise * rng.standard_normal(n)


def correlation(kernel, A, B, length_scale):
    """Written out from the formulas, pair by pair."""
    r = np.sqrt((((A[:, None] - B[None]) / length_scale) ** 2).sum(axis=-1))
    if kernel == "squared_exponential":
        return np.exp(-(r**2) / 2)
    return (1 + np.sqrt(5) * r + 5 * r**2 / 3) * np.exp(-np.sqrt(5) * r)


def sklearns(kernel, length_scale, signal_variance):
    base = RBF(length_scale) if kernel == "squared_exponential" else Matern(length_scale, nu=2.5)
    return ConstantKernel(signal_variance) * base


# Oracles at fixed hyperparameters


@both_kernels
@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("noise_variance", [0.0, 0.01])
def test_scikit_learn_gives_the_same(kernel, d, noise_variance):
    X, y = data(20, d)
    new, _ = data(40, d, seed=1)
    length_scale, signal = np.linspace(0.3, 0.8, d), 2.0
    gp = GaussianProcess(
        kernel,
        length_scale=length_scale,
        signal_variance=signal,
        noise_variance=noise_variance,
        mean=0.0,
    ).fit(X, y)
    oracle = GaussianProcessRegressor(
        sklearns(kernel, length_scale, signal),
        alpha=noise_variance + JITTER * signal,
        optimizer=None,
    ).fit(X, y)
    mean, std = gp.predict(new, return_std=True)
    oracle_mean, oracle_std = oracle.predict(new, return_std=True)
    # Without noise the squared exponential in one dimension has a condition number near 1e10.
    precision = {"rtol": 1e-8, "atol": 1e-8} if noise_variance else {"rtol": 1e-5, "atol": 1e-6}
    np.testing.assert_allclose(mean, oracle_mean, **precision)
    np.testing.assert_allclose(std, oracle_std, **precision)
    np.testing.assert_allclose(
        gp.predict(new, return_cov=True)[1], oracle.predict(new, return_cov=True)[1], **precision
    )
    value, gradient = gp.log_marginal_likelihood([], eval_gradient=True)
    assert value == gp.log_marginal_likelihood_value_
    assert value == pytest.approx(oracle.log_marginal_likelihood_value_, rel=precision["rtol"])
    assert gradient.size == gp.theta_.size == 0


@both_kernels
def test_scikit_learn_learns_the_same(kernel):
    X, y = data(60, 2)
    y = y - y.mean()
    gp = GaussianProcess(kernel, noise_variance=None, mean=0.0, prior=False).fit(X, y)
    oracle = GaussianProcessRegressor(sklearns(kernel, [0.3, 0.6], 1.0) + WhiteKernel(0.01), alpha=0.0).fit(
        X, y
    )
    assert gp.log_marginal_likelihood_value_ == pytest.approx(oracle.log_marginal_likelihood_value_, abs=1e-4)
    signal, *length_scale, noise = np.exp(oracle.kernel_.theta)
    np.testing.assert_allclose(gp.length_scale_, length_scale, rtol=0.02)
    np.testing.assert_allclose(gp.signal_variance_, signal, rtol=0.02)
    np.testing.assert_allclose(gp.noise_variance_, noise, rtol=0.02)


@both_kernels
def test_it_is_a_conditioned_multivariate_gaussian(kernel):
    X, y = data(6, 2)
    new, _ = data(5, 2, seed=1)
    everything = np.vstack([X, new])
    joint = 1.5 * correlation(kernel, everything, everything, 0.4)
    joint[np.diag_indices(6)] += 0.02
    observed = dict(enumerate(y))
    expected = MultivariateGaussian(np.full(11, 0.3), joint).condition(observed)
    gp = GaussianProcess(kernel, length_scale=0.4, signal_variance=1.5, noise_variance=0.02, mean=0.3).fit(
        X, y
    )
    mean, cov = gp.predict(new, return_cov=True)
    np.testing.assert_allclose(mean, expected.mean, atol=1e-7)
    np.testing.assert_allclose(cov, expected.covariance, atol=1e-7)
    assert gp.log_marginal_likelihood_value_ == pytest.approx(
        MultivariateGaussian(np.full(6, 0.3), joint[:6, :6]).logpdf(y), abs=1e-5
    )


@both_kernels
def test_a_learned_mean_is_a_mean_with_a_very_wide_prior(kernel):
    """A flat prior is the limit of N(0, b): add b to all covariances (R&W Eq. 2.39 to 2.45)."""
    X, y = data(8, 2)
    new, _ = data(5, 2, seed=1)
    wide = 1e4  # wider, and the sums below lose too many digits
    everything = np.vstack([X, new])
    joint = wide + 1.5 * correlation(kernel, everything, everything, 0.4)
    joint[np.diag_indices(8)] += 0.02
    expected = MultivariateGaussian(np.zeros(13), joint).condition(dict(enumerate(y)))
    gp = GaussianProcess(kernel, length_scale=0.4, signal_variance=1.5, noise_variance=0.02)
    mean, cov = gp.fit(X, y).predict(new, return_cov=True)
    np.testing.assert_allclose(mean, expected.mean, atol=1e-3)
    np.testing.assert_allclose(cov, expected.covariance, atol=1e-3)
    # The density of the mean at its prior is 1 / sqrt(2 pi b), which the flat prior leaves out.
    evidence = MultivariateGaussian(np.zeros(8), joint[:8, :8]).logpdf(y)
    assert gp.log_marginal_likelihood_value_ == pytest.approx(
        evidence + 0.5 * np.log(2 * np.pi * wide), abs=1e-3
    )


# The gradient and the optimum


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 1000),
    st.integers(2, 15),
    st.integers(1, 4),
    st.sampled_from(sorted(KERNELS)),
    st.booleans(),
)
def test_likelihood_gradient_is_the_finite_difference(seed, n, d, kernel, learn_mean):
    rng = np.random.default_rng(seed)
    pairs, y = Pairs.of(rng.random((n, d)), np.arange(d) == 3), rng.standard_normal(n)
    theta = np.append(rng.uniform(-1.5, 0.5, d), rng.uniform([-1, -6], [1, -1]))

    def value(theta):
        return log_marginal_likelihood(theta, pairs, y, KERNELS[kernel], learn_mean)[0]

    _, gradient, _ = log_marginal_likelihood(theta, pairs, y, KERNELS[kernel], learn_mean)
    step = 1e-5
    numeric = [
        (value(theta + step * unit) - value(theta - step * unit)) / (2 * step) for unit in np.eye(d + 2)
    ]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-5 * max(1, abs(value(theta))))


@pytest.mark.parametrize("mean", [None, 0.2])
def test_without_a_prior_the_likelihood_is_flat_at_the_learned_values(mean):
    X, y = data(40, 2)
    gp = GaussianProcess(noise_variance=None, mean=mean, prior=False).fit(X, y)
    value, gradient = gp.log_marginal_likelihood(eval_gradient=True)
    np.testing.assert_allclose(gradient, 0, atol=0.05)  # theta_ is rounded
    assert value > gp.log_marginal_likelihood(gp.theta_ + 0.1)


def test_only_what_is_none_is_learned():
    X, y = data(25, 2)
    gp = GaussianProcess(length_scale=[0.5, 0.7], noise_variance=None, mean=0.1).fit(X, y)
    np.testing.assert_allclose(gp.length_scale_, [0.5, 0.7])
    assert gp.mean_ == 0.1
    assert gp.theta_ == pytest.approx(np.log([gp.signal_variance_, gp.noise_variance_]))
    gp = GaussianProcess(signal_variance=2.0, noise_variance=0.03).fit(X, y)
    assert (gp.signal_variance_, gp.noise_variance_) == pytest.approx((2.0, 0.03))
    assert gp.theta_ == pytest.approx(np.log(gp.length_scale_))


def test_irrelevant_dimensions_get_long_length_scales():
    rng = np.random.default_rng(0)
    X = rng.random((60, 3))
    gp = GaussianProcess().fit(X, np.sin(6 * X[:, 1]))
    assert gp.length_scale_[[0, 2]].min() > 3 * gp.length_scale_[1]


def test_noise_is_found_and_predicted():
    X, y = data(150, 1, noise=0.3)
    gp = GaussianProcess(noise_variance=None).fit(X, y)
    assert gp.noise_variance_ == pytest.approx(0.09, rel=0.3)
    new = [0.2, 0.7]
    _, function_std = gp.predict(new, return_std=True)
    _, observation_std = gp.predict(new, return_std=True, noise=True)
    np.testing.assert_allclose(observation_std**2 - function_std**2, gp.noise_variance_)
    _, cov = gp.predict(new, return_cov=True, noise=True)
    np.testing.assert_allclose(np.sqrt(cov.diagonal()), observation_std)


# Predictions


@both_kernels
def test_exact_observations_are_met_and_the_band_grows_between_them(kernel):
    x, y = [0.0, 1.0, 3.0], [1.0, -1.0, 0.5]
    gp = GaussianProcess(kernel).fit(x, y)
    mean, std = gp.predict(x, return_std=True)
    np.testing.assert_allclose(mean, y, atol=1e-6)
    assert std.max() < 1e-3
    _, (near, middle) = gp.predict([1.1, 2.0], return_std=True)
    assert 1e-2 < near < middle


@both_kernels
@pytest.mark.parametrize("mean", [None, 0.0])
def test_prediction_gradient_is_the_finite_difference(kernel, mean):
    X, y = data(25, 3)
    gp = GaussianProcess(kernel, noise_variance=None, mean=mean).fit(X, y)
    new, _ = data(6, 3, seed=1)
    value, std, value_gradient, std_gradient = gp.predict_gradient(new)
    np.testing.assert_array_equal((value, std), gp.predict(new, return_std=True))
    step = 1e-5
    for j, unit in enumerate(np.eye(3)):
        above = gp.predict(new + step * unit, return_std=True)
        below = gp.predict(new - step * unit, return_std=True)
        numeric = (np.array(above) - np.array(below)) / (2 * step)
        np.testing.assert_allclose((value_gradient[:, j], std_gradient[:, j]), numeric, atol=1e-6)


def test_prediction_gradient_is_finite_where_nothing_is_uncertain():
    gp = GaussianProcess(length_scale=1.0, signal_variance=1.0, mean=0.0).fit([0.0], [1.0])
    solution = gp._posterior.solution._replace(cholesky=np.array([[0.5]]))  # rounding, exaggerated
    gp._posterior = gp._posterior._replace(solution=solution)
    _, std, _, std_gradient = gp.predict_gradient([0.0])
    assert std == 0 and std_gradient == 0


def test_posterior_samples_agree_with_the_prediction():
    X, y = data(12, 1, noise=0.0)
    gp = GaussianProcess().fit(X, y)
    new = np.linspace(0, 1, 40)
    functions = gp.sample(new, 4000, np.random.default_rng(0))
    mean, std = gp.predict(new, return_std=True)
    assert functions.shape == (4000, 40)
    assert (np.abs(functions.mean(axis=0) - mean) < 5 * std / np.sqrt(4000) + 1e-5).all()
    np.testing.assert_allclose(functions.std(axis=0), std, rtol=0.1, atol=1e-4)
    np.testing.assert_allclose(gp.sample(X, 3, np.random.default_rng(0)), [y] * 3, atol=1e-3)


def test_prior_samples_need_no_data():
    x = np.linspace(0, 10, 200)
    functions = GaussianProcess().sample(x, 2000, np.random.default_rng(0))
    assert functions.std() == pytest.approx(1.0, abs=0.05)
    correlations = np.corrcoef(functions[:, [0, 20]].T)[0, 1]
    assert correlations == pytest.approx(
        correlation("matern52", x[:1, None], x[20:21, None], 1.0)[0, 0], abs=0.1
    )
    shifted = GaussianProcess(length_scale=[1.0, 2.0], signal_variance=1e-4, mean=7.0)
    assert shifted.sample(np.ones((3, 2)), 5, np.random.default_rng(0)) == pytest.approx(7, abs=0.1)


# Invariances


@settings(deadline=None, max_examples=15)
@given(st.integers(-12, 12), st.integers(-12, 12), st.floats(-1e3, 1e3))
def test_units_and_origin_do_not_matter(x_exponent, y_exponent, shift):
    X, y = data(12, 2)
    x_unit, y_unit = 10.0**x_exponent, 10.0**y_exponent
    new, _ = data(5, 2, seed=1)
    mean, std = GaussianProcess(noise_variance=None).fit(X, y).predict(new, return_std=True)
    gp = GaussianProcess(noise_variance=None).fit(x_unit * (X + shift), y_unit * (y + shift))
    other_mean, other_std = gp.predict(x_unit * (new + shift), return_std=True)
    np.testing.assert_allclose(other_mean / y_unit - shift, mean, atol=1e-3)
    np.testing.assert_allclose(other_std / y_unit, std, atol=1e-3)


def test_the_order_of_the_observations_does_not_matter():
    X, y = data(20, 2)
    new, _ = data(5, 2, seed=1)
    order = np.random.default_rng(0).permutation(20)
    first = GaussianProcess(noise_variance=0.01).fit(X, y).predict(new, return_std=True)
    second = GaussianProcess(noise_variance=0.01).fit(X[order], y[order])
    np.testing.assert_allclose(second.predict(new, return_std=True), first, atol=1e-5)


# What it must hold up on


@both_kernels
@pytest.mark.parametrize("noise_variance", [0.0, None])
@pytest.mark.parametrize("prior", [True, False])
@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([3.0], [7.0]),
        ([3.0, 3.0], [7.0, 8.0]),
        ([1.0, 2.0], [5.0, 6.0]),
        ([1.0, 2.0, 3.0], [0.1, 0.1, 0.1]),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]),
        ([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]], [1.0, -1.0, 1.0]),
        ([1.0, 1.0, 2.0, 2.0, 3.0], [1.0, 3.0, -1.0, 0.0, 2.0]),
        ([1.0, 1.0 + 1e-9, 3.0], [1.0, 2.0, 1.5]),
        ([1.0, 2.0, 3.0, 4.0], [1e12, 2e12, -1e12, 0.0]),
        ([1.0, 2.0, 3.0, 4.0], [1e-12, 2e-12, -1e-12, 0.0]),
        ([1e9, 1e9 + 1, 1e9 + 3], [1e6 + 0.1, 1e6 + 0.2, 1e6 + 0.3]),
    ],
    ids=[
        "one point",
        "one point twice",
        "two points",
        "constant",
        "constant zero",
        "constant input",
        "repeats",
        "nearly repeats",
        "huge",
        "tiny",
        "far from the origin",
    ],
)
def test_difficult_data(kernel, noise_variance, prior, X, y):
    X, y = np.asarray(X), np.asarray(y)
    gp = GaussianProcess(kernel, noise_variance=noise_variance, prior=prior).fit(X, y)
    new = np.concatenate([X, X + 0.3])
    mean, std = gp.predict(new, return_std=True)
    span = np.ptp(y) or abs(y[0]) or 1.0
    assert np.isfinite(mean).all() and np.isfinite(std).all()
    if prior:
        assert (y.min() - span <= mean).all() and (mean <= y.max() + span).all()
        assert (std < 100 * span).all()
    assert np.isfinite(gp.sample(new, 2, np.random.default_rng(0))).all()


def test_exact_observations_of_one_input_are_averaged():
    x, y = np.array([0.0, 1.0, 1.0, -0.0]), np.array([0.0, 1.0, 2.0, 1.0])
    gp, averaged = GaussianProcess().fit(x, y), GaussianProcess().fit([0.0, 1.0], [0.5, 1.5])
    np.testing.assert_allclose(gp.predict([0.0, 1.0]), [0.5, 1.5], atol=1e-6)
    assert gp.signal_variance_ < 10 * averaged.signal_variance_


def test_repeated_noisy_observations_sharpen_the_prediction():
    options = {"length_scale": 1.0, "signal_variance": 1.0, "noise_variance": 0.5, "mean": 0.0}
    _, once = GaussianProcess(**options).fit([0.0], [1.0]).predict([0.0], return_std=True)
    nine = GaussianProcess(**options).fit([0.0] * 9, [1.0] * 9)
    mean, std = nine.predict([0.0], return_std=True)
    assert mean[0] == pytest.approx(1 / (1 + 0.5 / 9))
    assert std[0] == pytest.approx(np.sqrt(1 - 1 / (1 + 0.5 / 9))) and std[0] < once[0]


def test_a_thousand_points():
    X, y = data(1000, 2)
    gp = GaussianProcess(noise_variance=None).fit(X, y)
    truth = np.sin(X @ [5.0, 2.5])
    mean, std = gp.predict(X, return_std=True)
    assert np.sqrt(np.mean((mean - truth) ** 2)) < 0.03
    assert np.mean(np.abs(mean - truth) < 1.96 * std) > 0.8


def test_a_thousand_exact_points_on_a_line_need_no_more_than_the_jitter():
    x = np.linspace(0, 1, 1000)
    gp = GaussianProcess("squared_exponential", length_scale=0.3, signal_variance=1.0)
    mean, std = gp.fit(x, np.sin(6 * x)).predict(x + 0.0005, return_std=True)
    np.testing.assert_allclose(mean, np.sin(6 * (x + 0.0005)), atol=1e-5)
    assert std.max() < 1e-3 and gp.jitter_ == JITTER


def test_jitter_grows_until_the_decomposition_succeeds():
    """Correlations above 1 do not exist; here they stand for rounding errors."""
    pairs, y, theta = (
        Pairs.of(np.zeros((2, 1)), np.zeros(1, bool)),
        np.array([0.0, 1.0]),
        np.array([0, 0, -np.inf]),
    )

    def solve(excess):
        return log_marginal_likelihood(theta, pairs, y, lambda r2: (1 + excess + r2, r2), False)[2]

    assert solve(-1e-3).jitter == JITTERS[0]
    assert solve(3e-8).jitter == pytest.approx(1e-7)
    with pytest.raises(np.linalg.LinAlgError, match="give a noise_variance"):
        solve(1e-3)


# As a scikit-learn estimator


def test_scikit_learn_can_clone_score_search_and_store_it():
    X, y = data(60, 2)
    gp = GaussianProcess("squared_exponential", noise_variance=None, length_scale=[0.3, 0.5])
    copy = clone(gp)
    assert copy.get_params() == gp.get_params()
    assert copy.set_params(prior=False).prior is False
    assert cross_val_score(GaussianProcess(noise_variance=None), X, y, cv=3).min() > 0.8
    pipeline = make_pipeline(StandardScaler(), GaussianProcess(noise_variance=None))
    assert pipeline.fit(X, y).score(X, y) > 0.8
    search = GridSearchCV(GaussianProcess(noise_variance=None), {"kernel": sorted(KERNELS)}, cv=3)
    assert search.fit(X, y).best_params_["kernel"] in KERNELS
    restored = pickle.loads(pickle.dumps(gp.fit(X, y)))
    np.testing.assert_array_equal(restored.predict(X), gp.predict(X))
    assert gp.n_features_in_ == 2
    assert repr(gp).startswith("GaussianProcess(")


@pytest.mark.parametrize("method", ["predict", "predict_gradient"])
def test_predicting_before_fitting_is_an_error(method):
    with pytest.raises(NotFittedError):
        getattr(GaussianProcess(), method)([1.0])
    with pytest.raises(NotFittedError):
        GaussianProcess().log_marginal_likelihood()


def test_vectors_columns_and_lists_are_one_dimension():
    x, y = np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.0, 2.0])
    expected = GaussianProcess().fit(x, y).predict([2.0])
    assert expected.shape == (1,)
    for X, Y in ((x[:, None], y[:, None]), (x.tolist(), y.tolist())):
        np.testing.assert_array_equal(GaussianProcess().fit(X, Y).predict([[2.0]]), expected)


def test_fitting_leaves_the_arguments_alone():
    X, y = data(10, 2)
    before = X.copy(), y.copy()
    GaussianProcess().fit(X, y)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


# Bad input


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([1.0, 2.0], [1.0], "one number for each of the 2 rows"),
        ([[1.0], [2.0]], [[1.0, 2.0], [3.0, 4.0]], "one number for each of the 2 rows"),
        ([1.0, np.nan], [1.0, 2.0], "X must be finite"),
        ([1.0, 2.0], [1.0, np.inf], "y must be finite"),
        ([], [], "X must have shape"),
        (1.0, [1.0], "X must have shape"),
        (np.zeros((2, 2, 2)), [1.0, 2.0], "X must have shape"),
    ],
)
def test_wrong_data_are_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        GaussianProcess().fit(X, y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "cubic"}, "kernel must be one of 'matern52', .* got 'cubic'"),
        ({"length_scale": -1.0}, "length_scale must be None, a positive number or 2 of them, got -1.0"),
        ({"length_scale": [1.0, 2.0, 3.0]}, "length_scale .* or 2 of them, got \\[1.0, 2.0, 3.0\\]"),
        ({"length_scale": [1.0, np.nan]}, "length_scale"),
        ({"signal_variance": 0.0}, "signal_variance must be a finite number above 0, got 0.0"),
        ({"signal_variance": np.inf}, "signal_variance"),
        ({"noise_variance": -1e-3}, "noise_variance must be a finite number of at least 0, got -0.001"),
        ({"mean": np.nan}, "mean must be a finite number, got nan"),
        ({"mean": [1.0, 2.0]}, r"mean must be a finite number, got \[1.0, 2.0\]"),
        ({"mean": "a"}, "mean must be a finite number, got 'a'"),
        ({"prior": 1}, "prior must be True or False, got 1"),
        ({"categorical_features": [True]}, "categorical_features must be None or 2 of True and False"),
        ({"categorical_features": [0, 1]}, "categorical_features must be None or 2 of True and False"),
    ],
)
def test_wrong_hyperparameters_are_refused(options, message):
    gp = GaussianProcess(**options)
    with pytest.raises((TypeError, ValueError), match=message):
        gp.fit(*data(5, 2))
    with pytest.raises((TypeError, ValueError), match=message):
        gp.sample(np.ones((3, 2)), 1, np.random.default_rng(0))


def test_inputs_must_keep_their_number_of_columns():
    gp = GaussianProcess().fit(*data(5, 2))
    with pytest.raises(ValueError, match="X must have as many columns as in fit, 2, got 1"):
        gp.predict(np.ones((3, 1)))


# What is believed of hyperparameters before


def test_the_prior_is_normal_in_the_logarithms():
    X, y_scale = np.array([[0.0, 0], [2.0, 1], [4.0, 1]]), 3.0
    prior = Prior.of(X, np.array([False, True]), y_scale)
    center = [0.25 * np.sqrt(2) * 4, 0.5 * np.sqrt(2), 2 * 9, 0.01 * 9]
    np.testing.assert_allclose(np.exp(prior.center), center)
    theta = np.array([0.3, -1.0, 2.0, -5.0])
    oracle = stats.norm(np.log(center), [1, 1, 1.5, 2])
    value, gradient = prior.log_density(theta)
    peak, _ = prior.log_density(prior.center)
    assert value - peak == pytest.approx((oracle.logpdf(theta) - oracle.logpdf(np.log(center))).sum())
    step = 1e-6 * np.eye(4)
    numeric = [(prior.log_density(theta + u)[0] - prior.log_density(theta - u)[0]) / 2e-6 for u in step]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6)


def test_with_a_prior_the_posterior_is_flat_at_the_learned_values():
    X, y = data(12, 2)
    gp = GaussianProcess(noise_variance=None).fit(X, y)
    centered = y - y.mean()
    prior = Prior.of(X, np.zeros(2, bool), np.sqrt(np.mean(centered**2)))
    _, of_likelihood = gp.log_marginal_likelihood(eval_gradient=True)
    _, of_prior = prior.log_density(gp.theta_)
    np.testing.assert_allclose(of_likelihood + of_prior, 0, atol=0.05)
    assert np.abs(of_prior).max() > 0.1


def test_what_is_rough_and_exact_is_not_taken_for_noise():
    """The likelihood has two tops: short length scales without noise, or long ones with much of it."""
    x = np.linspace(0, 1, 60)
    y = np.sin(60 * x) + 0.5 * x
    gp = GaussianProcess(noise_variance=None).fit(x, y)
    assert gp.noise_variance_ < 0.01 * y.var() and gp.length_scale_[0] < 0.1


# Categories


def test_categories_are_the_same_or_at_a_distance_of_1():
    """One column of 0 and 1/sqrt(2) a category, all with one length scale, is the same model."""
    rng = np.random.default_rng(0)
    kinds, x = rng.integers(4, size=30), rng.random(30)
    y = np.sin(5 * x) + kinds
    options = {"signal_variance": 2.0, "noise_variance": 0.01, "mean": 0.0}
    ours = GaussianProcess(length_scale=[0.5, 0.8], categorical_features=[False, True], **options)
    ours.fit(np.column_stack([x, kinds]), y)
    columns = (kinds[:, None] == np.arange(4)) / np.sqrt(2)
    theirs = GaussianProcess(length_scale=[0.5] + [0.8] * 4, **options).fit(np.column_stack([x, columns]), y)
    new = np.array([[0.3, 2], [0.9, 0]])
    new_columns = (new[:, 1:] == np.arange(4)) / np.sqrt(2)
    for mine, other in zip(
        ours.predict(new, return_std=True),
        theirs.predict(np.column_stack([new[:, :1], new_columns]), return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(mine, other, rtol=1e-9)
    assert ours.log_marginal_likelihood_value_ == pytest.approx(theirs.log_marginal_likelihood_value_)


# Observations of any size


@pytest.mark.parametrize("factor", [1e-300, 1e-160, 1e160, 1e300])
def test_the_size_of_observations_does_not_matter(factor):
    X, y = data(20, 2)
    with np.errstate(all="raise"):
        plain = GaussianProcess(noise_variance=None).fit(X, y)
        scaled = GaussianProcess(noise_variance=None).fit(X, y * factor)
        mean, std = scaled.predict(X[:5] + 0.01, return_std=True)
    expected_mean, expected_std = plain.predict(X[:5] + 0.01, return_std=True)
    np.testing.assert_allclose(mean / factor, expected_mean, rtol=0.01, atol=0.01)
    np.testing.assert_allclose(std / factor, expected_std, rtol=0.05)


@pytest.mark.parametrize("y", [[1.7e308, -1.7e308, 1.7e308], [5e-324, 0.0, 1e-323], [1e300, 1e-10, 0.0]])
def test_every_finite_observation_is_taken(y):
    with np.errstate(all="raise"):
        gp = GaussianProcess(noise_variance=None).fit([0.0, 0.5, 1.0], y)
        mean, std = gp.predict([0.25], return_std=True)
        gradients = gp.predict_gradient([0.25])
    assert np.isfinite([*mean, *std]).all() and all(np.isfinite(g).all() for g in gradients)


def test_a_generator_is_wanted():
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator, got None"):
        GaussianProcess().sample([0.0, 1.0], 2, None)


def test_inputs_whose_squares_are_no_numbers_are_refused():
    model = GaussianProcess().fit([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    assert np.isfinite(model.predict([1e150])).all()
    with pytest.raises(ValueError, match="X must be finite and within ±1e\\+150, got .*1e\\+155"):
        model.predict([1e155])
    with pytest.raises(ValueError, match="X must be finite and within"):
        GaussianProcess().fit([-1.7e308, 0, 1.7e308], [1.0, 2.0, 3.0])
