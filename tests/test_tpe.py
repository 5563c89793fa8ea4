"""TPE against hyperopt's groups and densities, on trees, with bad trials and bad arguments."""

import math
from collections import Counter

import hyperopt
import numpy as np
import pytest
from hyperopt import hp, tpe
from hyperopt.base import Domain

from hpo_helpers import (
    Choice,
    Integer,
    LogInteger,
    LogUniform,
    RandomSampler,
    TPESampler,
    Trial,
    Trials,
    Uniform,
    minimize,
    to_hyperopt,
)
from hpo_helpers.samplers.tpe_rules import good_group_size
from hpo_helpers.spaces import flatten, parameters

TREE = {
    "step": LogUniform(0.01, 0.5),
    "layers": Choice(
        [
            {"n_layers": 1, "n_units": [Integer(50, 500)]},
            {"n_layers": 2, "n_units": [Integer(50, 500), Integer(50, 500)]},
        ]
    ),
    "act": Choice(["relu", "prelu", "elu", "tanh", "sigmoid"]),
    "dropout": Uniform(0, 0.5),
    "batch": LogInteger(16, 512),
}


def tree_loss(c):
    """Two layers, tanh, a step near 0.05 and a dropout near 0.1 are best."""
    wrong = (c["layers"]["n_layers"] == 1) + (c["act"] != "tanh")
    return wrong + abs(math.log(c["step"] / 0.05)) + abs(c["dropout"] - 0.1)


def searched(space, loss, n, sampler=None, seed=0):
    sampler = sampler or RandomSampler()
    return minimize(loss, space, sampler=sampler, n_trials=n, seed=seed, progress=False)


def finished(configurations, losses):
    """Make trials; those with a loss of None failed."""
    return Trials(
        Trial(k, c, loss, "failed" if loss is None else "finished", 0.0)
        for k, (c, loss) in enumerate(zip(configurations, losses, strict=True))
    )


# ---------------------------------------------------------------- hyperopt's rules are hyperopt's


@pytest.mark.parametrize("n", [1, 5, 20, 60, 200])
@pytest.mark.parametrize("gamma", [0.25, 0.9])
def test_groups_are_hyperopts(n, gamma):
    trials = searched(TREE, tree_loss, n)
    good, bad = TPESampler(gamma=gamma, splitting="hyperopt").split(trials)
    numbers = np.arange(n)
    theirs = tpe.ap_split_trials(numbers, numbers, numbers, trials.losses, gamma)
    for group, expected in zip((good, bad), theirs, strict=True):
        assert [trial.number for trial in group] == list(expected)


@pytest.mark.parametrize("n", [3, 30, 150])
def test_densities_are_those_that_hyperopt_compares(n, monkeypatch):
    """Let hyperopt suggest after our trials, and see what it computes for each parameter."""
    trials = searched(TREE, tree_loss, n)
    seen = []
    for name in ("GMM1_lpdf", "LGMM1_lpdf", "randint_via_categorical_lpdf"):
        spied(monkeypatch, name, seen)
    domain, theirs = as_hyperopts(TREE, trials)
    tpe.suggest([n], domain, theirs, 0, n_startup_jobs=0, verbose=False)

    ours = TPESampler.hyperopt().densities(TREE, trials)
    assert len(seen) == 2 * len(ours) == 2 * 8
    pairs = {}
    for x, theirs in seen:
        pairs.setdefault(x.tobytes(), (x, []))[1].append(theirs)
    left = list(ours)
    for x, (one, other) in pairs.values():
        fits = [d for d in left if same(d.good, x, one) and same(d.bad, x, other)]
        fits += [d for d in left if same(d.good, x, other) and same(d.bad, x, one)]
        assert fits
        left.remove(fits[0])
    assert not left


def same(density, x, theirs):
    return np.allclose(density.logpdf(x[:, None]), theirs, atol=1e-10, rtol=0)


def spied(monkeypatch, name, seen):
    """Note the samples and log densities of one of hyperopt's functions, normalized."""
    original = hyperopt.pyll.scope._impls[name]

    def spy(samples, *args, **kwargs):
        result = original(samples, *args, **kwargs)
        correction = 0.0
        if name == "LGMM1_lpdf" and kwargs.get("q") is None:  # it forgets the mass in the bounds
            weights, mu, sigma = map(np.asarray, args)
            within = tpe.normal_cdf(kwargs["high"], mu, sigma)
            within = within - tpe.normal_cdf(kwargs["low"], mu, sigma)
            correction = np.log(np.sum(weights * within))
        seen.append((np.asarray(samples, float), result - correction))
        return result

    monkeypatch.setitem(hyperopt.pyll.scope._impls, name, spy)


