"""One space for hyperopt and for us: the same distributions, and trials that come back."""

import math
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import hyperopt
import numpy as np
import pytest
from hyperopt import STATUS_FAIL, STATUS_OK, anneal, fmin, rand, space_eval, tpe
from hyperopt.pyll import dfs
from hyperopt.pyll.stochastic import sample as hyperopt_sample
from hypothesis import given, settings
from scipy.stats import chisquare, ks_2samp, norm
from spaces_to_try import SPACES

from hpo_helpers import (
    Choice,
    HyperoptSampler,
    Integer,
    LogInteger,
    LogNormal,
    LogUniform,
    Normal,
    Ordered,
    Search,
    Space,
    Trial,
    Uniform,
    from_hyperopt,
    to_hyperopt,
)
from hpo_helpers.hyperopt import Label

TREE = {
    "step": LogUniform(0.01, 0.5),
    "layers": Choice(
        [
            {"n_layers": 1, "n_units": [Integer(50, 60)]},
            {"n_layers": 2, "n_units": [Integer(50, 60), Integer(1, 3)]},
        ]
    ),
    "act": Choice(["relu", None, 0.5]),
    "pair": (Uniform(-1, 1), LogInteger(1, 9)),
    "fixed": "constant",
}
KINDS = {
    "free": Normal(1, 2),
    "lognormal": LogNormal(-2, 1),
    "cut": Normal(0, 1, -0.5, 2),
    "half": Normal(0, 1, low=3),
    "below": Normal(0, 1, high=0.5),
    "logcut": LogNormal(0, 1, 0.5, 9),
    "tenths": Uniform(0.05, 0.95, 0.1),
    "sixteens": Integer(16, 128, 16),
    "odd": Integer(3, 15, 4),
    "size": Ordered([16, 32, 64]),
    "deep": Ordered(["none", {"width": Integer(1, 3)}, [Normal(0, 1), Choice([1, {"z": Uniform(0, 1)}])]]),
}
ALL = TREE | KINDS


def run(space, objective, n=30, algo=rand.suggest, **options):
    trials = hyperopt.Trials()
    best = fmin(
        objective,
        to_hyperopt(space),
        algo=algo,
        max_evals=n,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
        **options,
    )
    return best, trials


def test_samples_have_the_same_distribution():
    rng, space = np.random.default_rng(0), Space(ALL)
    node = to_hyperopt(space)
    ours = [space.sample(rng) for _ in range(700)]
    theirs = [space.read(hyperopt_sample(node, rng)) for _ in range(700)]
    for name in space.parameters:
        x, y = ([v[name] for v in values if name in v] for values in (ours, theirs))
        assert ks_2samp(x, y).pvalue > 1e-3


@pytest.mark.parametrize(
    ("distribution", "weights"),
    [
        (Integer(1, 4), [1, 1, 1, 1]),
        (Integer(-2, 1), [1, 1, 1, 1]),
        (Integer(-5, 4, 3), [1, 1, 1, 1]),
        (LogInteger(1, 3), np.diff(np.log([0.5, 1.5, 2.5, 3.5]))),
    ],
)
def test_integers_have_full_cells_at_the_bounds(distribution, weights):
    node, rng = to_hyperopt({"n": distribution})["n"], np.random.default_rng(0)
    drawn = [hyperopt_sample(node, rng) for _ in range(4000)]
    assert {type(n) for n in drawn} == {int}
    counts = Counter(drawn)
    expected = np.array(weights) / np.sum(weights) * 4000
    assert sorted(counts) == list(range(distribution.low, distribution.high + 1, distribution.step))
    assert chisquare([counts[n] for n in sorted(counts)], expected).pvalue > 1e-3


@pytest.mark.parametrize("kind", [Integer, LogInteger])
@pytest.mark.parametrize(("lower", "upper"), [(1, 2), (2, 3), (1, 2**40), (2**39, 2**39 + 1)])
def test_no_integer_beyond_the_bounds_even_at_the_very_ends(kind, lower, upper):
    """NumPy rounds 0.5 to the even neighbor, which for the lower bound 1 would be 0."""
    node = to_hyperopt({"n": kind(lower, upper)})["n"]
    ends = next([a.obj for a in n.pos_args[:2]] for n in dfs(node) if "uniform" in n.name)
    ends = np.round(np.exp(ends) if kind is LogInteger else ends)
    for end, bound in zip(ends, (lower, upper), strict=True):
        assert abs(end - bound) <= 1
        value = space_eval(node, {"n": end})
        assert value == bound and type(value) is int


@pytest.mark.parametrize("distribution", [p.distribution for p in Space(ALL).parameters.values()], ids=repr)
def test_a_value_is_what_comes_of_its_label(distribution):
    rng, label = np.random.default_rng(0), Label(distribution)
    for value in [distribution.sample(rng) for _ in range(20)]:
        again = label.value(label.label(value))
        assert again == pytest.approx(value, rel=1e-12) and type(again) is type(value)


