"""Distributions against SciPy's, and the tree of parameters against itself."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hpo_helpers.spaces import (
    Choice,
    Integer,
    LogInteger,
    LogUniform,
    Parameter,
    Uniform,
    describe,
    flatten,
    parameters,
    sample,
    unflatten,
)

UNITS = st.floats(0, 1)
FLOATS = st.floats(-1e300, 1e300)
WIDE = st.integers(-(2**40), 2**40)

TREE = {
    "step": LogUniform(0.01, 0.5),
    "layers": Choice(
        [
            {"n_layers": 1, "n_units_layer": [Integer(50, 1000)]},
            {"n_layers": 2, "n_units_layer": (Integer(50, 1000), LogInteger(50, 1000))},
            Choice(["deep", {"depth": Integer(3, 9)}]),
        ]
    ),
    "activation": Choice([math.tanh, "relu", None]),
    "fixed": [1, "two", (3.0, None)],
    "batch_size": LogInteger(16, 512),
}


def between(bounds):
    """Strategy of two different numbers in order."""
    return st.tuples(bounds, bounds).map(sorted).filter(lambda pair: pair[0] < pair[1])


NUMBERS = st.one_of(
    between(FLOATS).map(lambda pair: Uniform(*pair)),
    between(st.floats(1e-300, 1e300)).map(lambda pair: LogUniform(*pair)),
    between(WIDE).map(lambda pair: Integer(*pair)),
    between(st.integers(1, 2**40)).map(lambda pair: LogInteger(*pair)),
)
CONSTANTS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.floats(-9, 9))
SPACES = st.recursive(
    NUMBERS | CONSTANTS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, min_size=1, max_size=3).map(Choice),
        st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
        st.lists(inner, max_size=3).map(lambda children: tuple(["tuple", *children])),
    ),
    max_leaves=12,
)


@given(NUMBERS, UNITS)
def test_values_are_plain_numbers_within_the_bounds(distribution, u):
    value = distribution.from_unit(u)
    assert type(value) is type(distribution.low)
    assert distribution.contains(value)
    assert 0 <= distribution.to_unit(value) <= 1


@given(NUMBERS)
def test_the_unit_interval_ends_at_the_bounds(distribution):
    for u, beyond, bound in ((0, -1, distribution.low), (1, 2, distribution.high)):
        assert distribution.from_unit(u) == pytest.approx(bound, rel=1e-12)
        assert distribution.from_unit(beyond) == distribution.from_unit(u)


@given(between(WIDE), st.data())
def test_an_integer_comes_back_from_the_unit_interval(bounds, data):
    k = data.draw(st.integers(*bounds))
    distribution = Integer(*bounds)
    assert distribution.from_unit(distribution.to_unit(k)) == k
    if bounds[0] > 0:
        distribution = LogInteger(*bounds)
        assert distribution.from_unit(distribution.to_unit(k)) == k


@given(UNITS)
def test_a_real_number_comes_back_from_the_unit_interval(u):
    for distribution in (Uniform(-3, 5), LogUniform(1e-6, 1e6)):
        assert distribution.to_unit(distribution.from_unit(u)) == pytest.approx(u, abs=1e-12)


@given(UNITS)
def test_quantiles_are_those_of_scipy(u):
    expected = stats.loguniform(1e-5, 2.0).ppf(u)
    assert LogUniform(1e-5, 2.0).from_unit(u) == pytest.approx(expected, rel=1e-9)
    assert Uniform(-1, 4).from_unit(u) == pytest.approx(stats.uniform(-1, 5).ppf(u), abs=1e-12)


def test_every_integer_is_as_likely_as_any_other():
    rng = np.random.default_rng(0)
    counts = np.bincount([Integer(3, 7).sample(rng) for _ in range(5000)], minlength=8)[3:]
    assert stats.chisquare(counts).pvalue > 0.01


def test_log_integers_have_the_share_of_their_cell():
    rng = np.random.default_rng(0)
    draws = [LogInteger(1, 6).sample(rng) for _ in range(5000)]
    shares = np.diff(np.log(np.arange(0.5, 7))) / np.log(13)
    assert stats.chisquare(np.bincount(draws)[1:], 5000 * shares).pvalue > 0.01


def test_choices_are_indices_in_equal_cells():
    choice = Choice(["a", "b", "c", "d"])
    assert [choice.from_unit(u) for u in (0, 0.24, 0.25, 0.6, 1, -1, 2)] == [0, 0, 1, 2, 3, 0, 3]
    assert [choice.from_unit(choice.to_unit(index)) for index in range(4)] == [0, 1, 2, 3]
    rng = np.random.default_rng(0)
    assert stats.chisquare(np.bincount([choice.sample(rng) for _ in range(999)])).pvalue > 0.01
    assert choice.contains(3) and not choice.contains(4) and not choice.contains(True)


def test_contains_wants_the_right_kind_of_number():
    assert Uniform(0, 1).contains(1) and Uniform(0, 1).contains(np.float32(0.5))
    assert not any(map(Uniform(0, 1).contains, (1.1, math.nan, True, "0.5", None, 1j)))
    assert Integer(1, 3).contains(np.int64(3))
    assert not any(map(Integer(1, 3).contains, (0, 2.0, True, "2")))


@pytest.mark.parametrize("kind", [Uniform, LogUniform, Integer, LogInteger])
def test_bounds_in_the_wrong_order_are_refused(kind):
    for low, high in ((3, 2), (2, 2)):
        with pytest.raises(ValueError, match="low must be less than high, got .*=3|2.*"):
            kind(low, high)


@pytest.mark.parametrize(
    ("kind", "low", "high", "message"),
    [
        (Uniform, 0, math.inf, "high of Uniform must be finite, got inf"),
        (Uniform, math.nan, 1, "low of Uniform must be finite, got nan"),
        (Uniform, -1.7e308, 1.7e308, "high - low must be finite"),
        (LogUniform, 0, 1, "low of LogUniform must be positive .* got 0"),
        (LogInteger, -1, 5, "low of LogInteger must be positive .* got -1"),
        (Integer, 1, 2.5, "high of Integer must be an integer .* got 2.5"),
        (Integer, 0, 2**41, "high of Integer must be an integer within"),
    ],
)
def test_bounds_out_of_range_are_refused(kind, low, high, message):
    with pytest.raises(ValueError, match=message):
        kind(low, high)


@pytest.mark.parametrize("low", ["1", None, True, 1j])
def test_bounds_that_are_no_numbers_are_refused(low):
    with pytest.raises(TypeError, match="low of Uniform must be a number, got"):
        Uniform(low, 2)


def test_bounds_become_plain_numbers():
    assert repr(Uniform(np.float32(0), 1)) == "Uniform(low=0.0, high=1.0)"
    assert repr(LogInteger(np.int64(1), 1e3)) == "LogInteger(low=1, high=1000)"


def test_a_choice_needs_a_list_of_options():
    with pytest.raises(ValueError, match="at least one option"):
        Choice([])
    for options in ("abc", {"a": 1}, 3):
        with pytest.raises(TypeError, match=r"options must be a list, .* got"):
            Choice(options)


@given(SPACES, st.integers(0, 99))
def test_flatten_and_unflatten_are_inverse(space, seed):
    configuration = sample(space, np.random.default_rng(seed))
    values = flatten(space, configuration)
    assert repr(unflatten(space, values)) == repr(configuration)
    assert unflatten(space, {"of no parameter": 1, **values}) == configuration


@given(SPACES, st.integers(0, 99))
def test_active_parameters_are_those_whose_conditions_hold(space, seed):
    values = flatten(space, sample(space, np.random.default_rng(seed)))
    try:
        found = parameters(space)
    except ValueError:
        assert values == {}
        return
    active = [p for p in found if all(values.get(name) == i for name, i in p.conditions)]
    assert list(values) == [p.name for p in active]
    assert all(p.distribution.contains(values[p.name]) for p in active)


def test_parameters_come_with_their_place_in_the_tree():
    found = {p.name: p for p in parameters(TREE)}
    assert list(found) == [
        "step",
        "layers",
        "layers.0.n_units_layer.0",
        "layers.1.n_units_layer.0",
        "layers.1.n_units_layer.1",
        "layers.2",
        "layers.2.1.depth",
        "activation",
        "batch_size",
    ]
    depth = Parameter("layers.2.1.depth", Integer(3, 9), (("layers", 2), ("layers.2", 1)))
    assert found["layers.2.1.depth"] == depth


def test_a_bare_distribution_is_a_space():
    assert [p.name for p in parameters(Integer(1, 3))] == ["value"]
    assert unflatten(Integer(1, 3), flatten(Integer(1, 3), np.int64(2))) == 2
    choice = Choice([{"x": Uniform(0, 1)}, "none"])
    assert flatten(choice, {"x": 0.5}) == {"value": 0, "0.x": 0.5}


def test_the_first_option_that_fits_is_meant():
    overlapping = Choice([{"x": Integer(0, 10)}, {"x": Integer(5, 20)}])
    assert flatten(overlapping, {"x": 7})["value"] == 0
    assert flatten(overlapping, {"x": 17})["value"] == 1


def test_options_that_are_equal_but_not_the_same_are_told_apart():
    choice = Choice([1, 1.0, True, "1"])
    assert [flatten(choice, option)["value"] for option in choice.options] == [0, 1, 2, 3]


def test_options_may_be_any_object():
    arrays = [np.zeros(2), np.zeros(2), len, math.nan]
    choice = Choice(arrays)
    for index, option in enumerate(arrays):
        assert flatten(choice, option) == {"value": index}
        assert unflatten(choice, {"value": index}) is option


def test_json_and_numpy_lookalikes_fit():
    space = {"x": (Integer(1, 3), Choice([np.float64(0.5), (1, 2)]))}
    values = flatten(space, {"x": [np.int32(2), [1, 2]]})
    assert unflatten(space, values) == {"x": (2, (1, 2))}
    assert flatten(space, {"x": [2, 0.5]})["x.1"] == 0


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"x": 2.0, "c": "a", "k": [1]}, r"x must lie in Uniform\(low=0.0, high=1.0\), got 2.0"),
        ({"x": 0.5, "c": "z", "k": [1]}, "c must be one of the options of its choice, got 'z'"),
        ({"x": 0.5, "c": "a", "k": [True]}, "k.0 must be the constant 1, got True"),
        ({"x": 0.5, "c": "a", "k": [1, 2]}, r"k must have the shape of \[1\], got \[1, 2\]"),
        ({"x": 0.5, "c": "a", "k": {0: 1}}, "k must have the shape"),
        ({"x": 0.5, "c": "a"}, "must have the shape of"),
        (3, "must have the shape of"),
    ],
)
def test_a_configuration_from_elsewhere_is_refused(configuration, message):
    with pytest.raises(ValueError, match=message):
        flatten({"x": Uniform(0, 1), "c": Choice(["a"]), "k": [1]}, configuration)


def test_a_missing_value_is_named():
    with pytest.raises(ValueError, match="values must hold the parameter 'x.1', got {'x.0': 1}"):
        unflatten({"x": [Integer(1, 2), Integer(1, 2)]}, {"x.0": 1})


@pytest.mark.parametrize("space", [{}, [], 3, {"a": [1, ("b", None)]}, Uniform])
def test_a_space_without_parameters_is_refused(space):
    with pytest.raises(ValueError, match="space must hold a distribution"):
        parameters(space)


def test_two_parameters_of_one_name_are_refused():
    with pytest.raises(ValueError, match="called 'a.b'; rename"):
        parameters({"a.b": Uniform(0, 1), "a": {"b": Uniform(0, 1)}})


def test_changing_a_configuration_leaves_the_space_alone():
    space = {"x": Choice([{"units": [64, 64]}])}
    sample(space, np.random.default_rng(0))["x"]["units"].append(32)
    assert space == {"x": Choice([{"units": [64, 64]}])}


@given(SPACES, SPACES)
def test_descriptions_are_json_and_tell_spaces_apart(a, b):
    first, second = describe(a), describe(b)
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    assert (json.dumps(first) == json.dumps(second)) == (repr(a) == repr(b))


@pytest.mark.parametrize("constant", [math.nan, math.inf, len, b"x", {1: 2}, {1}, 1j])
def test_what_json_cannot_hold_has_no_description(constant):
    with pytest.raises(TypeError, match="A journal cannot keep"):
        describe({"x": Choice([1, constant])})
