"""TPE on trees, with bad trials and bad arguments; hyperopt's rules are in test_hyperopt_rules.py."""

import math
import time
from collections import Counter

import numpy as np
import pytest

from hpo_helpers import (
    Choice,
    Exhausted,
    Integer,
    LogInteger,
    LogNormal,
    LogUniform,
    Normal,
    Ordered,
    ParzenEstimator,
    RandomSampler,
    Search,
    Space,
    TPESampler,
    Trial,
    Trials,
    Uniform,
)
from hpo_helpers.course.hyperopt_rules import HyperoptRules

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
    """Return at most n trials; fewer if the sampler has no more."""
    search = Search(space, sampler=sampler or RandomSampler(), seed=seed)
    for _ in range(n):
        try:
            trial = search.ask()
        except Exhausted:
            break
        search.tell(trial, loss(trial.configuration))
    return search.trials


def finished(space, configurations, losses):
    """Make trials; those with a loss of None failed."""
    space = Space(space)
    return Trials(
        (
            Trial(k, space.read(c), loss, "failed" if loss is None else "finished", space=space)
            for k, (c, loss) in enumerate(zip(configurations, losses, strict=True))
        ),
        space,
    )


def suggest(sampler, trials, seed=0):
    return sampler.suggest(trials.space, trials, np.random.default_rng(seed))


MORE = {
    "shift": Normal(0.5, 2),
    "rate": LogNormal(-3, 1),
    "share": Uniform(0, 1, 0.1),
    "width": Integer(16, 256, 16),
    "size": Ordered([16, 32, 64, 128]),
}


# ---------------------------------------------------------------- what it suggests


def test_a_share_of_the_trials_is_good():
    assert [TPESampler().n_good(n) for n in (0, 1, 20, 100, 200, 1000)] == [0, 1, 3, 15, 30, 150]
    assert TPESampler(gamma=0.5).n_good(200) == 100


@pytest.mark.parametrize("sampler", [TPESampler(), TPESampler(multivariate=False), HyperoptRules()])
def test_it_beats_random_search_on_a_tree(sampler):
    ours, chance = (
        np.median([searched(TREE, tree_loss, 60, sampler, seed).best.loss for seed in range(7)])
        for sampler in (sampler, RandomSampler())
    )
    assert ours < 0.8 * chance


def test_the_suggestion_depends_on_nothing_but_the_arguments():
    trials = searched(TREE, tree_loss, 40)
    used = TPESampler()
    suggest(used, searched(TREE, tree_loss, 12, seed=1))
    suggested = [suggest(sampler, trials, [5, 40]) for sampler in (used, used, TPESampler())]
    assert suggested[0] == suggested[1] == suggested[2] != suggest(used, trials, [6, 40])
    assert vars(used) == vars(TPESampler())


def test_suggestions_are_in_the_space_and_of_pythons_types():
    trials = searched(TREE | MORE, tree_loss, 60, TPESampler(n_startup=3))
    for trial in trials:
        assert trials.space.checked(trial.values) == trial.values
        assert type(trial.configuration["batch"]) is int and type(trial.configuration["step"]) is float
        assert trial.configuration["share"] in [round(k / 10, 1) for k in range(11)]


def test_the_best_ratio_of_the_candidates_wins():
    space = {"x": Uniform(0, 1), "k": Integer(0, 50)}
    trials = searched(space, lambda c: (c["x"] - 0.7) ** 2 + c["k"], 40)
    sampler = TPESampler(n_candidates=30)
    [(found, good, bad)] = sampler.densities(space, trials)
    drawn = good.sample(30, np.random.default_rng(3))
    best = drawn[np.argmax(good.logpdf(drawn) - bad.logpdf(drawn))]
    assert [p.name for p in found] == ["x", "k"]
    assert list(suggest(sampler, trials, 3).values()) == list(best)


@pytest.mark.parametrize("sampler", [TPESampler(multivariate=False), HyperoptRules(n_startup=3)])
@pytest.mark.parametrize("seed", range(5))
def test_each_parameter_by_itself_takes_the_best_ratio_of_its_own_candidates(sampler, seed):
    trials = searched(TREE, tree_loss, 40)
    rng, best = np.random.default_rng(seed), {}
    for [parameter], good, bad in sampler.densities(TREE, trials):
        drawn = good.sample(sampler.n_candidates, rng)
        best[parameter.name] = drawn[np.argmax(good.logpdf(drawn) - bad.logpdf(drawn)), 0]
    suggested = suggest(sampler, trials, seed)
    assert suggested == {name: best[name] for name in suggested}
    assert {f"layers.{best['layers']:.0f}.n_units.0"} <= set(suggested) < set(best)