def test_labels():
    assert Label(Integer(3, 15, 4)).label(7) == 4 and Label(Integer(3, 15, 4)).draw == (
        "quniform",
        (-2, 14, 4),
    )
    assert Label(Integer(16, 128, 16)).label(32) == 32
    assert Label(Normal(1, 2)).draw == ("normal", (1, 2))
    assert Label(LogNormal(1, 2)).draw == ("lognormal", (1, 2))
    assert Label(Normal(0, 1, high=0)).label(-0.5) == pytest.approx(2 * norm.cdf(-0.5))
    assert Label(LogUniform(0.1, 0.3)).value(0.30000000000000004) == 0.3
    assert Label(LogInteger(1, 9)).value(np.float64(10.0)) == 9


@pytest.mark.parametrize(
    ("searched", "other"),
    [
        (Uniform(0, 10), Uniform(0, 1)),
        (Integer(0, 9), Integer(0, 3)),
        (Ordered(list("abcd")), Ordered(list("ab"))),
        (Uniform(0, 1), Choice([0, 1])),
        (Uniform(0, 1), Integer(0, 3)),
        (LogUniform(1e-5, 1), LogUniform(0.1, 1)),
        (Uniform(0, 1, 0.1), Uniform(0, 1, 0.25)),
    ],
)
def test_values_of_another_space_are_refused(searched, other):
    _, trials = run(searched, lambda x: 0.0)
    assert len(from_hyperopt(trials, searched)) == 30
    with pytest.raises(ValueError, match=r"^trials must have values of .*; pass the space that hyperopt"):
        from_hyperopt(trials, other)


def test_a_parameter_alone_is_called_value():
    assert space_eval(to_hyperopt(Choice(["relu", None])), {"value": 1}) is None
    assert space_eval(to_hyperopt(Ordered([16, 32])), {"value": 1.0}) == 32


def test_a_space_without_parameters_is_refused():
    with pytest.raises(ValueError, match="space must hold a distribution"):
        to_hyperopt({"a": 1})


@pytest.mark.parametrize("algo", [rand.suggest, tpe.suggest, anneal.suggest])
def test_trials_come_back_as_configurations(algo):
    seen, space = [], Space(ALL)

    def objective(c):
        seen.append(c)
        return c["step"] + c["free"] ** 2 + c["odd"]

    best, theirs = run(ALL, objective, 40, algo)
    ours = from_hyperopt(theirs, ALL)
    assert [trial.number for trial in ours] == list(range(40))
    assert [trial.values for trial in ours] == [space.read(c) for c in seen]
    assert all(
        space.checked(t.values) == t.values and list(t.values) == list(space.read(c))
        for t, c in zip(ours, seen, strict=True)
    )
    assert ours.space.tree == ALL
    np.testing.assert_array_equal(ours.losses, theirs.losses())
    assert space.read(space_eval(to_hyperopt(ALL), best)) == ours.best.values
    assert set(theirs.vals) == set(space.parameters)
    first = ours[0]
    assert first.state == "finished" and first.seconds >= 0 and first.info is None
    assert type(first.configuration["layers"]["n_units"]) is list
    assert type(first.configuration["pair"][1]) is int
    assert first.configuration["fixed"] == "constant"


@pytest.mark.filterwarnings("ignore:.*is a list of constants")
@settings(max_examples=40)
@given(SPACES)
def test_any_space_comes_back(tree):
    try:
        space = Space(tree)
    except ValueError:  # no parameter, or two of one name
        return
    seen = []
    _, theirs = run(tree, lambda c: (seen.append(c), 0.0)[1], 6)
    ours = from_hyperopt(theirs, tree)
    assert len(ours) == len(seen) == 6
    for trial, configuration in zip(ours, seen, strict=True):
        assert space.checked(trial.values) == trial.values
        assert space.build(space.read(configuration)) == trial.configuration


def test_one_parameter_is_a_space():
    _, theirs = run(Integer(1, 3), abs, 9)
    assert {t.configuration for t in from_hyperopt(theirs, Integer(1, 3))} == {1, 2, 3}


def test_failures_and_extra_results_are_kept():
    def objective(x):
        if x < 0.3:
            return {"status": STATUS_FAIL, "reason": "too small", "loss": -9.0}
        return {"status": STATUS_OK, "loss": math.nan if x > 0.7 else x, "curve": [1.0, x], "a": 1}

    _, theirs = run(Uniform(0, 1), objective, 40)
    ours = from_hyperopt(theirs, Uniform(0, 1))
    for trial in ours:
        x = trial.configuration
        if x < 0.3:
            assert (trial.state, trial.loss) == ("failed", None)
            assert trial.error == "hyperopt's status 'fail': too small"
            assert trial.info == {"reason": "too small"}
        elif x > 0.7:
            assert (trial.state, trial.loss) == ("failed", None) and "nan" in trial.error
        else:
            assert (trial.state, trial.loss, trial.info) == ("finished", x, {"a": 1})
            assert trial.curve == [1.0, x]
    assert Counter(trial.state for trial in ours).keys() == {"finished", "failed"}


