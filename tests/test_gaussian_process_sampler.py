"""Search by a Gaussian process: its cube, its climb, spaces and trials of every kind."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpo_helpers import (
    Choice,
    GaussianProcess,
    GaussianProcessSampler,
    Integer,
    LogInteger,
    LogUniform,
    RandomSampler,
    Trial,
    Trials,
    Uniform,
    minimize,
    sample,
)
from hpo_helpers.samplers import gaussian_process as module
from hpo_helpers.samplers.cube import Cube, _middle_of_cell
from hpo_helpers.spaces import flatten, parameters

TREE = {
    "step": LogUniform(1e-4, 1.0),
    "batch": LogInteger(1, 512),
    "units": Integer(1, 9),
    "body": Choice(
        [
            "none",
            {"depth": Integer(1, 3), "kind": Choice(["a", "b", {"width": Uniform(-1, 1)}])},
            [LogUniform(1, 2), Choice([Integer(0, 1)])],
        ]
    ),
}


def finished(configurations, losses):
    """Make trials; those with a loss of None failed."""
    return Trials(
        Trial(k, c, loss, "failed" if loss is None else "finished", 0.0)
        for k, (c, loss) in enumerate(zip(configurations, losses, strict=True))
    )


def searched(objective, space, n, seed=0, sampler=None):
    sampler = sampler or GaussianProcessSampler()
    return minimize(objective, space, sampler=sampler, n_trials=n, seed=seed, progress=False)


def tree_loss(c):
    """Depth 2 and a wide kind are best, with a step near 0.01."""
    body = c["body"]
    below = 2.0 if body == "none" else 1.5
    if isinstance(body, dict):
        below = abs(body["depth"] - 2)
        below += (body["kind"]["width"] - 0.3) ** 2 if isinstance(body["kind"], dict) else 0.5
    return below + math.log10(c["step"] / 0.01) ** 2 + 0.05 * abs(c["units"] - 7)


# ---------------------------------------------------------------- the cube


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_a_configuration_comes_back_from_its_point(seed):
    cube = Cube(TREE)
    configuration = sample(TREE, np.random.default_rng(seed))
    points = cube.points([configuration])
    back = flatten(TREE, cube.configuration(points[0]))
    assert back == pytest.approx(flatten(TREE, configuration), rel=1e-12)
    active = {p.name for p, a in zip(cube.parameters, cube.is_active(points)[0]) if a}
    assert active == set(back)
    np.testing.assert_array_equal(cube.snapped(points), points)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_any_point_snaps_to_that_of_a_configuration(seed):
    cube = Cube(TREE)
    points = np.random.default_rng(seed).choice([0, 0.2, 0.5, 0.77, 1], (20, len(cube.parameters)))
    snapped = cube.snapped(points)
    for point, raw in zip(snapped, points, strict=True):
        configuration = cube.configuration(point)
        np.testing.assert_allclose(cube.points([configuration])[0], point, rtol=0, atol=1e-12)
        assert cube.configuration(raw) == configuration


@pytest.mark.parametrize(
    "distribution", [Integer(0, 6), LogInteger(1, 300), Integer(-(2**40), 2**40)]
)
def test_all_of_a_cell_is_one_value_to_the_model(distribution):
    u = np.random.default_rng(0).random(500)
    middles = [distribution.to_unit(distribution.from_unit(x)) for x in u]
    np.testing.assert_allclose(_middle_of_cell(distribution, u), middles, rtol=0, atol=1e-12)


def test_features_keep_numbers_and_give_each_option_a_coordinate():
    cube = Cube({"a": Choice(["x", {"k": Uniform(0, 2)}, "z"]), "b": Uniform(0, 10)})
    points = cube.points([{"a": {"k": 0.5}, "b": 1.0}, {"a": "z", "b": 9.0}])
    expected = [[0, 1, 0, 0.25, 0.1], [0, 0, 1, 0.5, 0.9]]
    np.testing.assert_allclose(cube.features(points), expected)
    assert list(cube.columns) == [0, 3, 4]


# ---------------------------------------------------------------- the climb


def improvement_on_tree():
    cube, rng = Cube(TREE), np.random.default_rng(1)
    configurations = [sample(TREE, rng) for _ in range(40)]
    points = cube.points(configurations)
    y = module._tamed(np.array([tree_loss(c) for c in configurations]))
    gp = GaussianProcess(noise_variance=None).fit(cube.features(points), y)
    return cube, module._Improvement(cube, gp, y.min()), rng


def test_the_gradient_is_that_of_finite_differences():
    cube, improvement, rng = improvement_on_tree()
    points = cube.snapped(rng.random((6, len(cube.parameters))))
    value, gradient = improvement.gradient(points)
    np.testing.assert_allclose(value, improvement(points), rtol=1e-9)
    for j in np.flatnonzero(~cube.is_choice):
        step = np.zeros(points.shape[1])
        step[j] = 1e-6
        slope = (improvement(points + step) - improvement(points - step)) / 2e-6
        np.testing.assert_allclose(gradient[:, j], slope, rtol=1e-4, atol=1e-5)


def test_a_climb_gains_and_leaves_choices_alone():
    cube, improvement, rng = improvement_on_tree()
    points = cube.snapped(rng.random((8, len(cube.parameters))))
    climbed = improvement.climbed(points)
    np.testing.assert_array_equal(climbed[:, cube.is_choice], points[:, cube.is_choice])
    np.testing.assert_array_equal(climbed, cube.snapped(climbed))
    assert ((climbed >= 0) & (climbed <= 1)).all()
    assert np.median(improvement(climbed) - improvement(points)) > 0.5


def test_the_suggestion_is_a_maximum_of_expected_improvement():
    """On a line, where a fine grid finds the maximum too."""
    trials = searched(lambda x: (x - 0.3) ** 2 + 0.1 * math.sin(20 * x), Uniform(0, 1), 12)
    x = trials.to_frame()["value"].to_numpy()
    gp = GaussianProcess(noise_variance=None).fit(x, module._tamed(trials.losses))
    grid = np.linspace(0, 1, 20001)
    mean, std = gp.predict(grid, return_std=True)
    scores = module.log_expected_improvement(mean, std, gp.predict(x).min())
    suggested = GaussianProcessSampler().suggest(Uniform(0, 1), trials, np.random.default_rng(0))
    assert abs(suggested - grid[scores.argmax()]) < 1e-4


# ---------------------------------------------------------------- what it suggests


def test_the_suggestion_depends_on_nothing_but_the_arguments():
    trials = searched(tree_loss, TREE, 14)
    first, again = (
        GaussianProcessSampler().suggest(TREE, list(trials), np.random.default_rng([5, 14]))
        for _ in range(2)
    )
    assert first == again
    for n in (3, 12):  # while trials are spread, and later
        rng = np.random.default_rng([0, n])
        assert GaussianProcessSampler().suggest(TREE, trials[:n], rng) == trials[n].configuration


def test_suggestions_are_in_the_space_and_of_pythons_types():
    for trial in searched(tree_loss, TREE, 18, sampler=GaussianProcessSampler(n_startup=4)):
        values = flatten(TREE, trial.configuration)
        assert type(values["step"]) is float and type(values["units"]) is int


def test_the_first_trials_are_spread():
    """Farther apart than at random, and no crowd at the faces."""
    space = [Uniform(0, 1)] * 3

    def closest(sampler, seed):
        trials = searched(lambda c: 0.0, space, 10, seed, sampler)
        X = np.array([trial.configuration for trial in trials])
        distance = np.linalg.norm(X[:, None] - X, axis=2) + 9 * np.eye(10)
        return distance.min(), np.abs(X - 0.5).mean()

    ours = np.median([closest(GaussianProcessSampler(), seed) for seed in range(9)], axis=0)
    chance = np.median([closest(RandomSampler(), seed) for seed in range(9)], axis=0)
    assert ours[0] > 1.5 * chance[0]
    assert ours[1] == pytest.approx(0.25, abs=0.04)


def test_it_beats_random_search_by_far():
    def bowl(c):
        return (c["x"] - 0.2) ** 2 + (math.log10(c["y"]) + 2) ** 2 + 0.01 * abs(c["k"] - 30)

    space = {"x": Uniform(-1, 1), "y": LogUniform(1e-4, 1), "k": Integer(0, 50)}
    ours = [searched(bowl, space, 20, seed).best.loss for seed in range(3)]
    chance = [searched(bowl, space, 20, seed, RandomSampler()).best.loss for seed in range(9)]
    assert max(ours) < 0.3 * np.median(chance)


def test_it_finds_the_best_branch_of_a_tree():
    ours = [searched(tree_loss, TREE, 30, seed).best.loss for seed in range(2)]
    chance = [searched(tree_loss, TREE, 30, seed, RandomSampler()).best.loss for seed in range(9)]
    assert max(ours) < 0.5 * np.median(chance)


def test_noise_does_not_hold_the_search():
    """With a noise as large as the differences, the lucky trial is not what the model believes."""
    rng = np.random.default_rng(3)
    trials = searched(lambda x: (x - 0.7) ** 2 + 0.1 * rng.standard_normal(), Uniform(0, 1), 30)
    late = [trial.configuration for trial in trials[20:]]
    assert abs(np.median(late) - 0.7) < 0.15


# ---------------------------------------------------------------- trials of every kind


@pytest.mark.parametrize(
    "losses",
    [[], [1.0], [2.5] * 12, [None] * 12, [None] * 11 + [1.0], [0.0] * 11 + [None]],
    ids=["none", "one", "all equal", "all failed", "one finished", "all zero but one failed"],
)
@pytest.mark.parametrize("n_startup", [1, 10])
def test_a_suggestion_comes_whatever_the_trials(losses, n_startup):
    rng = np.random.default_rng(0)
    trials = finished([sample(TREE, rng) for _ in losses], losses)
    configuration = GaussianProcessSampler(n_startup).suggest(TREE, trials, rng)
    assert flatten(TREE, configuration)


@pytest.mark.parametrize("factor", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_the_scale_of_the_losses_does_not_matter(factor):
    trials = searched(lambda x: (x - 0.3) ** 2, Uniform(0, 1), 11)
    scaled = finished([t.configuration for t in trials], (trials.losses * factor).tolist())
    one, other = (
        GaussianProcessSampler().suggest(Uniform(0, 1), history, np.random.default_rng(0))
        for history in (trials, scaled)
    )
    assert one == pytest.approx(other, abs=1e-3)


def test_failed_trials_keep_the_search_away():
    def objective(x):
        if x > 0.5:
            raise ValueError("diverged")
        return (x - 0.4) ** 2

    options = {"on_error": "record", "n_trials": 20, "seed": 1, "progress": False}
    trials = minimize(objective, Uniform(0, 1), sampler=GaussianProcessSampler(), **options)
    assert trials.best.configuration == pytest.approx(0.4, abs=0.01)
    assert sum(trial.state == "failed" for trial in trials[:10]) >= 4
    assert sum(trial.state == "failed" for trial in trials[10:]) <= 2


def test_huge_losses_do_not_hide_the_minimum():
    """A third of the space diverges, as steps that are too large do."""

    def objective(c):
        return 1e6 * (1 + c["x"]) if c["x"] > 0.65 else (c["x"] - 0.5) ** 2 + (c["y"] - 0.2) ** 2

    space = {"x": Uniform(0, 1), "y": Uniform(0, 1)}
    losses = [searched(objective, space, 35, seed).best.loss for seed in range(3)]
    assert np.median(losses) < 1e-4


def test_taming_keeps_the_order_and_leaves_the_better_half_in_proportion():
    losses = np.append(np.arange(10.0), [12, 1e3, 1e6, 1e9])
    tamed = module._tamed(losses)
    assert (np.diff(tamed) > 0).all()
    np.testing.assert_allclose(np.diff(tamed[:10]), tamed[1] - tamed[0])
    assert tamed[-1] - tamed[9] < 15 * (tamed[9] - tamed[0])
    assert tamed.mean() == pytest.approx(0) and tamed.std() == pytest.approx(1)


# ---------------------------------------------------------------- discrete spaces


@pytest.mark.parametrize(
    ("space", "size"),
    [
        (Integer(3, 20), 18),
        ({"k": LogInteger(1, 4), "f": Choice(["a", (Choice(list("xyz")), Integer(1, 2))])}, 28),
        ({"f": Choice(list(range(7)))}, 7),
    ],
)
def test_a_space_without_real_numbers_is_tried_once_and_no_more(space, size):
    def objective(c):
        return sum(map(ord, str(c)))

    trials = searched(objective, space, 60, sampler=GaussianProcessSampler(n_startup=5))
    assert len({str(trial.configuration) for trial in trials}) == len(trials) == size
    with pytest.raises(StopIteration):
        GaussianProcessSampler().suggest(space, trials, np.random.default_rng(0))


def test_integers_close_to_the_best_are_found_without_repetition():
    trials = searched(lambda k: abs(k - 700) ** 1.5, Integer(0, 999), 30)
    assert trials.best.configuration == 700
    assert len({trial.configuration for trial in trials}) == 30


def test_many_trials_teach_hyperparameters_by_some_of_them(monkeypatch):
    """A thousand points a fit would take seconds."""
    learned = []
    fit = GaussianProcess.fit
    monkeypatch.setattr(
        GaussianProcess,
        "fit",
        lambda gp, X, y: learned.append(len(y) * (gp.length_scale is None)) or fit(gp, X, y),
    )
    rng = np.random.default_rng(0)
    x = rng.random((700, 2)).tolist()
    trials = finished(x, [(a - 0.3) ** 2 + (b - 0.6) ** 2 for a, b in x])
    suggested = GaussianProcessSampler().suggest([Uniform(0, 1)] * 2, trials, rng)
    assert max(learned) <= 300
    np.testing.assert_allclose(suggested, [0.3, 0.6], atol=0.02)


@pytest.mark.parametrize("n_startup", [0, -1, 2.5, True, "10", None])
def test_a_bad_number_of_first_trials_is_refused(n_startup):
    message = f"n_startup must be an integer of at least 1, got {re.escape(repr(n_startup))}"
    with pytest.raises(ValueError, match=message):
        GaussianProcessSampler(n_startup)