@pytest.mark.parametrize("seed", range(12))
def test_where_parameters_lie_below_only_candidates_with_the_options_of_the_first_compete(seed):
    """And what is not active in them does not count."""
    trials = searched(TREE, tree_loss, 60)
    [(found, good, bad)] = TPESampler().densities(TREE, trials)
    names = [p.name for p in found]
    layers, act = names.index("layers"), names.index("act")
    drawn = good.sample(100, np.random.default_rng(seed))
    drawn = drawn[drawn[:, layers] == drawn[0, layers]]
    assert len(set(drawn[:, act])) > 1  # below which there is none
    others = [f"layers.{1 - drawn[0, layers]:.0f}." in name for name in names]
    drawn[:, others] = np.nan
    best = drawn[np.argmax(good.logpdf(drawn) - bad.logpdf(drawn))]
    expected = {name: value for name, value in zip(names, best, strict=True) if not np.isnan(value)}
    assert suggest(TPESampler(), trials, seed) == expected


def test_options_in_order_compete():
    space = {"size": Ordered(list(range(9)))}
    trials = searched(space, lambda c: abs(c["size"] - 6), 8)
    trials = finished(space, [{"size": k} for k in (0, 1, 2, 3, 7, 8)], [6, 5, 4, 3, 1, 2])
    sampler = TPESampler(n_startup=0, n_candidates=200)
    suggested = Counter(suggest(sampler, trials, seed)["size"] for seed in range(20))
    assert suggested.most_common(1)[0][0] == 6 and max(suggested) == 6


def test_weights_and_priors():
    """The k-th best of the good has its rank's weight, the bad are equal, the prior's share is one."""
    trials = searched(TREE, tree_loss, 60)
    [(_, good, bad)] = TPESampler().densities(TREE, trials)
    losses = trials.losses[[t.number for t in TPESampler().split(trials)[0]]]
    ranks = np.log(10 / (1 + np.argsort(np.argsort(losses))))
    assert len(losses) == 9 and len(set(losses)) > 1
    np.testing.assert_allclose(good.weights[:-1] / good.weights[-1], ranks / ranks.mean())
    assert len(bad.weights) == 52 and np.ptp(bad.weights[:-1]) == 0
    assert good.weights[-1] == pytest.approx(0.1) and bad.weights[-1] == pytest.approx(0.1)


def test_an_option_gives_way_to_any_the_less_the_more_samples_there_are():
    [(found, good, bad)] = TPESampler().densities(TREE, searched(TREE, tree_loss, 30))
    act = [p.name for p in found].index("act")
    size = found[act].distribution.size
    for density, n in ((good, 5), (bad, 25)):
        np.testing.assert_allclose(density.widths[:-1, act], size / (size + n + 1))
    estimator = TPESampler().estimator(np.array([[0.0], [0], [2]]), [Choice([*"abcd"])], np.ones(4))
    kernels = np.array([[5, 1, 1, 1], [5, 1, 1, 1], [1, 1, 5, 1], [2, 2, 2, 2]]) / 8
    np.testing.assert_allclose(estimator.pdf(np.arange(4.0)[:, None]), kernels.mean(axis=0))


def test_values_with_a_step_are_like_their_neighbors():
    """Of many samples of few values, the gaps are nothing."""
    kinds = [Integer(0, 9), LogInteger(1, 99), Ordered([*"abc"]), Uniform(0, 1), Integer(0, 9999)]
    rows = np.repeat([[4.0, 1, 1, 0.5, 500], [5, 2, 1, 0.6, 501]], 40, axis=0)
    estimator, plain = TPESampler().estimator(rows, kinds, np.ones(81)), ParzenEstimator(rows, kinds)
    cells = [(1, 1), (math.log(3), math.log(5 / 3)), (1, 1)]
    for j, pair in enumerate(cells):
        lone = plain.widths[1:39, j] < pair[0]  # all but those next to the other value or to the prior
        assert lone.all()
        np.testing.assert_allclose(estimator.widths[1:39, j], pair[0])
        assert (estimator.widths[40:-1, j] >= pair[1] - 1e-12).all()
    np.testing.assert_array_equal(estimator.widths[:, 3:], plain.widths[:, 3:])
    np.testing.assert_array_equal(estimator.widths[-1], plain.widths[-1])
    assert (estimator.widths <= estimator.widths[-1]).all()


