"""One space for hyperopt and for us: the same distributions, and trials that come back."""

import math
import subprocess
import sys
from collections import Counter

import hyperopt
import numpy as np
import pytest
from hyperopt import STATUS_FAIL, STATUS_OK, fmin, rand, space_eval, tpe
from hyperopt.pyll import dfs
from hyperopt.pyll.stochastic import sample as hyperopt_sample
from scipy.stats import chisquare, ks_2samp

from hpo_helpers import (
    Choice,
    Integer,
    LogInteger,
    LogUniform,
    Trials,
    Uniform,
    loguniform_int,
    sample,
    to_hyperopt,
    uniform_int,
)
from hpo_helpers.spaces import flatten

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
    rng = np.random.default_rng(0)
    node = to_hyperopt(TREE)
    ours = [flatten(TREE, sample(TREE, rng)) for _ in range(1500)]
    theirs = [flatten(TREE, hyperopt_sample(node, rng)) for _ in range(1500)]
    for name in {name for values in ours for name in values}:
        x, y = ([v[name] for v in values if name in v] for values in (ours, theirs))
        assert ks_2samp(x, y).pvalue > 1e-3


@pytest.mark.parametrize(
    ("function", "lower", "upper", "weights"),
    [
        (uniform_int, 1, 4, [1, 1, 1, 1]),
        (uniform_int, -2, 1, [1, 1, 1, 1]),
        (loguniform_int, 1, 3, np.diff(np.log([0.5, 1.5, 2.5, 3.5]))),
    ],
)
def test_integers_have_full_cells_at_the_bounds(function, lower, upper, weights):
    node, rng = function("n", lower, upper), np.random.default_rng(0)
    drawn = [hyperopt_sample(node, rng) for _ in range(4000)]
    assert {type(n) for n in drawn} == {int}
    counts = Counter(drawn)
    expected = np.array(weights) / np.sum(weights) * 4000
    assert sorted(counts) == list(range(lower, upper + 1))
    assert chisquare([counts[n] for n in sorted(counts)], expected).pvalue > 1e-3


@pytest.mark.parametrize("function", [uniform_int, loguniform_int])
@pytest.mark.parametrize(("lower", "upper"), [(1, 2), (2, 3), (1, 2**40), (2**39, 2**39 + 1)])
def test_no_integer_beyond_the_bounds_even_at_the_very_ends(function, lower, upper):
    """NumPy rounds 0.5 to the even neighbor, which for the lower bound 1 would be 0."""
    nodes = dfs(function("n", lower, upper))
    start, end = next([a.obj for a in n.pos_args[:2]] for n in nodes if "uniform" in n.name)
    if function is loguniform_int:
        start, end = np.exp(start), np.exp(end)
    assert np.round(start) == lower and np.round(end) == upper


@pytest.mark.parametrize(
    ("function", "lower", "upper", "message"),
    [
        (uniform_int, 3, 3, "low must be less than high"),
        (uniform_int, 1.5, 3, "low of Integer must be an integer"),
        (loguniform_int, 0, 3, "low of LogInteger must be positive"),
    ],
)
def test_bad_bounds_are_refused(function, lower, upper, message):
    with pytest.raises(ValueError, match=message):
        function("n", lower, upper)


def test_a_space_without_parameters_is_refused():
    with pytest.raises(ValueError, match="space must hold a distribution"):
        to_hyperopt({"a": 1})


@pytest.mark.parametrize("algo", [rand.suggest, tpe.suggest])
def test_trials_come_back_as_configurations(algo):
    seen = []

    def objective(c):
        seen.append(c)
        return sum(flatten(TREE, c).values())

    best, theirs = run(TREE, objective, 40, algo)
    ours = Trials.from_hyperopt(theirs, TREE)
    assert [trial.number for trial in ours] == list(range(40))
    assert [flatten(TREE, t.configuration) for t in ours] == [
        pytest.approx(flatten(TREE, c), rel=1e-14) for c in seen
    ]
    np.testing.assert_array_equal(ours.losses, theirs.losses())
    assert flatten(TREE, space_eval(to_hyperopt(TREE), best)) == pytest.approx(
        flatten(TREE, ours.best.configuration), rel=1e-14
    )
    first = ours[0]
    assert first.state == "finished" and first.seconds >= 0 and first.info is None
    assert type(first.configuration["layers"]["n_units"]) is list
    assert type(first.configuration["pair"][1]) is int
    assert first.configuration["fixed"] == "constant"


def test_one_parameter_is_a_space():
    _, theirs = run(Integer(1, 3), abs, 9)
    assert {t.configuration for t in Trials.from_hyperopt(theirs, Integer(1, 3))} == {1, 2, 3}


def test_failures_and_extra_results_are_kept():
    def objective(x):
        if x < 0.3:
            return {"status": STATUS_FAIL, "reason": "too small"}
        return {"status": STATUS_OK, "loss": math.nan if x > 0.7 else x, "curve": [1.0, x], "a": 1}

    _, theirs = run(Uniform(0, 1), objective, 40)
    ours = Trials.from_hyperopt(theirs, Uniform(0, 1))
    for trial in ours:
        x = trial.configuration
        if x < 0.3:
            assert (trial.state, trial.loss) == ("failed", None)
            assert "'fail'" in trial.error and trial.info == {"reason": "too small"}
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
    ours = Trials.from_hyperopt(theirs, Uniform(0, 1))
    assert [(t.state, t.loss, t.seconds) for t in ours] == [("running", None, 0.0)] * 2


def test_trials_of_another_space_are_refused():
    _, theirs = run({"x": Uniform(0, 1)}, lambda c: c["x"], 3)
    with pytest.raises(ValueError, match=r"labels \['y'\], got \['x'\]"):
        Trials.from_hyperopt(theirs, {"y": Uniform(0, 1)})


def test_hyperopt_is_imported_only_when_it_is_asked_for():
    code = "import sys; from hpo_helpers import to_hyperopt; print('hyperopt' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
