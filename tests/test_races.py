"""Races are what `minimize` would do with the same trainings; a grid of n has at most n points; stand-ins
have what their names say."""

from itertools import product
from math import prod

import numpy as np
import pytest

from hpo_helpers import (
    Choice,
    GridSampler,
    Integer,
    Ordered,
    RandomSampler,
    Search,
    Space,
    SuccessiveHalving,
    TPESampler,
    Trials,
    Uniform,
    minimize,
    sample,
)
from hpo_helpers.course.races import CoarseGrid, Table, race
from hpo_helpers.course.stand_ins import CASES, HIGHEST, NOISE, stand_in

N_SEEDS, N_EPOCHS = 3, 9
SPACE = {"seed": Integer(0, N_SEEDS - 1), "x": Ordered(list(range(6))), "y": Choice(list("abcd"))}


def train(c):
    """Losses that fall in their own ways."""
    rng = np.random.default_rng([c["seed"], c["x"], ord(c["y"])])
    return list(rng.random() + rng.random(N_EPOCHS).cumsum()[::-1] / N_EPOCHS)


@pytest.fixture(scope="module")
def trials():
    return minimize(
        lambda c: {"loss": min(curve := train(c)), "curve": curve}, SPACE, sampler=GridSampler(), seed=0
    )


@pytest.fixture(scope="module")
def table(trials):
    return Table(trials)


def configuration(table, values):
    return table.space.build(values)


def test_a_table_knows_every_training(table):
    assert list(table.space.parameters) == ["x", "y"]
    means = {}
    for x, y in product(range(6), range(4)):
        curves = [train({"seed": s, "x": x, "y": "abcd"[y]}) for s in range(N_SEEDS)]
        drawn = [table.curve({"x": x, "y": y}, 0, number) for number in range(30)]
        assert all(curve in curves for curve in drawn) and len({tuple(curve) for curve in drawn}) == N_SEEDS
        means[x, y] = np.mean([min(curve) for curve in curves])
    for (x, y), mean in means.items():
        assert table.regret({"x": x, "y": y}) == pytest.approx(mean - min(means.values()))


def test_a_table_needs_trials_with_a_seed():
    with pytest.raises(ValueError, match="trials must have a space with a seed"):
        Table(Trials([], {"x": Uniform(0, 1)}))


@pytest.mark.parametrize("pruner", [None, SuccessiveHalving()])
@pytest.mark.parametrize("sampler", [RandomSampler(), TPESampler(n_startup=4)])
def test_a_race_of_one_worker_is_what_minimize_does(table, sampler, pruner):
    numbers = iter(range(1000))

    def objective(c):
        yield from table.curve(table.space.read(c), 5, next(numbers))

    searched = minimize(
        objective, table.space, n_trials=12, sampler=sampler, seed=5, pruner=pruner, progress=False
    )
    best, regrets = np.inf, []
    for trial in searched:
        for loss in trial.curve:
            regrets.append(table.regret(trial.values) if loss < best else regrets[-1])
            best = min(best, loss)
    found = race(table, sampler, seed=5, n_epochs=len(regrets), pruner=pruner)
    assert list(found) == regrets
    assert (len(regrets) < 12 * N_EPOCHS) == (pruner is not None)


def test_random_trials_are_the_same_on_many_workers_and_end_sooner(table):
    alone = race(table, RandomSampler(), seed=1, n_epochs=8 * N_EPOCHS)
    four = race(table, RandomSampler(), seed=1, n_epochs=2 * N_EPOCHS, n_parallel=4)
    assert four[-1] == alone[-1] and len(four) == len(alone) / 4


def test_a_race_ends_where_nothing_is_left_to_try(table):
    n_all = 6 * 4 * N_EPOCHS
    found = race(table, CoarseGrid(100), seed=0, n_epochs=2 * n_all)
    assert np.isfinite(found).all() and (found[n_all:] == found[-1]).all()


@pytest.mark.parametrize("n_trials", [1, 2, 5, 24, 100])
@pytest.mark.parametrize("seed", range(3))
def test_a_grid_of_n_has_at_most_n_points_and_no_room_for_one_more_value(n_trials, seed):
    space = Space({"a": Uniform(0, 1), "b": Integer(1, 3), "c": Choice(list("abcd"))})
    trials = minimize(
        lambda c: 0.0, space, n_trials=200, sampler=CoarseGrid(n_trials, seed), seed=0, progress=False
    )
    sizes = {name: len({t.values[name] for t in trials}) for name in space.parameters}
    assert len(trials) == prod(sizes.values()) <= n_trials
    most = {"a": np.inf, "b": 3, "c": 4}
    assert all(len(trials) // n * (n + 1) > n_trials for name, n in sizes.items() if n < most[name])
    spread = sorted({t.values["a"] for t in trials})
    assert spread == pytest.approx((np.arange(len(spread)) + 0.5) / len(spread))


def test_the_order_of_a_grid_is_the_seeds():
    space = Space([Choice(list("abcd"))] * 3)
    first, other = (Search(space, sampler=CoarseGrid(8, seed), seed=0) for seed in (0, 1))
    assert [first.ask().values for _ in range(8)] != [other.ask().values for _ in range(8)]


@pytest.mark.parametrize("case", CASES)
def test_a_stand_in_is_never_below_zero_and_is_another_with_each_seed(case):
    problem, rng = stand_in(case, 3), np.random.default_rng(0)
    losses = np.array([problem.loss(sample(problem.space, rng)) for _ in range(2000)])
    assert (losses > 0).all() and losses.min() < 0.4
    assert (losses.max() > HIGHEST / 10) == (case == "huge losses")
    configuration = sample(problem.space, rng)
    assert problem.loss(configuration) == stand_in(case, 3).loss(configuration)
    if case not in ("categories", "a tree"):
        assert problem.loss(configuration) != stand_in(case, 4).loss(configuration)


@pytest.mark.parametrize("case", CASES)
def test_only_one_stand_in_has_noise(case):
    problem = stand_in(case, 0)
    configuration = sample(problem.space, np.random.default_rng(0))
    scatter = np.std([problem.observed(configuration, number) for number in range(400)])
    assert scatter == pytest.approx(NOISE if case == "noise" else 0, rel=0.15)
    assert problem.observed(configuration, 7) == problem.observed(configuration, 7)


def test_a_search_of_a_stand_in_keeps_the_true_loss_of_the_one_that_looks_best():
    problem = stand_in("noise", 0)
    trials = minimize(
        lambda c: 0.0, problem.space, n_trials=15, sampler=RandomSampler(), seed=0, progress=False
    )
    seen = [problem.observed(t.configuration, t.number) for t in trials]
    best = [problem.loss(trials[int(np.argmin(seen[: k + 1]))].configuration) for k in range(15)]
    assert problem.regrets(RandomSampler(), 15) == pytest.approx(best)


def test_no_random_trial_knows_where_a_stand_in_is_lowest():
    """In 16 dimensions chance alone never gets near."""
    for seed in range(5):
        assert stand_in("sixteen numbers", seed).regrets(RandomSampler(), 60)[-1] > 0.2