def as_hyperopts(space, trials):
    """Return hyperopt's view of a space and of trials on it."""
    domain, theirs = Domain(lambda c: 0.0, to_hyperopt(space)), hyperopt.Trials()
    for trial in trials:
        values = flatten(space, trial.configuration)
        tid = theirs.new_trial_ids(1)[0]
        vals = {p.name: [values[p.name]] if p.name in values else [] for p in parameters(space)}
        idxs = {name: [tid] * len(v) for name, v in vals.items()}
        misc = {"tid": tid, "cmd": domain.cmd, "workdir": None, "idxs": idxs, "vals": vals}
        result = {"loss": trial.loss, "status": "ok" if trial.loss is not None else "fail"}
        doc = theirs.new_trial_docs([tid], [None], [result], [misc])[0]
        doc["state"] = hyperopt.JOB_STATE_DONE
        theirs.insert_trial_docs([doc])
    theirs.refresh()
    return domain, theirs


# ---------------------------------------------------------------- what it suggests

RULES = ("textbook", "hyperopt", "optuna")


def test_rules_of_splitting():
    sizes = {rule: [good_group_size(n, rule) for n in (1, 20, 100, 200, 1000)] for rule in RULES}
    assert sizes["textbook"] == [1, 3, 15, 30, 150]
    assert sizes["hyperopt"] == [1, 2, 3, 4, 8]
    assert sizes["optuna"] == [1, 2, 10, 20, 25]
    assert [good_group_size(200, rule, 0.5) for rule in RULES] == [100, 8, 25]
    assert [good_group_size(200, "hyperopt", 0.2)] == [3]


@pytest.mark.parametrize(
    "sampler", [TPESampler(), TPESampler(multivariate=False), TPESampler.hyperopt()]
)
def test_it_beats_random_search_on_a_tree(sampler):
    ours, chance = (
        np.median([searched(TREE, tree_loss, 60, sampler, seed).best.loss for seed in range(7)])
        for sampler in (sampler, RandomSampler())
    )
    assert ours < 0.8 * chance


def test_the_suggestion_depends_on_nothing_but_the_arguments():
    trials = searched(TREE, tree_loss, 40)
    suggested = [
        TPESampler().suggest(TREE, list(trials), np.random.default_rng([5, 40])) for _ in range(2)
    ]
    assert suggested[0] == suggested[1]
    assert suggested[0] != TPESampler().suggest(TREE, trials, np.random.default_rng([6, 40]))


def test_suggestions_are_in_the_space_and_of_pythons_types():
    trials = searched(TREE, tree_loss, 60, TPESampler(n_startup=3))
    for trial in trials:
        flatten(TREE, trial.configuration)
        assert type(trial.configuration["batch"]) is int
        assert type(trial.configuration["step"]) is float


def test_the_best_ratio_of_the_candidates_wins():
    space = {"x": Uniform(0, 1), "k": Integer(0, 50)}
    trials = searched(space, lambda c: (c["x"] - 0.7) ** 2 + c["k"], 40)
    sampler = TPESampler(n_candidates=30)
    [(found, good, bad)] = sampler.densities(space, trials)
    drawn = good.sample(30, np.random.default_rng(3))
    best = drawn[np.argmax(good.logpdf(drawn) - bad.logpdf(drawn))]
    suggested = sampler.suggest(space, trials, np.random.default_rng(3))
    assert [p.name for p in found] == ["x", "k"]
    assert list(suggested.values()) == list(best)


def test_parameters_under_an_option_are_learned_from_trials_that_have_them():
    trials = searched(TREE, tree_loss, 50)
    for d in TPESampler(multivariate=False).densities(TREE, trials):
        active = sum(d.parameters[0].name in flatten(TREE, t.configuration) for t in trials)
        assert len(d.good.weights) + len(d.bad.weights) == active + 2
    [(found, good, bad)] = TPESampler().densities(TREE, trials)
    two = [p.name for p in found].index("layers.1.n_units.0")
    prior = np.isclose(bad.widths[:-1, two], 451)
    layers = [p.name for p in found].index("layers")
    np.testing.assert_array_equal(prior, bad.centers[:-1, layers] == 0)
    assert len(good.weights) == 8 + 1


# ---------------------------------------------------------------- trials of every kind


