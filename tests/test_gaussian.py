import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import multivariate_normal

from hpo_helpers import MultivariateGaussian

MEAN, COVARIANCE = np.array([0.0, 1.0]), np.array([[1.0, 0.7], [0.7, 2.5]])


def random_gaussian(seed, d):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((d, d))
    return MultivariateGaussian(rng.standard_normal(d), root @ root.T + 0.1 * np.eye(d)), rng


def smooth_gaussian(d=100):
    """Neighbors correlate so strongly that the covariance is singular to machine precision."""
    x = np.linspace(0, 1, d)
    return MultivariateGaussian(np.sin(x), np.exp(-0.5 * ((x[:, None] - x) / 0.3) ** 2))


def test_samples_have_the_mean_and_covariance():
    samples = MultivariateGaussian(MEAN, COVARIANCE).sample(100_000, np.random.default_rng(0))
    assert samples.shape == (100_000, 2)
    # Standard errors are 0.005 for the mean and 0.011 for the largest entry.
    np.testing.assert_allclose(samples.mean(axis=0), MEAN, atol=0.02)
    np.testing.assert_allclose(np.cov(samples.T), COVARIANCE, atol=0.05)


def test_the_same_generator_gives_the_same_samples():
    gaussian = MultivariateGaussian(MEAN, COVARIANCE)
    first, second = (gaussian.sample(3, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_logpdf_is_scipys(d):
    gaussian, rng = random_gaussian(d, d)
    x = rng.standard_normal((20, d))
    oracle = multivariate_normal(gaussian.mean, gaussian.covariance)
    np.testing.assert_allclose(gaussian.logpdf(x), oracle.logpdf(x), rtol=1e-10)
    assert gaussian.logpdf(x[0]) == pytest.approx(oracle.logpdf(x[0]), rel=1e-10)


def test_condition_by_hand():
    conditioned = MultivariateGaussian(MEAN, COVARIANCE).condition({0: 2.0})
    np.testing.assert_allclose(conditioned.mean, [1 + 0.7 * 2])
    np.testing.assert_allclose(conditioned.covariance, [[2.5 - 0.7**2]])


@given(st.integers(0, 10_000), st.integers(2, 6), st.data())
def test_joint_density_is_marginal_times_conditional(seed, d, data):
    gaussian, rng = random_gaussian(seed, d)
    known = data.draw(st.lists(st.integers(0, d - 1), min_size=1, max_size=d - 1, unique=True))
    x = rng.standard_normal(d)
    rest = np.setdiff1d(np.arange(d), known)
    marginal = multivariate_normal(gaussian.mean[known], gaussian.covariance[np.ix_(known, known)])
    conditional = gaussian.condition(known, x[known])
    assert conditional.mean.size == rest.size
    assert marginal.logpdf(x[known]) + conditional.logpdf(x[rest]) == pytest.approx(
        gaussian.logpdf(x), abs=1e-6
    )


def test_condition_picks_the_matching_samples():
    gaussian, rng = random_gaussian(3, 3)
    samples = gaussian.sample(1_000_000, rng)
    value = gaussian.mean[1] + 0.5
    near = samples[np.abs(samples[:, 1] - value) < 0.02][:, [0, 2]]
    conditioned = gaussian.condition({1: value})
    error = 5 * np.sqrt(np.diag(conditioned.covariance) / len(near)) + 0.01
    assert (np.abs(near.mean(axis=0) - conditioned.mean) < error).all()
    np.testing.assert_allclose(np.cov(near.T), conditioned.covariance, rtol=0.1, atol=0.05)


def test_condition_accepts_a_mapping_or_coordinates_in_any_order():
    gaussian, _ = random_gaussian(0, 4)
    results = [
        gaussian.condition({3: 1.0, 0: -1.0}),
        gaussian.condition([0, 3], [-1.0, 1.0]),
        gaussian.condition({0: -1.0}).condition({2: 1.0}),  # 3 is now the last of three
    ]
    for result in results[1:]:
        np.testing.assert_allclose(result.mean, results[0].mean)
        np.testing.assert_allclose(result.covariance, results[0].covariance)


def test_smooth_functions_in_100_dimensions():
    gaussian = smooth_gaussian()
    samples = gaussian.sample(50, np.random.default_rng(0))
    assert np.abs(np.diff(samples, n=2)).max() < 0.01  # drawn as lines they are smooth curves
    known = {20: 1.0, 50: -1.0, 80: 0.5}
    functions = gaussian.condition(known).sample(50, np.random.default_rng(0))
    # What remains of 21, which stood beside the known 20, is now at place 20.
    assert np.abs(functions[:, 20] - 1.0).max() < 0.3
    std = np.sqrt(gaussian.condition(known).covariance.diagonal())
    assert std[20] < std[24] < std[34] and std[34] > 0.1


def test_condition_on_all_but_one_of_100_smooth_coordinates():
    gaussian = smooth_gaussian()
    values = gaussian.sample(1, np.random.default_rng(1))[0]
    others = [i for i in range(100) if i != 37]
    conditioned = gaussian.condition(others, values[others])
    assert conditioned.mean[0] == pytest.approx(values[37], abs=1e-4)
    assert 0 <= conditioned.covariance[0, 0] < 1e-10


def test_condition_on_nothing_changes_nothing():
    gaussian, _ = random_gaussian(0, 3)
    conditioned = gaussian.condition({})
    np.testing.assert_allclose(conditioned.mean, gaussian.mean)
    np.testing.assert_allclose(conditioned.covariance, gaussian.covariance, atol=1e-12)


def test_units_decide_nothing():
    """Neither what a step size of 1e-5 says beside units of 1000, nor whether there is a density."""
    gaussian, units = MultivariateGaussian([0, 0, 0], [[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]]), [1e-5, 1e3, 1]
    other = MultivariateGaussian([0, 0, 0], gaussian.covariance * np.outer(units, units))
    conditioned = other.condition({0: 1e-5, 1: 0.0})
    np.testing.assert_allclose(conditioned.mean, [0.9])
    np.testing.assert_allclose(conditioned.covariance, [[0.19]])
    density = gaussian.logpdf([1, 1, 1]) - np.log(np.prod(units))
    assert other.logpdf(units) == pytest.approx(density, rel=1e-12)


def test_condition_on_two_copies_of_one_coordinate():
    gaussian = MultivariateGaussian([0.0, 0.0, 0.0], [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])
    conditioned = gaussian.condition({0: 2.0, 1: 2.0})
    np.testing.assert_allclose(conditioned.mean, [1.0])
    np.testing.assert_allclose(conditioned.covariance, [[0.75]])


@pytest.mark.parametrize("coordinates", [(0, 1), (2, 0)])
def test_ellipse_lies_at_its_mahalanobis_distance(coordinates):
    gaussian, _ = random_gaussian(5, 3)
    curve = gaussian.ellipse(2.0, coordinates, n_points=50)
    pair = list(coordinates)
    offset = curve - gaussian.mean[pair]
    precision = np.linalg.inv(gaussian.covariance[np.ix_(pair, pair)])
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", offset, precision, offset), 4.0)
    np.testing.assert_allclose(curve[0], curve[-1])
    assert curve.shape == (50, 2)


def test_singular_ellipse_is_a_line():
    curve = MultivariateGaussian([0.0, 0.0], [[1.0, 1.0], [1.0, 1.0]]).ellipse(1.0)
    np.testing.assert_allclose(curve[:, 0], curve[:, 1], atol=1e-7)
    assert curve.max() == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(
    ("mean", "covariance", "message"),
    [
        (0.0, [[1.0]], "mean must be a vector"),
        ([], np.zeros((0, 0)), "mean must be a vector"),
        ([0.0, 1.0], [[1.0]], r"covariance must have shape \(2, 2\)"),
        ([0.0, np.nan], COVARIANCE, "must be finite"),
        ([0.0, 1.0], [[1.0, np.inf], [np.inf, 1.0]], "must be finite"),
        ([0.0, 1.0], [[1.0, 0.7], [0.6, 1.0]], "must be symmetric"),
        ([0.0, 1.0], [[1.0, 1.1], [1.1, 1.0]], "positive semi-definite"),
    ],
)
def test_what_is_not_a_gaussian_is_refused(mean, covariance, message):
    with pytest.raises(ValueError, match=message):
        MultivariateGaussian(mean, covariance)


@pytest.mark.parametrize(
    ("observed", "values", "message"),
    [
        ({2: 1.0}, None, "coordinates from 0 to 1"),
        ({-1: 1.0}, None, "coordinates from 0 to 1"),
        ([0, 0], [1.0, 1.0], "coordinates from 0 to 1"),
        ({0: 1.0, 1: 1.0}, None, "leave out at least one"),
        ([0], None, "values must be 1 finite"),
        ([0], [1.0, 2.0], "values must be 1 finite"),
        ({0: np.nan}, None, "values must be 1 finite"),
    ],
)
def test_wrong_conditions_are_refused(observed, values, message):
    with pytest.raises(ValueError, match=message):
        MultivariateGaussian(MEAN, COVARIANCE).condition(observed, values)


def test_logpdf_refuses_a_singular_covariance_and_wrong_shapes():
    with pytest.raises(ValueError, match="singular"):
        smooth_gaussian().logpdf(np.zeros(100))
    with pytest.raises(ValueError, match="2 numbers a row"):
        MultivariateGaussian(MEAN, COVARIANCE).logpdf([1.0, 2.0, 3.0])


def test_a_gaussian_owns_its_arrays_and_shows_them():
    mean = MEAN.copy()
    gaussian = MultivariateGaussian(mean, COVARIANCE)
    mean[0] = 5.0
    assert gaussian.mean[0] == 0.0
    assert repr(gaussian).startswith("MultivariateGaussian(mean=array([0., 1.])")