def test_a_subclass_has_other_rules():
    class Other(TPESampler):
        def n_good(self, n_trials):
            return 7

        def weights(self, good, bad):
            assert len(good) == 7 and max(good) < min(bad)
            return np.arange(1, len(good) + 2), np.arange(1, len(bad) + 2)

        def estimator(self, samples, kinds, weights):
            narrow = [0.01 * kind.width if kind.ordered else 0.1 for kind in kinds]
            rules = {"weights": weights[:-1], "prior_weight": weights[-1]}
            return ParzenEstimator(samples, kinds, bandwidth=narrow, **rules)

    space = {"x": Uniform(0, 1), "k": Integer(0, 50)}
    trials = searched(space, lambda c: (c["x"] - 0.7) ** 2 + c["k"], 40)
    [(_, good, bad)] = Other().densities(space, trials)
    np.testing.assert_allclose(good.weights, np.arange(1, 9) / 36)
    np.testing.assert_allclose(bad.weights, np.arange(1, 35) / 595)
    np.testing.assert_allclose(good.widths[:-1], [[0.01, 0.51]] * 7)
    assert suggest(Other(), trials) != suggest(TPESampler(), trials)


def test_far_from_all_trials_the_ratio_is_one():
    trials = finished(Uniform(0, 1000), [500 + k / 50 for k in range(50)], list(range(50)))
    [(_, good, bad)] = TPESampler().densities(trials.space, trials)
    assert good.logpdf([[20]])[0] == pytest.approx(bad.logpdf([[20]])[0], abs=0.1)


def test_parameters_under_an_option_are_learned_from_trials_that_have_them():
    trials = searched(TREE, tree_loss, 50)
    for d in TPESampler(multivariate=False).densities(TREE, trials):
        active = sum(d.parameters[0].name in t.values for t in trials)
        assert len(d.good.weights) + len(d.bad.weights) == active + 2
    [(found, good, bad)] = TPESampler().densities(TREE, trials)
    two = [p.name for p in found].index("layers.1.n_units.0")
    prior = np.isclose(bad.widths[:-1, two], 451)
    layers = [p.name for p in found].index("layers")
    np.testing.assert_array_equal(prior, bad.centers[:-1, layers] == 0)
    assert len(good.weights) == 8 + 1


# ---------------------------------------------------------------- trials of every kind


SMALL = {"x": Uniform(0, 1), "f": Choice(["a", {"never": Uniform(0, 1)}])}
HUGE = 1.7976931348623157e308


@pytest.mark.parametrize("sampler", [TPESampler(), TPESampler(multivariate=False), HyperoptRules()])
@pytest.mark.parametrize(
    "trials",
    [
        Trials((), SMALL),
        finished(SMALL, [{"x": 0.5, "f": "a"}], [1.0]),
        finished(SMALL, [{"x": 0.5, "f": "a"}] * 30, [1.0] * 30),
        finished(SMALL, [{"x": 0.5, "f": "a"}] * 30, [None] * 30),
        finished(SMALL, [{"x": k / 30, "f": "a"} for k in range(30)], [None, 1.0] * 15),
        finished(SMALL, [{"x": k / 30, "f": "a"} for k in range(30)], [HUGE, -HUGE, 1e-300] * 10),
        finished(
            SMALL, [{"x": k / 30, "f": "a"} for k in range(30)], [1e200, 1e-10, 0.0, 1e165, -5e-324] * 6
        ),
    ],
    ids=["none", "one", "all equal", "all failed", "half failed", "largest", "huge and tiny"],
)
def test_a_suggestion_comes_whatever_the_trials(trials, sampler):
    with np.errstate(all="raise"):
        for seed in range(30):
            trials.space.checked(suggest(sampler, trials, seed))
        for d in sampler.densities(SMALL, trials):  # What no trial had is possible all the same.
            rows = [{"x": 0.1, "f": 1, "f.1.never": 0.9}[p.name] for p in d.parameters]
            assert d.good.pdf([rows]) > 0 and d.bad.pdf([rows]) > 0


def test_failed_trials_are_bad():
    configurations = [k / 40 for k in range(40)]
    trials = finished(Uniform(0, 1), configurations, [None if k > 15 else 0.1 for k in range(40)])
    good, bad = TPESampler(gamma=0.99).split(trials)
    assert {trial.state for trial in good} == {"finished"} and len(good) == 16
    assert {trial.state for trial in bad} == {"failed"}
    suggested = [suggest(TPESampler(n_startup=0), trials, k)["value"] for k in range(9)]
    assert np.median(suggested) < 16 / 40


