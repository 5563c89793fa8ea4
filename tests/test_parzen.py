"""Parzen estimators against integrals, sums and SciPy's normal density; see also test_hyperopt_rules.py."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from scipy.integrate import cumulative_trapezoid, dblquad, quad
from scipy.stats import kstest, norm, truncnorm
from spaces_to_try import NUMBERS as ANY_NUMBERS

from hpo_helpers import (
    Choice,
    Integer,
    LogInteger,
    LogNormal,
    LogUniform,
    Normal,
    Ordered,
    ParzenEstimator,
    Uniform,
)
from hpo_helpers.course.hyperopt_rules import CutAsAWhole

OPTIONS = Choice(list("abcd"))
REALS = [
    Uniform(-2, 3),
    LogUniform(0.01, 2),
    Normal(1, 2),
    LogNormal(-1, 0.5),
    Normal(0, 1, low=-0.5, high=2),
    Normal(0, 1, low=3),
    LogNormal(0, 1, low=0.5, high=4),
]
STEPPED = [Integer(-3, 9), LogInteger(1, 40), Integer(2, 23, 3), Uniform(0.1, 0.9, 0.2)]
STEPPED += [Ordered(["small", "medium", "large", "huge"])]
NUMBERS = [*REALS, *STEPPED]
WIDTHS = [None, 0.3]


def samples_of(distribution, n, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([distribution.sample(rng) for _ in range(n)], float)


def all_values(distribution):
    return distribution.low + np.arange(distribution.size) * distribution.step


def total(estimator, distribution):
    """Integrate or sum a density over all values."""
    if distribution.step is not None:
        return estimator.pdf(all_values(distribution)).sum()
    pieces = distribution.from_unit(np.linspace(0, 1, 9))
    ends = np.array([distribution.start, distribution.end])
    pieces[[0, -1]] = np.exp(ends) if distribution.log else ends
    return sum(quad(lambda x: estimator.pdf([x])[0], *ends, limit=500)[0] for ends in pairwise(pieces))


@pytest.mark.parametrize("distribution", [*NUMBERS, OPTIONS], ids=repr)
@pytest.mark.parametrize("bandwidth", WIDTHS)
def test_the_density_integrates_to_one(distribution, bandwidth):
    for n in (0, 1, 7):
        samples, weights = samples_of(distribution, n), np.arange(1, n + 1)
        estimator = ParzenEstimator(samples, distribution, weights=weights, bandwidth=bandwidth)
        assert total(estimator, distribution) == pytest.approx(1, abs=1e-7)
        assert estimator.weights.sum() == pytest.approx(1)
        assert estimator.centers.shape == estimator.widths.shape == (n + 1, 1)


def test_products_of_kernels_integrate_to_one():
    space = [Uniform(0, 2), LogInteger(1, 5), OPTIONS, LogUniform(1, 4)]
    samples = np.column_stack([samples_of(d, 6, seed) for seed, d in enumerate(space)])
    samples[:2, 1], samples[1:4, 3] = np.nan, np.nan
    estimator = ParzenEstimator(samples, space, bandwidth=[0.5, 0.4, 0.1, 0.5])
    mass = sum(
        dblquad(lambda y, x, k, c: estimator.pdf([[x, k, c, y]])[0], 0, 2, 1, 4, (k, c), epsabs=1e-4)[0]
        for k in range(1, 6)
        for c in range(4)
    )
    assert mass == pytest.approx(1, abs=1e-3)


def test_a_kernel_is_a_normal_density_cut_at_the_bounds():
    x = np.linspace(0, 1, 9)
    estimator = ParzenEstimator([0.1, 0.7], Uniform(0, 1), bandwidth=0.2, prior_weight=0.5)
    kernels = [
        weight * truncnorm((0 - mu) / sd, (1 - mu) / sd, mu, sd).pdf(x)
        for weight, mu, sd in [(0.4, 0.1, 0.2), (0.4, 0.7, 0.2), (0.2, 0.5, 1)]
    ]
    np.testing.assert_allclose(estimator.kernels(x), np.transpose(kernels), rtol=1e-12)
    np.testing.assert_allclose(estimator.pdf(x), np.sum(kernels, axis=0), rtol=1e-12)
    np.testing.assert_allclose(np.exp(estimator.logpdf(x)), estimator.pdf(x), rtol=1e-12)


def test_logarithms_and_cells():
    """The density of a log-uniform number, and the mass of integers, follow from the normal."""
    log = ParzenEstimator([0.3, 2.0], LogUniform(0.1, 4), bandwidth=0.4)
    plain = ParzenEstimator(np.log([0.3, 2.0]), Uniform(math.log(0.1), math.log(4)), bandwidth=0.4)
    x = np.linspace(0.1, 4, 9)
    np.testing.assert_allclose(log.pdf(x), plain.pdf(np.log(x)) / x, rtol=1e-10)
    cells = ParzenEstimator([2, 5], Integer(1, 6), bandwidth=1.5)
    real = ParzenEstimator([2.0, 5.0], Uniform(0.5, 6.5), bandwidth=1.5)
    masses = [quad(lambda x: real.pdf([x])[0], k - 0.5, k + 0.5)[0] for k in range(1, 7)]
    np.testing.assert_allclose(cells.pdf(range(1, 7)), masses, rtol=1e-10)


def test_a_kernel_of_an_option_is_any_option_with_the_probability_of_its_width():
    estimator = ParzenEstimator([0, 0, 2], OPTIONS, bandwidth=0.4, prior_weight=1)
    np.testing.assert_allclose(estimator.widths[:, 0], [0.4, 0.4, 0.4, 1])
    expected = 0.75 * (0.1 + 0.6 * np.array([2, 0, 1, 0]) / 3) + 0.25 * 0.25
    np.testing.assert_allclose(estimator.pdf(range(4)), expected)
    with pytest.raises(ValueError, match=r"bandwidth of a choice must be .* at most 1, got 2"):
        ParzenEstimator([0], OPTIONS, bandwidth=2)
    with pytest.raises(TypeError, match=r"bandwidth of a choice must be a finite number .*, got 'x'"):
        ParzenEstimator([0], OPTIONS, bandwidth="x")
    space = [OPTIONS, Uniform(0, 1)]
    default, given = (ParzenEstimator([[0, 0.1], [2, 0.3]], space, bandwidth=b) for b in (None, [0.5, None]))
    np.testing.assert_array_equal(default.widths, given.widths)
    np.testing.assert_array_equal(default.widths[:, 0], [0.5, 0.5, 1])


def test_a_coordinate_that_does_not_exist_is_the_priors():
    """What lies under options: two kernels, one for each option, with its own coordinate."""
    space = [Choice(["a", "b"]), Uniform(0, 1), Integer(1, 3)]
    samples = [[0, 0.3, np.nan], [1, np.nan, 2]]
    estimator = ParzenEstimator(samples, space, bandwidth=[0.2, 0.1, 0.1])
    np.testing.assert_array_equal(estimator.centers[:2, 1:], [[0.3, 2], [0.5, 2]])
    np.testing.assert_array_equal(estimator.widths[:2, 1:], [[0.1, 3], [1, 0.1]])
    first = quad(lambda x: estimator.pdf([[0, x, np.nan]])[0], 0, 1)[0]
    second = estimator.pdf([[1, np.nan, k] for k in (1, 2, 3)]).sum()
    assert first == pytest.approx(0.5) and second == pytest.approx(0.5)


def test_a_kernel_is_the_product_of_its_sample_alone_in_each_coordinate():
    """Where a sample has no coordinate it is the prior alone, which all such samples share."""
    space, widths = [Uniform(0, 1), Integer(1, 9), OPTIONS, LogUniform(1, 4)], [0.1, 0.8, 0.3, 0.2]
    samples = np.column_stack([samples_of(d, 8, seed) for seed, d in enumerate(space)])
    x = samples[4:]
    samples[[0, 3, 7], 1], samples[2:5, 2], samples[[1, 7], 3] = np.nan, np.nan, np.nan
    expected = np.full((len(x), 9), 1 / 9)
    for j, (distribution, width) in enumerate(zip(space, widths, strict=True)):
        prior = ParzenEstimator([], distribution)
        for k, value in enumerate([*samples[:, j], np.nan]):
            one = ParzenEstimator([value], distribution, bandwidth=width, prior_weight=0)
            expected[:, k] *= (prior if np.isnan(value) else one).pdf(x[:, j])
    np.testing.assert_allclose(
        ParzenEstimator(samples, space, bandwidth=widths).kernels(x), expected, rtol=1e-12
    )


def test_outside_the_bounds_and_between_integers_there_is_nothing():
    for distribution in (*NUMBERS, OPTIONS):
        estimator = ParzenEstimator(samples_of(distribution, 3), distribution)
        outside = [x for x in (-4.0, 41.0) if not distribution.contains(x)]
        assert outside or distribution == Normal(1, 2)
        assert not estimator.pdf(outside).any()
        assert np.isneginf(estimator.logpdf(outside)).all()
    assert ParzenEstimator([2], Integer(1, 3)).pdf([1.5]) == 0
    with np.errstate(all="raise"):
        assert not ParzenEstimator([2.0], Normal(0, 1)).pdf([-math.inf, math.inf]).any()
        assert not ParzenEstimator([2.0], LogNormal(0, 1)).pdf([-1, 0, math.inf]).any()
    assert ParzenEstimator([2], OPTIONS).pdf([1.5]) == 0


@pytest.mark.parametrize("distribution", [*NUMBERS, OPTIONS], ids=repr)
def test_samples_follow_the_density(distribution):
    estimator = ParzenEstimator(samples_of(distribution, 4), distribution, bandwidth=0.5)
    drawn = estimator.sample(4000, np.random.default_rng(1))
    if distribution.step is None:
        grid = distribution.unscaled(np.linspace(distribution.start, distribution.end, 9000))
        cdf = cumulative_trapezoid(estimator.pdf(grid), grid, initial=0)
        assert kstest(drawn, lambda x: np.interp(x, grid, cdf)).pvalue > 0.01
    else:
        values, counts = np.unique(drawn, return_counts=True)
        expected = estimator.pdf(values)
        error = np.sqrt(expected * (1 - expected) / 4000)
        assert (np.abs(counts / 4000 - expected) < 4 * error).all()
        assert expected.sum() > 0.99


def test_samples_of_several_coordinates_keep_what_goes_together():
    estimator = ParzenEstimator([[0.1, 0.1], [0.9, 0.9]], [Uniform(0, 1)] * 2, bandwidth=0.03, prior_weight=0)
    drawn = estimator.sample(500, np.random.default_rng(0))
    assert drawn.shape == (500, 2) and np.corrcoef(drawn.T)[0, 1] > 0.98


@given(st.lists(st.floats(0, 1), max_size=40))
def test_bandwidths_are_positive_and_at_most_the_range(samples):
    estimator = ParzenEstimator([3 * s - 1 for s in samples], Uniform(-1, 2))
    assert (estimator.widths > 0).all() and (estimator.widths <= 3).all()
    assert np.isfinite(estimator.logpdf(np.linspace(-1, 2, 9))).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bandwidth": 0}, "bandwidth must be a finite number above 0, got 0"),
        ({"bandwidth": "wide"}, "bandwidth must be a finite number above 0, got 'wide'"),
        ({"bandwidth": True}, "bandwidth must be a finite number above 0, got True"),
        ({"bandwidth": 1e-320}, "bandwidth must be from 1e-12 to 1e6 of the width of Uniform.*got 1e-320"),
        ({"bandwidth": 1e300}, "bandwidth must be from 1e-12 to 1e6 of the width of Uniform.*got 1e"),
        ({"bandwidth": [1, 2]}, "bandwidth must be one or 1"),
        ({"bandwidth": []}, "bandwidth must be one or 1"),
        ({"weights": [1]}, "weights must be 2 numbers from 0"),
        ({"weights": [1, -1]}, "weights must be 2 numbers from 0"),
        ({"weights": [1, 1e301]}, "weights must be 2 numbers from 0 to 1e300"),
        ({"weights": [1, math.nan]}, "weights must be finite"),
        ({"weights": "ab"}, "weights must be numbers"),
        ({"prior_weight": -1}, "prior_weight must be a finite number of at least 0 .*, got -1"),
        ({"prior_weight": "1"}, "prior_weight must be a finite number .*, got '1'"),
        ({"prior_weight": 0, "weights": [0, 0]}, "prior_weight must be above 0 if .* got 0"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        ParzenEstimator([0.2, 0.7], Uniform(0, 1), **options)


@pytest.mark.parametrize(
    ("samples", "distributions", "message"),
    [
        ([1.2], Uniform(0, 1), r"samples must lie in Uniform\(low=0.0, high=1.0.*\), got .*1.2"),
        ([1.5], Integer(0, 3), "samples must lie in Integer"),
        ([4], OPTIONS, "samples must lie in Choice"),
        ([math.inf], Normal(0, 1), "samples must be finite, got .*inf"),
        ([0.0], LogNormal(0, 1), "samples must lie in LogNormal.*got .*0"),
        ([[1, 2]], Uniform(0, 1), r"samples must have shape \(n,\), got the shape \(1, 2\)"),
        ([0.1, 0.2], [Uniform(0, 1)] * 2, r"samples must have shape \(n, 2\), got the shape \(2,\)"),
        (["a"], Uniform(0, 1), "samples must be numbers"),
        ([0.5], 3, r"distributions must be one or a list, such as Uniform\(0, 1\), got 3"),
        ([0.5], Uniform, "distributions must be one or a list"),
        ([0.5], [], "distributions must be one or a list"),
        ([0.5], [Uniform(0, 1), 3], "distributions must be one or a list"),
        ([0.5], None, "distributions must be one or a list, .* got None"),
    ],
)
def test_bad_samples_are_refused(samples, distributions, message):
    with pytest.raises((TypeError, ValueError), match=message):
        ParzenEstimator(samples, distributions)


def test_bad_draws_are_refused():
    estimator = ParzenEstimator([0.5], Uniform(0, 1))
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator, got 0; pass"):
        estimator.sample(3, 0)
    with pytest.raises(ValueError, match="n must be an integer of at least 0, got -1"):
        estimator.sample(-1, np.random.default_rng(0))


def test_no_sample_and_no_prior_is_refused():
    with pytest.raises(ValueError, match="prior_weight must be above 0 if"):
        ParzenEstimator([], Uniform(0, 1), prior_weight=0)


# ---------------------------------------------------------------- every distribution, every number


@pytest.mark.parametrize("distribution", REALS[2:], ids=repr)
def test_the_prior_is_the_normal_distribution_itself(distribution):
    d = distribution
    x = d.from_unit(np.linspace(0.01, 0.99, 9))
    a, b = (d.scaled(np.maximum(d.low, 1e-300)) if d.log else d.low), d.scaled(d.high)
    a = -np.inf if d.log and d.low == 0 else a
    truth = truncnorm((a - d.mean) / d.std, (b - d.mean) / d.std, d.mean, d.std).logpdf(d.scaled(x))
    ours = ParzenEstimator([], d).logpdf(x)
    np.testing.assert_allclose(ours, truth - (np.log(x) if d.log else 0), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("low", [9, 20, 30])
def test_a_tail_is_as_exact_above_as_below(low):
    """The prior is far outside of what may be drawn, on one side or on the other."""
    above, below = Normal(0, 1, low, low + 1), Normal(0, 1, -low - 1, -low)
    x = low + np.linspace(0.0001, 0.3, 7)
    options = {"bandwidth": 0.2}
    estimators = (
        ParzenEstimator([low + 0.1], above, **options),
        ParzenEstimator([-low - 0.1], below, **options),
    )
    np.testing.assert_allclose(estimators[0].logpdf(x), estimators[1].logpdf(-x), rtol=1e-12)
    truth = truncnorm(low, low + 1).logpdf(x)
    np.testing.assert_allclose(ParzenEstimator([], above).logpdf(x), truth, rtol=1e-9)
    drawn = ParzenEstimator([], above).sample(2000, np.random.default_rng(0))
    assert kstest(drawn, truncnorm(low, low + 1).cdf).pvalue > 0.01


def test_cells_far_above_a_kernel_are_as_likely_as_those_far_below():
    estimator = ParzenEstimator([50], Integer(0, 100), bandwidth=2, prior_weight=0)
    k = np.arange(0, 50)
    np.testing.assert_allclose(estimator.logpdf(k), estimator.logpdf(100 - k), rtol=1e-12)
    far = norm.logsf(29.5 / 2)  # nearly all of a tail lies in its first cell
    assert estimator.logpdf([80])[0] == pytest.approx(far, abs=1e-3)


def test_options_in_order_are_what_integers_are():
    ordered = ParzenEstimator([0, 2, 3], Ordered(list("abcd")))
    whole = ParzenEstimator([0, 2, 3], Integer(0, 3))
    np.testing.assert_array_equal(ordered.pdf(range(4)), whole.pdf(range(4)))
    np.testing.assert_array_equal(ordered.widths, whole.widths)


def test_steps_are_what_integers_are():
    stepped = ParzenEstimator([0.1, 0.3, 0.9], Uniform(0.1, 0.9, 0.2))
    whole = ParzenEstimator([0, 1, 4], Integer(0, 4))
    np.testing.assert_allclose(stepped.pdf(all_values(Uniform(0.1, 0.9, 0.2))), whole.pdf(range(5)))
    drawn = stepped.sample(50, np.random.default_rng(0))
    assert set(drawn) <= {0.1, 0.3, 0.5, 0.7, 0.9}


@given(ANY_NUMBERS, st.integers(0, 12), st.integers(0, 99), st.sampled_from([ParzenEstimator, CutAsAWhole]))
def test_any_distribution_with_every_warning_an_error(distribution, n, seed, estimator_of):
    rng = np.random.default_rng(seed)
    with np.errstate(all="raise"):
        samples = [distribution.sample(rng) for _ in range(n)]
        samples += samples[:1] * (seed % 3)
        estimator = estimator_of(samples, distribution)
        drawn = estimator.sample(20, rng)
        assert distribution.contains(drawn).all()
        densities = estimator.logpdf(np.append(drawn, samples))
        assert np.isfinite(densities).all()
        assert (estimator.widths > 0).all() and estimator.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "distribution",
    [
        Uniform(0, 5e-324),
        Uniform(1, math.nextafter(1, 2)),
        LogUniform(1e10, math.nextafter(1e10, 2e10)),
        LogUniform(5e-324, 1.7e308),
        Uniform(-8e307, 8e307),
        Integer(0, 2**40),
        Integer(-(2**40), 2**40, 2**41),
    ],
    ids=repr,
)
def test_bounds_as_near_and_as_far_as_doubles_can_tell(distribution):
    samples = np.repeat([distribution.low, distribution.high], [3, 1])
    with np.errstate(all="raise"):
        estimator = ParzenEstimator(samples, distribution)
        drawn = estimator.sample(50, np.random.default_rng(0))
        assert np.isfinite(estimator.logpdf(np.append(samples, drawn))).all()
    assert distribution.contains(drawn).all()


@given(st.floats(-1e200, 1e200))
def test_a_sample_far_out_of_what_a_normal_distribution_draws(sample):
    """It may have been told by hand."""
    assume(abs(sample) > 1e-200)
    with np.errstate(all="raise"):
        estimator = ParzenEstimator([0.1, sample, 0.2], Normal(0, 1))
        assert np.isfinite(estimator.logpdf([0.3, sample])).all()
        assert np.isfinite(estimator.sample(50, np.random.default_rng(0))).all()


@pytest.mark.parametrize("distribution", [*NUMBERS, OPTIONS, Normal(0, 1, high=1)], ids=repr)
def test_the_ends_of_the_unit_interval_draw_values_too(distribution):
    estimator = ParzenEstimator(samples_of(distribution, 5), distribution)
    low, high = np.zeros(6), np.full(6, 1 - 2.0**-53)
    with np.errstate(all="raise", divide="ignore"):
        for [(coordinate, _, center, width)] in (estimator._by_coordinate(),):
            drawn = coordinate.draw(np.append(low, high), np.tile(center, 2), np.tile(width, 2))
    assert distribution.contains(drawn).all() and np.isfinite(estimator.logpdf(drawn)).all()


def test_rows_of_different_coordinates_are_what_each_is_alone():
    space = [Choice(["a", "b"]), Uniform(0, 1), Integer(1, 3)]
    estimator = ParzenEstimator([[0, 0.3, np.nan], [1, np.nan, 2]], space)
    rows = [[0, 0.4, np.nan], [1, np.nan, 1], [1, np.nan, 3], [0, 2, np.nan]]
    alone = [estimator.pdf([row])[0] for row in rows]
    np.testing.assert_allclose(estimator.pdf(rows), alone)
    assert min(alone[:3]) > 0 == alone[3]


def test_a_choice_of_thousands_costs_no_table_of_its_options():
    many = Choice(list(range(100_000)))
    samples = samples_of(many, 200)
    estimator = ParzenEstimator(samples, many)
    assert estimator.pdf(samples[:1])[0] == pytest.approx(0.5 / 201, rel=0.01)
    assert estimator.kernels(samples[:5]).nbytes < 20_000
