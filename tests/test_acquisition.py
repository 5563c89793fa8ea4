import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from hpo_helpers import (
    confidence_improvement,
    expected_improvement,
    log_expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)

means = st.floats(-50, 50)
stds = st.floats(1e-3, 50)


def log_h_by_integration(z):
    """log E[max(0, z + N)] for z < 0: the exponential is taken out, and t counts in 1 / |z|."""
    integral, _ = quad(lambda t: t * np.exp(-t - 0.5 * (t / z) ** 2), 0, np.inf, epsrel=1e-12)
    return -0.5 * z**2 - 0.5 * np.log(2 * np.pi) - 2 * np.log(-z) + np.log(integral)


# Confidence improvement and bound


def test_confidence_improvement_by_hand():
    mean, std = [1.0, 2.0, 5.0], [0.5, 1.0, 1.0]
    np.testing.assert_allclose(confidence_improvement(mean, std, 1.2), [0.2 + 0.98, 1.2 - 0.04, 0.0])
    np.testing.assert_allclose(
        confidence_improvement(mean, std, 4.0, n_std=1.0, maximize=True), [0.0, 0.0, 2.0]
    )


@given(means, stds, means)
def test_maximizing_is_minimizing_the_negative(mean, std, best):
    assert confidence_improvement(mean, std, best, maximize=True) == confidence_improvement(-mean, std, -best)


def test_confidence_improvement_is_the_clipped_bound_and_not_the_expected_improvement():
    mean, std, best = np.array([0.0, 0.9]), np.array([0.5, 1.2]), 0.2
    confidence = confidence_improvement(mean, std, best)
    np.testing.assert_allclose(confidence, best - lower_confidence_bound(mean, std))
    # They may even prefer different points.
    assert confidence.argmax() == 1
    assert expected_improvement(mean, std, best).argmax() == 0


# Expected improvement


@pytest.mark.parametrize("mean", [-1.0, 0.3, 2.0])
@pytest.mark.parametrize("margin", [0.0, 0.4])
def test_expected_improvement_is_its_integral_and_its_average(mean, margin):
    std, best = 0.7, 0.5
    value = expected_improvement(mean, std, best, margin=margin)

    def integrand(y):
        return (best - margin - y) * norm.pdf(y, mean, std)

    integral, _ = quad(integrand, mean - 40 * std, best - margin, points=[mean], epsabs=1e-13)
    assert value == pytest.approx(integral, rel=1e-8)
    draws = np.random.default_rng(0).normal(mean, std, 200_000)
    improvements = np.maximum(0, best - margin - draws)
    error = improvements.std() / np.sqrt(len(draws))
    assert abs(improvements.mean() - value) < 4 * error


@given(means, stds, means)
def test_expected_improvement_is_at_least_that_of_the_mean(mean, std, best):
    assert expected_improvement(mean, std, best) >= max(0.0, best - mean)


@given(means, stds, means, st.floats(1.001, 3))
def test_expected_improvement_grows_with_the_standard_deviation(mean, std, best, factor):
    narrow, wide = expected_improvement([mean, mean], [std, factor * std], best)
    assert narrow <= wide
    log_narrow, log_wide = log_expected_improvement([mean, mean], [std, factor * std], best)
    assert log_narrow <= log_wide + 1e-14 * abs(log_wide)
    if mean > best:
        assert log_narrow < log_wide


@given(means, stds, means, st.floats(1e-3, 10))
def test_expected_improvement_falls_with_the_mean(mean, std, best, step):
    low, high = log_expected_improvement([mean, mean + step], [std, std], best)
    assert low > high


@given(means, stds, means)
def test_log_is_the_logarithm_where_expected_improvement_does_not_underflow(mean, std, best):
    value = expected_improvement(mean, std, best)
    assume(value > 1e-250)
    assert log_expected_improvement(mean, std, best) == pytest.approx(np.log(value), abs=1e-9)


@pytest.mark.parametrize("z", [-1.001, -2, -5, -30, -199.9, -200.1, -1e3, -1e4, -1e6])
def test_log_expected_improvement_in_the_far_tail(z):
    assert log_expected_improvement(-z, 1.0, 0.0) == pytest.approx(
        log_h_by_integration(z), rel=1e-13, abs=1e-11
    )


@pytest.mark.parametrize("seam", [-1.0, -200.0])
def test_log_expected_improvement_has_no_step_where_its_formula_changes(seam):
    z = seam + np.linspace(-1e-6, 1e-6, 401) * abs(seam)
    value = log_expected_improvement(-z, np.ones_like(z), 0.0)
    slopes = np.diff(value) / np.diff(z)
    np.testing.assert_allclose(slopes, slopes.mean(), rtol=1e-3)