def test_stopped_trials_come_after_finished_ones_those_first_that_got_further():
    space = Space(Uniform(0, 1))
    states = ["finished", "pruned", "failed", "failed"] * 10
    losses = {"finished": 5.0, "pruned": -9.0}
    made = [
        Trial(k, {"value": k / 40}, losses.get(s), s, curve=[1.0] * k or None, space=space)
        for k, s in enumerate(states)
    ]
    for gamma, n_pruned in ((0.25, 0), (0.3, 2), (0.9, 10)):
        good, bad = TPESampler(gamma=gamma).split(made)
        assert [t.state for t in good].count("finished") == 10 and len(good) + len(bad) == 40
        assert [t.number for t in good if t.state == "pruned"] == [*range(1, 40, 4)][10 - n_pruned :]
    [(_, good, bad)] = TPESampler(gamma=0.3).densities(space, Trials(made, space))
    assert len(good.weights) == 13 and len(bad.weights) == 29


def test_a_trial_that_runs_counts_as_the_median_of_the_five_nearest():
    """The oracle is the split of the same trials with that loss told."""
    rng = np.random.default_rng(0)
    space = Space({"x": Uniform(0, 1), "f": Choice(list("abc"))})
    rows = [
        {"x": float(x), "f": int(f)} for x, f in zip(rng.random(40), rng.integers(3, size=40), strict=True)
    ]
    losses = [abs(row["x"] - 0.4) + row["f"] for row in rows]

    def believed(row):
        def apart(k):
            x = abs(rows[k]["x"] - row["x"])
            return min(x, 1 - x) ** 2 + 0.25 * (rows[k]["f"] != row["f"])

        return np.median([losses[k] for k in sorted(range(40), key=apart)[:5]])

    states = set()
    for n in range(30):
        row = {"x": float(rng.random()), "f": int(rng.integers(3))}
        ended = [Trial(k, rows[k], losses[k], "finished", space=space) for k in range(40)]
        told = [*ended, Trial(40, row, believed(row), "finished", space=space)]
        runs = [*ended, Trial(40, row, space=space)]
        for kind in (TPESampler(), TPESampler(multivariate=False)):
            assert kind.suggest(space, runs, np.random.default_rng(n)) == kind.suggest(
                space, told, np.random.default_rng(n)
            )
        good, _ = TPESampler().split(runs)
        assert [t.number for t in good] == [t.number for t in TPESampler().split(told)[0]]
        states.add(40 in [t.number for t in good])
    assert states == {True, False}


@pytest.mark.parametrize(
    "losses", [[HUGE] * 2, [-HUGE, HUGE], [HUGE] * 4, [None, 1.0], [None, None, 1.0, HUGE]]
)
def test_a_trial_that_runs_beside_few_others_has_one_of_their_losses(losses):
    trials = finished(Uniform(0, 1), [k / 9 for k in range(len(losses))], losses)
    runs = Trial(len(trials), {"value": 0.5}, space=trials.space)
    with np.errstate(all="raise"):
        trials.space.checked(suggest(TPESampler(n_startup=1), Trials([*trials, runs], trials.space)))
        good, bad = TPESampler(gamma=0.99).split([*trials, runs])
    assert len(good) + len(bad) == len(losses) + 1


def test_trials_of_which_all_run_or_none_has_a_space_are_bad():
    space = Space(Uniform(0, 1))
    runs = [Trial(k, {"value": k / 9}, space=space) for k in range(9)]
    assert TPESampler().split(runs) == ([], runs)
    bare = [Trial(0, {"value": 0.5}, 1.0, "finished"), Trial(1, {"value": 0.5})]
    assert TPESampler().split(bare) == (bare[:1], bare[1:])


def test_startup_counts_trials_with_a_loss():
    configurations = [k / 30 for k in range(30)]
    trials = finished(Uniform(0, 1), configurations, [None] * 15 + [0.5] * 15)
    random = suggest(RandomSampler(), trials)
    for n_startup, expected in ((16, True), (15, False)):
        assert (suggest(TPESampler(n_startup=n_startup), trials) == random) is expected


# ---------------------------------------------------------------- spaces that end


ENDING = [
    (Integer(3, 40), 38),
    ({"k": LogInteger(1, 6), "f": Choice(["a", (Choice("x y z".split()), Integer(1, 3))])}, 60),
    ({"f": Choice(list(range(12)))}, 12),
    (Choice([None, None, "l2"]), 3),
    (Choice([{}, {}, {}]), 3),
    (Choice([Integer(1, 3), Integer(2, 4)]), 6),
    ({"a": Ordered([1, 1, 2]), "b": Uniform(0.1, 0.5, 0.1)}, 15),
    ({"a": Choice([[64, 32], (64, 32)])}, 2),
]


