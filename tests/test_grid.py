"""The grid against nested loops."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import norm

from hpo_helpers import (
    Choice,
    Exhausted,
    GridSampler,
    Integer,
    LogInteger,
    LogNormal,
    LogUniform,
    Normal,
    Ordered,
    RandomSampler,
    Search,
    Space,
    Uniform,
    minimize,
)
from hpo_helpers.samplers.grid import combinations, every

TREE = {
    "x": Uniform(0, 1),
    "layers": Choice(
        [
            [],
            [Integer(1, 3)],
            {"units": (Integer(1, 3), Integer(1, 3)), "f": Choice(["a", "b"])},
        ]
    ),
    "fixed": 3,
    "step": LogUniform(0.01, 1),
}


def points(space, n_points):
    trials = minimize(lambda c: 0.0, space, sampler=GridSampler(n_points), seed=0, progress=False)
    return [trial.configuration for trial in trials]


def test_the_last_parameter_changes_fastest():
    space = {"x": Uniform(0, 1), "k": Integer(1, 3), "f": Choice(["a", "b"])}
    expected = [{"x": x, "k": k, "f": f} for x, k, f in product([0.0, 0.5, 1.0], [1, 2, 3], ["a", "b"])]
    assert points(space, 3) == expected
    assert GridSampler(3).size(space) == 18


def test_each_option_has_a_grid_of_its_own_parameters():
    units = [1, 2, 3]
    layers = [[], *([k] for k in units)]
    layers += [{"units": (a, b), "f": f} for a, b, f in product(units, units, "ab")]
    expected = [
        {"x": x, "layers": layer, "fixed": 3, "step": pytest.approx(step)}
        for x, layer, step in product([0.0, 0.5, 1.0], layers, [0.01, 0.1, 1.0])
    ]
    assert points(TREE, 3) == expected
    assert GridSampler(3).size(TREE) == 3 * (1 + 3 + 18) * 3


def test_choices_right_under_choices_are_told_apart():
    space = Choice([Choice(["a", "b"]), "c", Choice([Integer(1, 2), "d"])])
    assert points(space, 2) == ["a", "b", "c", 1, 2, "d"]


def test_log_distributions_have_log_spaced_points():
    np.testing.assert_allclose(points(LogUniform(1e-4, 1), 5), np.logspace(-4, 0, 5))
    np.testing.assert_allclose(points(Uniform(-1, 1), 5), np.linspace(-1, 1, 5))
    assert points(LogInteger(1, 512), 4) == [1, 7, 61, 512]


@given(st.integers(-20, 20), st.integers(1, 30), st.integers(2, 60))
def test_integers_are_spread_without_repetition(low, width, n_points):
    values = points(Integer(low, low + width), n_points)
    assert len(set(values)) == len(values) == min(n_points, width + 1)
    assert values == sorted(values) and (values[0], values[-1]) == (low, low + width)
    assert np.ptp(np.diff(values)) <= 1


def test_log_integers_that_round_to_one_count_once():
    assert points(LogInteger(1, 9), 50) == list(range(1, 10))


def test_a_single_point_is_the_middle():
    assert points([Uniform(2, 4), LogUniform(0.01, 100), Integer(1, 9)], 1) == [[3.0, pytest.approx(1.0), 5]]


def test_numbers_of_points_by_name():
    n_points = {
        "x": 1,
        "layers.1.0": 2,
        "layers.2.units.0": 1,
        "layers.2.units.1": 3,
        "step": 2,
    }
    assert GridSampler(n_points).size(TREE) == 1 * (1 + 2 + 1 * 3 * 2) * 2
    assert len(points(TREE, n_points)) == 18


@pytest.mark.parametrize("n_points", [{"x": 2}, {"x": 2, "y": 2, "f": 2}, {"x": 2, "z": 2}])
def test_names_that_are_not_those_of_the_space_are_refused(n_points):
    space = {"x": Uniform(0, 1), "y": Uniform(0, 1), "f": Choice("ab".split())}
    with pytest.raises(ValueError, match=r"n_points must name .*\['x', 'y'\], got \['x'"):
        GridSampler(n_points).size(space)


@pytest.mark.parametrize("n_points", [0, -1, 2.5, True, "3", {"x": 0}])
def test_bad_numbers_of_points_are_refused(n_points):
    with pytest.raises((TypeError, ValueError), match="n_points must be an integer of at least 1, got"):
        GridSampler(n_points)


def test_a_huge_grid_is_never_made():
    space = Space([Uniform(0, 1) for _ in range(100)])
    sampler = GridSampler(10)
    assert sampler.size(space) == 10**100
    assert list(sampler.suggest(space, [], np.random.default_rng(0)).values()) == [0.0] * 100


def test_a_finished_grid_stops():
    search = Search(Uniform(0, 1), sampler=GridSampler(2))
    assert [search.ask().configuration for _ in range(2)] == [0.0, 1.0]
    with pytest.raises(Exhausted):
        search.ask()


def test_every_point_is_in_the_space_and_comes_once():
    space = Space(TREE)
    found = [tuple(space.read(point).items()) for point in points(TREE, 4)]
    assert len(set(found)) == len(found) == GridSampler(4).size(TREE)


def test_the_default_number_of_trials_is_that_of_the_grid():
    assert len(points([Uniform(0, 1), Uniform(0, 1)], 10)) == 100


@pytest.mark.parametrize("n_before", [1, 4, 30])
def test_a_grid_after_other_trials_leaves_no_point_out(n_before):
    space = {"k": Integer(1, 5), "f": Choice(["a", "b", "c"])}
    search = Search(space, sampler=RandomSampler(), seed=0)
    for _ in range(n_before):
        search.tell(search.ask(), 0.0)
    search.sampler = GridSampler(5)
    before = {str(t.values) for t in search.trials}
    for _ in range(15 - len(before)):
        search.tell(search.ask(), 0.0)
    assert len({str(t.values) for t in search.trials}) == 15
    with pytest.raises(Exhausted):
        search.ask()


def test_the_points_of_other_distributions():
    assert points(Ordered([16, 32, 64]), 5) == [16, 32, 64]
    assert points(Uniform(0, 1, 0.25), 3) == [0.0, 0.5, 1.0]
    assert points(Integer(0, 9, 3), 9) == [0, 3, 6, 9]
    np.testing.assert_allclose(points(Normal(0, 1, -2, 2), 3), [-2, 0, 2], atol=1e-12)


def test_all_combinations_are_counted_and_made():
    space = Space(
        {"k": Integer(0, 6, 3), "u": Uniform(0, 1, 0.5), "c": Choice([{"n": Integer(1, 2)}, "none"])}
    )
    found = list(combinations(list(space.parameters.values()), lambda p: every(p.distribution), {}))
    assert len({str(values) for values in found}) == len(found) == space.size == 3 * 3 * 3
    assert all(space.checked(values) == values for values in found)


def test_a_normal_number_without_a_bound_has_points_that_are_likely():
    np.testing.assert_allclose(points(Normal(0, 1), 5), norm.ppf([0.1, 0.3, 0.5, 0.7, 0.9]), atol=1e-12)
    np.testing.assert_allclose(points(LogNormal(0, 1), 3), np.exp(norm.ppf([1 / 6, 0.5, 5 / 6])))
    np.testing.assert_allclose(points(Normal(0, 1, low=0), 2), norm.ppf([0.625, 0.875]))


def test_a_grid_may_have_more_points_than_a_float_can_count():
    assert GridSampler(5).size([Uniform(0, 1)] * 500) == int(1e300)


@given(st.floats(1e-6, 1e3), st.floats(1.1, 1e9), st.integers(2, 9))
def test_the_first_and_the_last_point_are_the_bounds(low, factor, n_points):
    high = low * factor
    grid = points({"x": LogUniform(low, high), "y": Uniform(-low, high)}, {"x": n_points, "y": 2})
    assert [(c["x"], c["y"]) for c in (grid[0], grid[-1])] == [(low, -low), (high, high)]


def test_a_bound_that_was_tried_is_passed_over():
    options = {"sampler": GridSampler(3), "progress": False, "first": [0.1, 1000.0]}
    assert len(minimize(lambda step: step, LogUniform(0.1, 1000), **options)) == 3


@pytest.mark.parametrize(
    "stepped",
    [Uniform(0, 3 * 0.1, step=0.1), Uniform(1 - 0.9, 0.5, step=0.1), Uniform(0, 1e-299, step=1e-300)],
)
def test_a_grid_of_steps_comes_to_its_end(stepped):
    found = points({"y": Choice(["a", "b"]), "x": stepped}, 20)
    assert len(found) == len({tuple(c.values()) for c in found}) == 2 * stepped.size
