"""Random and quasi-random configurations, the latter by their discrepancy and their distance."""

import warnings
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import qmc

from hpo_helpers import (
    Choice,
    Exhausted,
    Integer,
    LogUniform,
    QuasiRandomSampler,
    RandomSampler,
    Space,
    Uniform,
)
from hpo_helpers.course.quasi_random import quasi_random_points
from hpo_helpers.samplers.random import draw_new
from hpo_helpers.samplers.rows import keys

METHODS = ["sobol", "halton", "hammersley", "poisson"]
TREE = Space(
    {
        "x": Uniform(-1, 1),
        "layers": Choice([[Integer(1, 9)], [LogUniform(1e-3, 1), Integer(1, 9)]]),
    }
)


def suggest(sampler, space, number, seed=0):
    return sampler.suggest(space, range(number), np.random.default_rng(seed))


def test_samplers_are_equal_by_their_options_and_say_them():
    """The journal knows a search's sampler by what it says of itself."""
    assert RandomSampler() == RandomSampler() and str(RandomSampler()) == "RandomSampler()"
    with pytest.raises(FrozenInstanceError):
        RandomSampler().n_startup = 3


def test_random_configurations_depend_on_the_generator_alone():
    suggested = [suggest(RandomSampler(), TREE, k, seed) for k in (0, 5) for seed in (1, 2)]
    assert suggested == 2 * [TREE.sample(np.random.default_rng(seed)) for seed in (1, 2)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_dimensions", [1, 2, 3])
@pytest.mark.parametrize("n_points", [1, 2, 7, 64, 100])
def test_there_are_as_many_points_as_asked_for(method, n_points, n_dimensions):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # SciPy warns where n is no power of two
        points = quasi_random_points(method, n_points, n_dimensions, seed=3)
    assert points.shape == (n_points, n_dimensions)
    assert points.min() >= 0 and points.max() <= 1
    assert len(np.unique(points, axis=0)) == n_points


@pytest.mark.parametrize("method", ["sobol", "halton", "hammersley"])
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_points_fill_the_square_more_evenly_than_random_ones(method, seed):
    rng = np.random.default_rng(0)
    chance = [qmc.discrepancy(rng.random((100, 2))) for _ in range(30)]
    assert qmc.discrepancy(quasi_random_points(method, 100, 2, seed)) < 0.5 * min(chance)


@pytest.mark.parametrize(("n_points", "n_dimensions"), [(20, 1), (100, 2), (100, 3), (60, 4)])
def test_poisson_points_keep_their_distance(n_points, n_dimensions):
    distances = pdist(quasi_random_points("poisson", n_points, n_dimensions, seed=0))
    rng = np.random.default_rng(0)
    chance = [pdist(rng.random((n_points, n_dimensions))).min() for _ in range(30)]
    assert distances.min() > 0.6 * n_points ** (-1 / n_dimensions)
    assert distances.min() > 1.5 * max(chance)


def test_poisson_points_leave_no_holes():
    points = quasi_random_points("poisson", 100, 2, seed=0)
    corners = np.stack(np.meshgrid(*2 * [np.linspace(0, 1, 50)]), axis=-1).reshape(-1, 2)
    holes = np.linalg.norm(corners[:, None] - points, axis=-1).min(axis=1)
    assert holes.max() < 2 * pdist(points).min()


def test_hammersley_is_halton_beside_even_steps():
    points = quasi_random_points("hammersley", 8, 3, seed=None)
    np.testing.assert_array_equal(points[:, 0], np.arange(8) / 8)
    np.testing.assert_array_equal(points[:, 1], np.array([0, 4, 2, 6, 1, 5, 3, 7]) / 8)
    np.testing.assert_allclose(points[:, 2], np.array([0, 3, 6, 1, 4, 7, 2, 5]) / 9)


@pytest.mark.parametrize("method", ["sobol", "halton"])
@pytest.mark.parametrize("seed", [None, 4])
def test_longer_sequences_begin_as_shorter_ones(method, seed):
    longer, shorter = (quasi_random_points(method, n, 3, seed) for n in (100, 13))
    np.testing.assert_array_equal(longer[:13], shorter)


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_scrambles_and_repeats(method):
    first, again, other = (quasi_random_points(method, 20, 2, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_changing_the_points_changes_no_later_ones():
    quasi_random_points("sobol", 4, 2)[:] = 7
    assert quasi_random_points("sobol", 4, 2).max() <= 1


def test_each_suggestion_depends_on_its_number_alone():
    forward = [suggest(QuasiRandomSampler(), TREE, k) for k in range(20)]
    backward = [suggest(QuasiRandomSampler(), TREE, k, seed=9) for k in reversed(range(20))]
    assert forward == backward[::-1]


@pytest.mark.parametrize("seed", [None, 5])
def test_suggestions_are_the_points_in_the_units_of_the_space(seed):
    points = quasi_random_points("sobol", 70, 5, seed=seed)
    for k, (x, option, first, second, third) in enumerate(points):
        values = suggest(QuasiRandomSampler(seed), TREE, k)
        assert values["x"] == pytest.approx(2 * x - 1)
        assert values["layers"] == min(int(2 * option), 1)
        if values["layers"]:
            assert values["layers.1.0"] == pytest.approx(10 ** (3 * second - 3))
            assert values["layers.1.1"] == 1 + int(9 * third)
        else:
            assert values["layers.0.0"] == 1 + int(9 * first)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sobel", 5, 2), "method must be one of 'sobol', .* got 'sobel'"),
        (("sobol", 0, 2), "n_points must be an integer of at least 1, got 0"),
        (("sobol", 2.5, 2), "n_points must be an integer of at least 1, got 2.5"),
        (("halton", 5, True), "n_dimensions must be an integer of at least 1, got True"),
        (("halton", 5, 2, -1), "seed must be an integer of at least 0, got -1"),
        (("halton", 5, 2, 0.5), "seed must be an integer of at least 0, got 0.5"),
        (("poisson", 5, 2, None), "seed must be an integer with method='poisson', got None"),
        (("poisson", 5, 7), "n_dimensions must be at most 6 with method='poisson', got 7; use 'sobol'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        quasi_random_points(*arguments)


def test_a_bad_seed_is_refused():
    for seed in (-1, 0.5, "sobol"):
        with pytest.raises((TypeError, ValueError), match="seed must be an integer of at least 0, got"):
            QuasiRandomSampler(seed)


# ---------------------------------------------------------------- what was not tried


def tried_in(space, rows):
    return set(keys(space.table(rows)))


@pytest.mark.parametrize(
    "tree",
    [
        Choice([None, None, "l2"]),
        Choice([{}, {}, {}]),
        Choice([Integer(1, 3), Integer(2, 4)]),
        {"act": Choice(["relu", "relu", "tanh"]), "k": Integer(1, 4)},
        {"u": Uniform(0, 1, 0.25), "c": Choice([{"n": Integer(1, 2)}, "none"])},
    ],
)
def test_all_of_a_finite_space_is_drawn_once(tree):
    space, rng = Space(tree), np.random.default_rng(0)
    drawn = []
    for _ in range(int(space.size)):
        drawn.append(draw_new(space, tried_in(space, drawn), rng))
    assert len({str(values) for values in drawn}) == space.size
    with pytest.raises(Exhausted):
        draw_new(space, tried_in(space, drawn), rng)


def test_the_last_of_many_is_found():
    space = Space([Integer(1, 100), Integer(1, 100)])
    left = {"0": 17, "1": 93}
    rows = [{"0": a, "1": b} for a in range(1, 101) for b in range(1, 101)]
    tried = tried_in(space, [row for row in rows if row != left])
    assert draw_new(space, tried, np.random.default_rng(0)) == left


def test_where_there_are_few_doubles_drawing_ends():
    space, rng = Space({"x": Uniform(1, 1 + 5e-16)}), np.random.default_rng(0)
    drawn = [draw_new(space, set(), rng)]
    for _ in range(2):
        drawn.append(draw_new(space, tried_in(space, drawn), rng))
    with pytest.raises(Exhausted):
        draw_new(space, tried_in(space, drawn), rng)
    assert {values["x"] for values in drawn} == {1.0, 1 + 2**-52, 1 + 2**-51}


def test_keys_are_equal_where_rows_are():
    table = np.array([[0.0, np.nan], [-0.0, np.nan], [1.0, np.nan], [0.0, 1.0]])
    first, negative, *others = keys(table)
    assert first == negative and len({first, *others}) == 3