@pytest.mark.parametrize("multivariate", [True, False])
@pytest.mark.parametrize(
    "trials",
    [
        Trials(),
        finished([{"x": 0.5, "f": "a"}], [1.0]),
        finished([{"x": 0.5, "f": "a"}] * 30, [1.0] * 30),
        finished([{"x": 0.5, "f": "a"}] * 30, [None] * 30),
        finished([{"x": k / 30, "f": "a"} for k in range(30)], [None, 1.0] * 15),
    ],
    ids=["none", "one", "all equal", "all failed", "half failed, an option never seen"],
)
def test_a_suggestion_comes_whatever_the_trials(trials, multivariate):
    space = {"x": Uniform(0, 1), "f": Choice(["a", {"never": Uniform(0, 1)}])}
    sampler = TPESampler(n_startup=0, multivariate=multivariate)
    suggested = [sampler.suggest(space, trials, np.random.default_rng(k)) for k in range(30)]
    for configuration in suggested:
        flatten(space, configuration)
    for d in sampler.densities(space, trials):  # What no trial had is possible all the same.
        rows = [{"x": 0.1, "f": 1, "f.1.never": 0.9}[p.name] for p in d.parameters]
        assert d.good.pdf([rows]) > 0 and d.bad.pdf([rows]) > 0


def test_failed_trials_are_bad():
    trials = finished([k / 40 for k in range(40)], [None if k > 15 else 0.1 for k in range(40)])
    good, bad = TPESampler(splitting="textbook", gamma=0.99).split(trials)
    assert {trial.state for trial in good} == {"finished"} and len(good) == 16
    assert {trial.state for trial in bad} == {"failed"}
    sampler = TPESampler(n_startup=0)
    suggested = [sampler.suggest(Uniform(0, 1), trials, np.random.default_rng(k)) for k in range(9)]
    assert np.median(suggested) < 16 / 40


def test_startup_counts_finished_trials():
    trials = finished([k / 30 for k in range(30)], [None] * 15 + [0.5] * 15)
    random = RandomSampler().suggest(Uniform(0, 1), trials, np.random.default_rng(0))
    for n_startup, expected in ((16, True), (15, False)):
        sampler = TPESampler(n_startup=n_startup)
        suggested = sampler.suggest(Uniform(0, 1), trials, np.random.default_rng(0))
        assert (suggested == random) is expected


@pytest.mark.parametrize("multivariate", [True, False])
@pytest.mark.parametrize(
    ("space", "size"),
    [
        (Integer(3, 40), 38),
        ({"k": LogInteger(1, 6), "f": Choice(["a", (Choice("xyz".split()), Integer(1, 3))])}, 24),
        ({"f": Choice(list(range(12)))}, 12),
    ],
)
def test_a_space_without_real_numbers_is_tried_once_and_no_more(space, size, multivariate):
    sampler = TPESampler(n_startup=5, n_candidates=3, multivariate=multivariate)
    trials = searched(space, lambda c: len(str(c)), 100, sampler)
    assert len({str(trial.configuration) for trial in trials}) == len(trials) == size
    with pytest.raises(StopIteration):
        sampler.suggest(space, trials, np.random.default_rng(0))


def test_integers_close_to_the_best_are_found_without_repetition():
    trials = searched(Integer(0, 999), lambda k: abs(k - 700), 60, TPESampler())
    assert trials.best.loss <= 3
    assert max(Counter(trial.configuration for trial in trials).values()) == 1


# ---------------------------------------------------------------- bad arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma": 0}, "gamma must be between 0 and 1, .* got 0"),
        ({"gamma": 1}, "gamma must be between 0 and 1, .* got 1"),
        ({"gamma": 2}, "gamma must be between 0 and 1, .* got 2"),
        ({"gamma": "0.1"}, "gamma must be between 0 and 1, .* got '0.1'"),
        ({"gamma": math.nan}, "gamma must be between 0 and 1, .* got nan"),
        ({"n_startup": -1}, "n_startup must be an integer of at least 0, got -1"),
        ({"n_candidates": 0}, "n_candidates must be an integer of at least 1, got 0"),
        ({"n_candidates": 2.5}, "n_candidates must be an integer of at least 1, got 2.5"),
        ({"splitting": "half"}, "splitting must be one of .* got 'half'"),
        ({"weights": "loss"}, "weights must be one of .* got 'loss'"),
        ({"prior": 1}, "prior must be one of .* got 1"),
        ({"truncation": None}, "truncation must be one of .* got None"),
        ({"bandwidth": "silverman"}, "bandwidth must be .* got 'silverman'"),
        ({"option_width": 1.5}, "bandwidth of a choice must be a rule or in .* got 1.5"),
        ({"bandwidth": 0}, "bandwidth must be .* got 0"),
        ({"prior_weight": 0}, "prior_weight must be a number above 0, got 0"),
        ({"prior_weight": True}, "prior_weight must be a number above 0, got True"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        TPESampler(**options)
