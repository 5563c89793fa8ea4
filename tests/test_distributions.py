"""Distributions against SciPy's, and their values against themselves."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats
from spaces_to_try import NUMBERS, REALS, STEPPED, between

from hpo_helpers import Choice, Integer, LogInteger, LogNormal, LogUniform, Normal, Ordered, Uniform

UNITS = st.floats(0, 1)


@given(NUMBERS, UNITS)
def test_values_are_values(distribution, u):
    value = distribution.type(distribution.from_unit(u))
    assert distribution.low <= value <= distribution.high
    assert distribution.contains(value) and distribution.holds(value)
    assert 0 <= distribution.to_unit(value) <= 1


@given(NUMBERS, st.lists(UNITS, min_size=1, max_size=9))
def test_arrays_have_the_values_of_their_numbers(distribution, units):
    together = distribution.from_unit(np.array(units))
    np.testing.assert_allclose(together, [distribution.from_unit(u) for u in units], rtol=1e-12)
    assert distribution.contains(together).all()


@given(NUMBERS)
def test_beyond_the_unit_interval_are_its_ends(distribution):
    for u, beyond in ((0.0, -1.0), (1.0, 2.0)):
        assert distribution.from_unit(beyond) == distribution.from_unit(u)


@pytest.mark.parametrize("kind", [Uniform, LogUniform, Integer, LogInteger])
def test_the_unit_interval_ends_at_the_bounds(kind):
    np.testing.assert_allclose(kind(3, 8).from_unit([0, 1]), [3, 8], rtol=1e-15)


@given(STEPPED, st.data())
def test_a_value_with_a_cell_comes_back_from_the_unit_interval(distribution, data):
    k = data.draw(st.integers(0, int(distribution.size) - 1))
    step = distribution.step
    value = float(distribution.unscaled(distribution.scaled(distribution.low + k * step)))
    assert value == pytest.approx(distribution.low + k * step, rel=1e-9, abs=1e-9)
    assert distribution.from_unit(distribution.to_unit(value)) == value
    assert distribution.snapped(np.array([0.3])) == distribution.to_unit(distribution.from_unit(0.3))


@given(REALS, st.floats(1e-6, 1 - 1e-6))
def test_a_real_number_comes_back_from_the_unit_interval(distribution, u):
    spread = abs(distribution.end - distribution.start)
    if spread > 1e-6 * max(abs(distribution.start), abs(distribution.end)):
        assert distribution.to_unit(distribution.from_unit(u)) == pytest.approx(u, abs=1e-6)
    assert distribution.snapped(u) == u


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Uniform(-1, 4), stats.uniform(-1, 5)),
        (LogUniform(1e-5, 2.0), stats.loguniform(1e-5, 2.0)),
        (Normal(2, 3), stats.norm(2, 3)),
        (Normal(2, 3, low=0), stats.truncnorm(-2 / 3, np.inf, 2, 3)),
        (Normal(2, 3, 1, 3), stats.truncnorm(-1 / 3, 1 / 3, 2, 3)),
        (Normal(0, 1, 6, 7), stats.truncnorm(6, 7)),
        (Normal(0, 1, 20, 21), stats.truncnorm(20, 21)),
        (Normal(0, 1, -21, -20), stats.truncnorm(-21, -20)),
        (LogNormal(-1, 0.5), stats.lognorm(0.5, scale=math.exp(-1))),
    ],
)
def test_quantiles_are_those_of_scipy(ours, theirs):
    u = np.linspace(0.001, 0.999, 41)
    x = theirs.ppf(u)
    np.testing.assert_allclose(ours.from_unit(u), x, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(ours.to_unit(x), u, atol=1e-9)


def test_a_bounded_lognormal_is_a_bounded_normal_of_the_logarithm():
    u = np.linspace(0, 1, 21)
    of_logarithm = Normal(1, 2, math.log(0.1), math.log(9)).from_unit(u)
    np.testing.assert_allclose(LogNormal(1, 2, 0.1, 9).from_unit(u), np.exp(of_logarithm), rtol=1e-12)


def draws(distribution, n=5000):
    rng = np.random.default_rng(0)
    return [distribution.sample(rng) for _ in range(n)]


@pytest.mark.parametrize(
    ("distribution", "values"),
    [
        (Integer(3, 7), [3, 4, 5, 6, 7]),
        (Integer(-4, 8, step=4), [-4, 0, 4, 8]),
        (Uniform(0.1, 0.7, step=0.2), [0.1, 0.3, 0.5, 0.7]),
        (Ordered([16, 32, 64]), [0, 1, 2]),
        (Choice(["a", "b", "c"]), [0, 1, 2]),
    ],
)
def test_every_value_with_a_step_is_as_likely_as_any_other(distribution, values):
    found, counts = np.unique(draws(distribution), return_counts=True)
    assert found.tolist() == values and distribution.size == len(values)
    assert stats.chisquare(counts).pvalue > 0.01
    assert {type(value) for value in draws(distribution, 9)} == {type(values[0])}


def test_log_integers_have_the_share_of_their_cell():
    shares = np.diff(np.log(np.arange(0.5, 7))) / np.log(13)
    assert stats.chisquare(np.bincount(draws(LogInteger(1, 6)))[1:], 5000 * shares).pvalue > 0.01


def test_cells_fill_the_scale():
    for distribution in (Integer(2, 5), LogInteger(2, 5), Uniform(0, 1, 0.25), Ordered(list("abcd"))):
        values = distribution.low + np.arange(distribution.size) * distribution.step
        begin, end = distribution.cells(values)
        np.testing.assert_allclose(begin[1:], end[:-1], atol=1e-15)
        np.testing.assert_allclose([begin[0], end[-1]], [distribution.start, distribution.end])


def test_the_normal_density_of_each_distribution():
    assert (Uniform(2, 6).center, Uniform(2, 6).width) == (4, 4)
    assert (Integer(2, 6).center, Integer(2, 6).width) == (4, 5)
    assert (Normal(1, 2, 0, 9).center, Normal(1, 2, 0, 9).width) == (1, 2)
    assert (LogUniform(1, math.exp(2)).center, LogUniform(1, math.exp(2)).width) == (1, 2)
    assert (LogNormal(3, 4).center, LogNormal(3, 4).width) == (3, 4)


def test_only_a_choice_is_without_order():
    assert Ordered([1, 2]).ordered and Integer(1, 2).ordered and not Choice([1, 2]).ordered


def test_holds_wants_the_right_kind_of_number():
    assert Uniform(0, 1).holds(1) and Uniform(0, 1).holds(np.float32(0.5))
    assert not any(map(Uniform(0, 1).holds, (1.1, math.nan, True, "0.5", None, 1j)))
    assert Integer(1, 3).holds(np.int64(3)) and Integer(0, 9, 3).holds(6)
    assert not any(map(Integer(1, 3).holds, (0, 2.0, True, "2", 10**400)))
    assert not Integer(0, 9, 3).holds(10**400)
    assert not Integer(0, 9, 3).holds(5) and not Uniform(0, 1, 0.5).holds(0.4)
    assert Uniform(0, 1, 0.1).holds(0.1 + 0.2)
    assert Choice(list("abc")).holds(2)
    assert not Choice(list("abc")).holds(3)
    assert Normal(0, 1).holds(99.0) and not any(map(Normal(0, 1).holds, (math.inf, -math.inf, math.nan)))
    assert LogNormal(0, 1).holds(99.0) and not any(map(LogNormal(0, 1).holds, (0.0, 0, -1.0, math.inf)))


@pytest.mark.filterwarnings("error")
def test_contains_takes_whatever_number():
    numbers = np.array([math.inf, -math.inf, math.nan, 0, 3, 4.5, 9, 12, 3 + 1e-6, 1e308])
    inside = [False, False, False, True, True, False, True, False, False, False]
    assert Integer(0, 9, 3).contains(numbers).tolist() == inside
    assert Uniform(0, 0.9, 0.3).contains(numbers / 10).tolist() == inside


def test_numbers_are_what_one_would_write():
    assert Uniform(0, 1, 0.1).from_unit(np.linspace(0, 1, 11)).tolist()[3] == 0.3
    assert {Uniform(0, 1, 0.1).sample(np.random.default_rng(k)) for k in range(99)} == {
        *(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    }


def test_few_doubles_between_the_bounds_are_no_trouble():
    for distribution in (
        Uniform(1, 1 + 5e-16),
        LogUniform(1, math.nextafter(1, 2)),
        LogUniform(5, 5 + 1e-15),
    ):
        with np.errstate(all="raise"):
            value = distribution.sample(np.random.default_rng(0))
            assert distribution.contains(value) and 0 <= distribution.to_unit(value) <= 1


def test_wide_numbers_raise_nothing_when_numpy_is_told_to():
    with np.errstate(all="raise"):
        for distribution in (
            Normal(0, 1),
            LogNormal(0, 70),
            LogUniform(1e-300, 1e300),
            Uniform(-8e307, 8e307),
        ):
            ends = distribution.from_unit(np.array([0.0, 0.5, 1.0]))
            assert distribution.to_unit(ends) == pytest.approx([0, 0.5, 1])


@given(between(st.floats(-9, 9)))
def test_a_description_of_itself(bounds):
    uniform = Uniform(*bounds)
    assert eval(repr(uniform)) == uniform and uniform == Uniform(*bounds)


# ---------------------------------------------------------------- bad arguments


@pytest.mark.parametrize("kind", [Uniform, LogUniform, Integer, LogInteger])
@pytest.mark.parametrize(("low", "high"), [(3, 2), (2, 2)])
def test_bounds_in_the_wrong_order_are_refused(kind, low, high):
    with pytest.raises(ValueError, match=rf"low of {kind.__name__} must be less than high, {high}"):
        kind(low, high)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Uniform(0, math.inf), "high of Uniform must be a finite number, got inf"),
        (lambda: Uniform(math.nan, 1), "low of Uniform must be a finite number, got nan"),
        (lambda: Uniform(-1.7e308, 1.7e308), "high - low of Uniform must be finite"),
        (lambda: LogUniform(0, 1), "low of LogUniform must be positive .* got 0"),
        (lambda: LogInteger(-1, 5), "low of LogInteger must be positive .* got -1"),
        (lambda: Integer(1, 2.5), "high of Integer must be an integer within .* got 2.5"),
        (lambda: Integer(0, 2**41), "high of Integer must be an integer within"),
        (lambda: Integer(0, 5, 2), "step of Integer must lead from 0 to 5, got 2.0; it leads to 4"),
        (lambda: Integer(0, 5, 2.5), "step of Integer must lead from 0 to 5, got 2.5"),
        (lambda: Integer(0, 5, 0), "step of Integer must be a finite number above .*, got 0"),
        (lambda: Uniform(0, 1, 0.3), "step of Uniform must lead from 0.0 to 1.0, got 0.3; it leads to 0.9"),
        (lambda: Uniform(0, 1, -0.5), "step of Uniform must be a finite number above .*, got -0.5"),
        (lambda: Normal(0, 0), "std of Normal must be a finite number above 0, got 0"),
        (lambda: Normal(math.nan, 1), "mean of Normal must be a finite number, got nan"),
        (lambda: Normal(0, 1, 2, 1), "low of Normal must be less than high, 1.0, got 2.0"),
        (lambda: Normal(0, 1, 60, 70), "std of Normal must leave, within the bounds, something to draw"),
        (lambda: LogNormal(0, 1000), "std of LogNormal must leave, within the bounds, something to draw"),
        (lambda: LogNormal(0, 1, low=-1), "low of LogNormal must be positive .* got -1"),
        (lambda: Choice([]), r"options of Choice must be a list of at least one, .* got \[\]"),
        (lambda: Ordered("abc"), "options of Ordered must be a list of at least one, .* got 'abc'"),
        (lambda: Choice({"a": 1}), "options of Choice must be a list"),
        (lambda: Choice(3), "options of Choice must be a list of at least one, .* got 3"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("low", ["1", None, True, 1j, [1]])
def test_bounds_that_are_no_numbers_are_refused(low):
    with pytest.raises(TypeError, match="low of Uniform must be a finite number, got"):
        Uniform(low, 2)


def test_bounds_become_plain_numbers():
    assert repr(Uniform(np.float32(0), 1)) == "Uniform(low=0.0, high=1.0, step=None)"
    assert repr(LogInteger(np.int64(1), 1e3)) == "LogInteger(low=1, high=1000)"
    assert Normal(0, 1, low=None) == Normal(0, 1)


def test_a_generator_is_wanted():
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator, got 0; pass numpy.random"):
        Uniform(0, 1).sample(0)


@pytest.mark.parametrize(
    "half", [Normal(0, 1, low=0), Normal(100, 20, low=100), LogNormal(0, 1, low=1), Normal(0, 1, high=0)]
)
def test_half_a_normal_distribution_begins_at_its_mean(half):
    whole = Normal(half.mean, half.std) if not half.log else LogNormal(half.mean, half.std)
    low = half.scaled(half.low) if half.high == math.inf else -math.inf
    u = np.linspace(0.01, 0.99, 9)
    z = half.quantile(u)
    np.testing.assert_allclose(half.cdf(z), u)
    expected = 2 * (whole.cdf(z) - (0.5 if math.isfinite(low) else 0))
    np.testing.assert_allclose(expected, u)


@pytest.mark.parametrize(
    ("distribution", "low"),
    [(Normal, -0.6), (Normal, -0.8), (Normal, -0.123), (LogNormal, 0.25), (LogNormal, 0.88)],
)
def test_a_normal_distribution_with_one_bound_is_scipys_and_has_an_end(distribution, low):
    z = math.log(low) if distribution is LogNormal else low
    oracle, u = stats.truncnorm(z, math.inf), np.linspace(0.001, 0.999, 99)
    for one in (distribution(0, 1, low=low), distribution(0, 1, low, 1e12)):  # a bound that nothing reaches
        np.testing.assert_allclose(one.quantile(u), oracle.ppf(u), atol=1e-12)
        assert 8 < one.quantile(1.0) < 8.3


SMALL = [(0, 1, 1e-8), (1e7, 1e7 + 1, 0.1), (0, 1, 1e-10), (1e5, 1e5 + 1, 1 / 7), (0, 1, 1 / 700_000)]


@pytest.mark.parametrize("one", [Uniform(*bounds) for bounds in [*SMALL, (1e7, 1e7 + 1, 1 / 3)]])
def test_small_steps_are_values(one):
    rng = np.random.default_rng(0)
    drawn = np.array([one.sample(rng) for _ in range(200)])
    assert one.contains(drawn).all()
    assert not one.contains(drawn[drawn < one.high] + 0.4 * one.step).any()


def test_a_step_that_doubles_cannot_tell_is_refused():
    with pytest.raises(ValueError, match="step of Uniform must be a finite number above 4547.47, got 1"):
        Uniform(1e16, 1e16 + 100, 1)


@pytest.mark.parametrize("scale", [1e-308, 1e-300, 1e-290, 1e-100, 1.0])
def test_steps_may_be_as_small_as_floats_are(scale):
    distribution = Uniform(0, 10 * scale, step=scale)
    values = distribution.from_unit(np.linspace(0, 1, 101))
    assert np.unique(np.rint(values / scale)).tolist() == list(range(11))
    assert distribution.contains(values).all()