@pytest.mark.parametrize("sampler", [TPESampler(n_startup=5, n_candidates=3), TPESampler(0.5, 3, 2, False)])
@pytest.mark.parametrize(("space", "size"), ENDING, ids=repr)
def test_a_space_without_real_numbers_is_tried_once_and_no_more(space, size, sampler):
    trials = searched(space, lambda c: len(str(c)), 100, sampler)
    assert len({str(trial.values) for trial in trials}) == len(trials) == size
    with pytest.raises(Exhausted):
        suggest(sampler, trials)


@pytest.mark.parametrize("multivariate", [True, False])
@pytest.mark.parametrize(
    "space",
    [{"x": Uniform(1, 1 + 5e-16)}, LogUniform(1e10, math.nextafter(1e10, 2e10)), Uniform(0, 5e-324)],
    ids=repr,
)
def test_few_doubles_are_soon_tried(space, multivariate):
    trials = searched(space, lambda c: 1.0, 50, TPESampler(n_startup=1, multivariate=multivariate))
    assert 2 <= len(trials) <= 5
    assert len({str(trial.values) for trial in trials}) == len(trials)


def test_options_that_look_alike_do_not_keep_a_search_from_going_on():
    space = {"act": Choice(["relu", "relu", "tanh"]), "x": Uniform(0, 1)}
    trials = searched(space, lambda c: (c["x"] - 0.3) ** 2 + (c["act"] != "relu"), 60, TPESampler())
    assert len(trials) == 60 and trials.best.loss < 1e-4


def test_integers_close_to_the_best_are_found_without_repetition():
    trials = searched(Integer(0, 999), lambda k: abs(k - 700), 60, TPESampler())
    assert trials.best.loss <= 3
    assert max(Counter(trial.configuration for trial in trials).values()) == 1


@pytest.mark.parametrize(
    ("options", "sampler"),
    [
        (list(range(1000)), TPESampler()),
        (list(range(5000)), TPESampler()),
        (list(range(5000)), TPESampler(multivariate=False)),
        ([{"k": k} for k in range(5000)], TPESampler()),
        ([{"k": Uniform(0, 1)} for _ in range(500)], TPESampler()),
    ],
    ids=["1000", "5000", "5000 by itself", "5000 dicts", "500 parameters"],
)
def test_thousands_of_options_cost_no_more_than_a_moment(options, sampler):
    trials = searched({"f": Choice(options), "x": Uniform(0, 1)}, lambda c: c["x"], 250)
    best = math.inf
    for seed in range(3):
        start = time.process_time()
        suggest(sampler, trials, seed)
        best = min(best, time.process_time() - start)
    assert best < 0.3


def test_every_kind_of_distribution_is_searched():
    best = {"shift": -1, "rate": 0.1, "share": 0.3, "width": 208, "size": 32}

    def loss(c):
        return sum(
            [
                (c["shift"] + 1) ** 2 / 4,
                (math.log(c["rate"]) - math.log(0.1)) ** 2,
                (c["share"] - 0.3) ** 2,
                ((c["width"] - 208) / 100) ** 2,
                (math.log2(c["size"]) - 5) ** 2 / 4,
            ]
        )

    bests = [
        [searched(MORE, loss, 60, sampler, seed).best.loss for seed in range(11)]
        for sampler in (TPESampler(), RandomSampler())
    ]
    assert loss(best) < 1e-12 and np.median(bests[0]) < 0.5 * np.median(bests[1])


def test_the_defaults_are_those_that_were_measured():
    assert TPESampler() == TPESampler(gamma=0.15, n_startup=10, n_candidates=100, multivariate=True)


# ---------------------------------------------------------------- bad arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma": 0}, "gamma must be between 0 and 1, got 0; 0.15 makes"),
        ({"gamma": 1}, "gamma must be between 0 and 1, got 1"),
        ({"gamma": 2}, "gamma must be between 0 and 1, got 2"),
        ({"gamma": "0.1"}, "gamma must be a finite number, got '0.1'"),
        ({"gamma": math.nan}, "gamma must be a finite number, got nan"),
        ({"gamma": None}, "gamma must be a finite number, got None"),
        ({"n_startup": -1}, "n_startup must be an integer of at least 0, got -1"),
        ({"n_candidates": 0}, "n_candidates must be an integer of at least 1, got 0"),
        ({"n_candidates": 2.5}, "n_candidates must be an integer of at least 1, got 2.5"),
        ({"multivariate": "no"}, "multivariate must be True or False, got 'no'"),
        ({"multivariate": None}, "multivariate must be True or False, got None"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        TPESampler(**options)
