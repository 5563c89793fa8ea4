"""The article's functions: their names, their signatures, and what they do."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import chisquare

from hpo_helpers import (
    Integer,
    ObjectiveError,
    confidence_improvement,
    gaussian_process,
    hyperparam_selection,
    loguniform_int,
    minimize,
    next_parameter_by_ei,
    uniform_int,
)
from hpo_helpers.course.article import ArticleSampler

# --- gaussian_process --------------------------------------------------------------------------


def test_the_articles_three_points():
    x, y = [10, 100, 200], [65, 82, 84]
    mean, std = gaussian_process(x, y, np.arange(301))
    assert mean.shape == std.shape == (301,)
    np.testing.assert_allclose(mean[x], y, atol=1e-3)
    assert std[x].max() < 0.01
    # Wide halfway between the points, wider the further away; close to them on their own scale.
    assert (std[[55, 150]] > 1).all() and (np.diff(std[200:]) > 0).all() and std[300] > std[150]
    assert std.max() < 20 and 60 < mean.min() and mean.max() < 90


def test_the_articles_two_points_and_columns():
    column = np.array([[10.0], [100.0]])
    mean, std = gaussian_process(column, [[65.0], [82.0]], [[10.0], [55.0], [100.0], [300.0]])
    assert mean.shape == std.shape == (4,)
    np.testing.assert_allclose(mean, [65, 73.5, 82, 73.5], atol=0.1)
    assert std[0] < 0.01 and std[2] < 0.01 and 5 < std[1] < std[3] < 20


@pytest.mark.parametrize(
    ("x_train", "y_train", "message"),
    [
        ([10], [65], r"y_train must hold at least two observations, got \[65\]"),
        ([], [], r"y_train must hold at least two observations, got \[\]"),
        ([10, 100, 200], [65, 82], "y must"),
        ([10, 100], [65, np.nan], "y must be finite"),
        ([10, np.nan], [65, 82], "X must be finite"),
    ],
)
def test_wrong_observations_are_refused(x_train, y_train, message):
    with pytest.raises(ValueError, match=message):
        gaussian_process(x_train, y_train, [50])


# --- next_parameter_by_ei ----------------------------------------------------------------------

means = st.floats(-1e3, 1e3)
stds = st.floats(0, 1e3)


def test_next_parameter_is_the_most_promising():
    assert next_parameter_by_ei(1.0, [1.0, 1.0, 0.9], [0.1, 0.5, 0.1], [50, 60, 70]) == 60
    assert next_parameter_by_ei(1.0, [1.0, 1.0, 0.9], [0.1, 0.1, 0.1], np.array([5, 6, 7])) == 7


def test_next_parameter_accepts_columns_beside_vectors():
    column = np.array([[1.0], [1.0], [0.9]])
    assert next_parameter_by_ei(1.0, column, [0.1, 0.5, 0.1], [50, 60, 70]) == 60
    assert next_parameter_by_ei(1.0, [1.0, 1.0, 0.9], column, ["a", "b", "c"]) == "a"


def test_next_parameter_without_uncertainty_or_hope():
    assert next_parameter_by_ei(0.0, [3.0, 1.0, 2.0], np.zeros(3), [50, 60, 70]) == 60
    assert next_parameter_by_ei(0.0, [9.0, 9.0, 8.0], [0.1, 0.2, 0.1], [50, 60, 70]) == 70


@given(st.lists(st.tuples(means, stds), min_size=1, max_size=20), means)
def test_next_parameter_maximizes_the_confidence_improvement(predictions, y_min):
    mean, std = np.array(predictions).T
    improvement = confidence_improvement(mean, std, y_min)
    chosen = next_parameter_by_ei(y_min, mean, std, range(len(mean)))
    assert improvement[chosen] == pytest.approx(improvement.max(), abs=1e-12)


@pytest.mark.parametrize(
    ("y_mean", "y_std", "x_choices", "message"),
    [
        ([1.0, 2.0], [1.0], [5, 6], "must"),
        ([1.0, 2.0], [1.0, 1.0], [5, 6, 7], "x_choices must hold one choice for each of the 2 predictions"),
        ([], [], [], "x_choices must hold one choice for each of the 0 predictions"),
    ],
)
def test_wrong_choices_are_refused(y_mean, y_std, x_choices, message):
    with pytest.raises(ValueError, match=message):
        next_parameter_by_ei(1.0, y_mean, y_std, x_choices)


def test_a_lowest_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="y_min must be a finite number, got nan"):
        next_parameter_by_ei(math.nan, [1.0, 2.0], [1.0, 1.0], [5, 6])


# --- hyperparam_selection ----------------------------------------------------------------------


def bowl(n_hidden, center=321):
    return ((n_hidden - center) / 100) ** 2 + 1


def test_the_articles_loop_is_reproduced():
    calls = []

    def func(n_hidden):
        calls.append(n_hidden)
        return bowl(n_hidden)

    best = hyperparam_selection(func, [50, 1000], n_iter=8, seed=1)
    tried, choices = calls[:2], np.arange(50, 1001)
    assert all(type(n) is int and 50 <= n <= 1000 for n in calls)
    for _ in range(2, 8):
        losses = [bowl(n) for n in tried]
        mean, std = gaussian_process(tried, losses, choices)
        proposed = next_parameter_by_ei(min(losses), mean, std, choices)
        if proposed in tried:
            break
        tried.append(proposed)
    assert calls == tried and len(calls) > 3
    assert type(best) is int and best == min(calls, key=bowl) and abs(best - 321) <= 3


def test_the_arguments_of_the_function_are_passed_on():
    for func_args in ([400], np.array([400])):
        assert abs(hyperparam_selection(bowl, (50, 1000), func_args, seed=0) - 400) <= 3


def test_a_single_iteration_gives_its_number():
    calls = []
    assert hyperparam_selection(lambda n: calls.append(n) or 1.0, [1, 9], n_iter=1) == calls[0]
    assert len(calls) == 1


def test_it_stops_at_a_loss_of_zero():
    calls = []
    best = hyperparam_selection(lambda n: calls.append(n) or 0.0, [1, 9], seed=0)
    assert calls == [best]


@pytest.mark.parametrize("seed", range(10))
def test_no_number_is_tried_twice(seed):
    """Neither among the random ones, of which failures make more than two, nor after them."""
    calls = []

    def func(n_hidden):
        calls.append(n_hidden)
        return math.nan if len(calls) < 4 else n_hidden

    best = hyperparam_selection(func, [1, 6], seed=seed)
    assert len(calls) >= 5 and len(set(calls)) == len(calls)
    assert best == min(calls[3:])


def test_the_rule_knows_nothing_of_failures():
    calls = []

    def func(n_hidden):
        calls.append(n_hidden)
        return math.nan if len(calls) == 2 else bowl(n_hidden)

    hyperparam_selection(func, [50, 1000], n_iter=4, seed=0)
    tried, choices = [calls[0], calls[2]], np.arange(50, 1001)
    mean, std = gaussian_process(tried, [bowl(n) for n in tried], choices)
    assert calls[3] == next_parameter_by_ei(min(map(bowl, tried)), mean, std, choices)


def test_when_all_are_tried_it_stops():
    calls = []
    with pytest.raises(ValueError, match="trials must hold a finished one, got <Trials: 3 tried"):
        hyperparam_selection(lambda n: calls.append(n) or math.nan, [1, 3])
    assert sorted(calls) == [1, 2, 3]


@pytest.mark.parametrize("seed", range(10))
def test_an_integer_proposed_again_ends_it(seed):
    """It ends with numbers left to try, and the rule would take none of these next."""
    space = Integer(300, 340)
    trials = minimize(bowl, space, sampler=ArticleSampler(), n_trials=41, seed=seed, progress=False)
    tried, choices = [trial.configuration for trial in trials], np.arange(300, 341)
    assert 2 <= len(trials) < 41
    for n in range(2, len(tried) + 1):
        mean, std = gaussian_process(tried[:n], trials.losses[:n], choices)
        proposed = next_parameter_by_ei(trials.losses[:n].min(), mean, std, choices)
        assert (proposed in tried[:n]) == (n == len(tried))


@pytest.mark.parametrize("bad", [[50], [50, 100, 200], 50, None, ["a", "b"], [50.5, 100], "ab"])
def test_a_range_that_is_not_two_integers_is_refused(bad):
    with pytest.raises(TypeError, match=r"n_hidden_range must be two integers, got .*; write \[50, 1000\]"):
        hyperparam_selection(bowl, bad)


def test_a_range_in_the_wrong_order_is_refused():
    for bad in ([5, 5], [9, 1]):
        with pytest.raises(ValueError, match="n_hidden_range must have the smaller number first"):
            hyperparam_selection(bowl, bad)


def test_at_least_one_iteration_is_wanted():
    with pytest.raises(ValueError, match="n_iter must be an integer of at least 1, got 0"):
        hyperparam_selection(bowl, [1, 9], n_iter=0)


def test_a_function_that_fails_is_an_objective_that_fails():
    with pytest.raises(ObjectiveError, match="Trial 0 failed with TypeError: the objective"):
        hyperparam_selection(lambda n: None, [1, 9])


# --- uniform_int, loguniform_int ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "lower", "upper", "weights"),
    [
        (uniform_int, 1, 4, [1, 1, 1, 1]),
        (uniform_int, -2, 1, [1, 1, 1, 1]),
        (loguniform_int, 1, 3, np.diff(np.log([0.5, 1.5, 2.5, 3.5]))),
    ],
)
def test_integers_have_full_cells_at_the_bounds(function, lower, upper, weights):
    from hyperopt.pyll.stochastic import sample

    node, rng = function("n", lower, upper), np.random.default_rng(0)
    drawn = [sample(node, rng) for _ in range(4000)]
    assert {type(n) for n in drawn} == {int}
    counts = Counter(drawn)
    expected = np.array(weights) / np.sum(weights) * 4000
    assert sorted(counts) == list(range(lower, upper + 1))
    assert chisquare([counts[n] for n in sorted(counts)], expected).pvalue > 1e-3


@pytest.mark.parametrize(
    ("function", "lower", "upper", "message"),
    [
        (uniform_int, 3, 3, "low of Integer must be less than high"),
        (uniform_int, 1.5, 3, "low of Integer must be an integer"),
        (loguniform_int, 0, 3, "low of LogInteger must be positive"),
    ],
)
def test_bad_bounds_are_refused(function, lower, upper, message):
    with pytest.raises(ValueError, match=message):
        function("n", lower, upper)