def test_log_expected_improvement_orders_what_underflows():
    z = -np.logspace(-3, 8, 20_001)
    value = log_expected_improvement(-z, np.ones_like(z), 0.0)
    assert np.isfinite(value).all()
    assert (np.diff(value) < 0).all()
    assert (expected_improvement(-z[-1000:], np.ones(1000), 0.0) == 0).all()


@given(means, stds, means, st.floats(-20, 20))
def test_units_do_not_matter(mean, std, best, log_unit):
    unit = np.exp(log_unit)
    scaled = log_expected_improvement(unit * mean, unit * std, unit * best)
    expected = log_expected_improvement(mean, std, best) + log_unit
    assert scaled == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_extreme_ratios_give_no_warning():
    mean, std = [1e300, -1e300, -1.0], [1e-300, 1e-300, 1e-310]
    np.testing.assert_allclose(log_expected_improvement(mean, std, 0.0), [-np.inf, np.log(1e300), 0.0])
    np.testing.assert_allclose(expected_improvement(mean, std, 0.0), [0.0, 1e300, 1.0])
    np.testing.assert_allclose(probability_of_improvement(mean, std, 0.0), [0.0, 1.0, 1.0])


def test_without_uncertainty_the_improvement_is_sure():
    mean, std, best = [1.0, 2.0, 3.0], [0.0, 0.0, 0.0], 2.0
    np.testing.assert_array_equal(expected_improvement(mean, std, best), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(log_expected_improvement(mean, std, best), [0.0, -np.inf, -np.inf])
    np.testing.assert_array_equal(probability_of_improvement(mean, std, best), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(confidence_improvement(mean, std, best), [1.0, 0.0, 0.0])


# Probability of improvement


@given(means, stds, means, st.floats(0, 5))
def test_probability_of_improvement_is_the_distribution_function(mean, std, best, margin):
    value = probability_of_improvement(mean, std, best, margin=margin)
    assert value == pytest.approx(norm.cdf(best - margin, mean, std), rel=1e-9, abs=1e-300)


def test_probability_of_improvement_counts_draws():
    draws = np.random.default_rng(1).normal(1.0, 2.0, 100_000)
    assert probability_of_improvement(1.0, 2.0, 0.0) == pytest.approx(np.mean(draws < 0), abs=0.006)


# Bad input


@pytest.mark.parametrize(
    "function",
    [
        confidence_improvement,
        expected_improvement,
        log_expected_improvement,
        probability_of_improvement,
    ],
)
@pytest.mark.parametrize(
    ("mean", "std", "best", "message"),
    [
        (np.ones(3), np.ones((3, 1)), 0.0, "std must have the shape of mean"),
        (np.ones(3), np.ones(2), 0.0, "std must have the shape of mean"),
        ([1.0], [-1.0], 0.0, "std must not be negative"),
        ([np.nan], [1.0], 0.0, "mean must be finite"),
        ([1.0], [np.inf], 0.0, "std must be finite"),
        ([1.0], [1.0], np.nan, "best must be a finite number"),
        ([1.0], [1.0], [0.0], "best must be a finite number"),
    ],
)
def test_wrong_predictions_are_refused(function, mean, std, best, message):
    with pytest.raises((TypeError, ValueError), match=message):
        function(mean, std, best)


def test_wrong_bounds_are_refused():
    with pytest.raises(ValueError, match="std must have the shape of mean"):
        lower_confidence_bound([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: expected_improvement([0.0], [1.0], 0.0, margin=None),
            "margin must be a finite number, got None",
        ),
        (lambda: lower_confidence_bound([0.0], [1.0], n_std="a"), "n_std must be a finite number.*, got 'a'"),
        (lambda: confidence_improvement([0.0], [1.0], 0.0, maximize="no"), "maximize must be True or False"),
    ],
)
def test_wrong_options_are_refused(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_numpy_may_be_told_to_raise():
    with np.errstate(all="raise"):
        for function in (expected_improvement, log_expected_improvement, probability_of_improvement):
            function([0.0, 90.0, 1e9], [1.0, 1.0, 1e-9], 0.0)


def test_a_list_of_lists_is_scored_in_its_own_shape():
    mean = np.arange(6.0).reshape(2, 3)
    for function in (expected_improvement, log_expected_improvement, probability_of_improvement):
        assert function(mean, np.ones((2, 3)), 1.0).shape == (2, 3)