def test_trials_that_are_not_done_are_running():
    theirs = hyperopt.Trials()
    domain = hyperopt.base.Domain(abs, to_hyperopt(Uniform(0, 1)))
    theirs.insert_trial_docs(rand.suggest(theirs.new_trial_ids(2), domain, theirs, 0))
    theirs.refresh()
    ours = from_hyperopt(theirs, Uniform(0, 1))
    assert [(t.state, t.loss, t.seconds) for t in ours] == [("running", None, 0.0)] * 2


def test_a_clock_that_was_set_back_is_no_hindrance():
    _, theirs = run(Uniform(0, 1), abs, 3)
    theirs.trials[0]["refresh_time"] = theirs.trials[0]["book_time"] - timedelta(hours=1)
    theirs.trials[1]["refresh_time"] = theirs.trials[1]["book_time"] + timedelta(seconds=2)
    assert [t.seconds for t in from_hyperopt(theirs, Uniform(0, 1))][:2] == [0, 2]


def test_trials_of_another_space_are_refused():
    _, theirs = run({"x": Uniform(0, 1)}, lambda c: c["x"], 3)
    with pytest.raises(ValueError, match=r"the labels \['y'\] of .* got \['x'\]; pass the space"):
        from_hyperopt(theirs, {"y": Uniform(0, 1)})


def test_something_else_than_trials_is_refused():
    with pytest.raises(TypeError, match="trials must be a hyperopt.Trials, got 3"):
        from_hyperopt(3, Uniform(0, 1))


# ---------------------------------------------------------------- hyperopt as a sampler


def searched(space, loss, n, sampler):
    search = Search(space, sampler=sampler, seed=0)
    for _ in range(n):
        trial = search.ask()
        search.tell(trial, loss(trial.configuration))
    return search.trials


def test_it_searches_every_kind_of_space():
    trials = searched(ALL, lambda c: c["free"] ** 2, 20, HyperoptSampler(5, 20))
    assert all(trials.space.checked(t.values) == t.values for t in trials)
    assert trials.best.loss < 0.1


def test_a_suggestion_depends_on_nothing_but_the_arguments():
    trials = searched({"x": Normal(0, 1)}, lambda c: c["x"] ** 2, 25, HyperoptSampler(5, 20))
    again = [
        HyperoptSampler(5, 20).suggest(trials.space, trials[:k], np.random.default_rng([0, k]))
        for k in (3, 24)
    ]
    assert again == [trials[3].values, trials[24].values]


def suggestions(monkeypatch, sampler, states=("finished",)):
    """Return what hyperopt is asked, and what it knows of trials."""
    asked, original = [], tpe.suggest

    def suggest(ids, domain, trials, seed, **settings):
        asked.append(settings | {"losses": trials.losses(), "statuses": trials.statuses()})
        return original(ids, domain, trials, seed, **settings)

    monkeypatch.setattr(hyperopt.tpe, "suggest", suggest)
    losses = {"finished": 1.0, "pruned": 0.5}
    trials = [Trial(k, {"value": k / 9}, losses.get(s), s) for k, s in enumerate(states)]
    sampler.suggest(Space(Uniform(0, 1)), trials, np.random.default_rng(0))
    return asked[0]


def test_hyperopt_gets_the_settings(monkeypatch):
    asked = suggestions(monkeypatch, HyperoptSampler(3, 7, 0.4))
    assert (asked["n_startup_jobs"], asked["n_EI_candidates"], asked["gamma"]) == (3, 7, 0.4)
    asked = suggestions(monkeypatch, HyperoptSampler())
    assert (asked["n_startup_jobs"], asked["n_EI_candidates"], asked["gamma"]) == (20, 1000, 0.2)


def test_only_finished_trials_have_losses_for_hyperopt(monkeypatch):
    asked = suggestions(monkeypatch, HyperoptSampler(), ("finished", "failed", "pruned", "running"))
    assert asked["losses"] == [1.0, None, None, None]
    assert asked["statuses"] == [STATUS_OK] + [STATUS_FAIL] * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_startup": -1}, "n_startup must be an integer of at least 0, got -1"),
        ({"n_candidates": 0}, "n_candidates must be an integer of at least 1, got 0"),
        ({"gamma": 0}, "gamma must be a finite number above 0, got 0"),
        ({"gamma": "a"}, "gamma must be a finite number above 0, got 'a'"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        HyperoptSampler(**options)


def test_hyperopt_is_imported_only_when_it_is_asked_for():
    code = "import sys; from hpo_helpers import to_hyperopt; print('hyperopt' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
