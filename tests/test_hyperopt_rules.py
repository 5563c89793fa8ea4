"""Groups, weights, widths and densities of `HyperoptRules` against those that hyperopt itself computes."""

import hyperopt
import numpy as np
import pytest
from hyperopt import tpe
from hyperopt.base import Domain
from hypothesis import given, strategies as st
from test_parzen import NUMBERS, OPTIONS, samples_of, total
from test_tpe import MORE, TREE, searched, tree_loss

from hpo_helpers import Normal, ParzenEstimator, Space, Uniform, to_hyperopt
from hpo_helpers.course.hyperopt_rules import CutAsAWhole, HyperoptRules, counted, forgetting


def test_the_size_of_the_group():
    assert [HyperoptRules().n_good(n) for n in (1, 20, 100, 200, 1000)] == [1, 2, 3, 4, 8]
    assert HyperoptRules(gamma=0.5).n_good(200) == 8 and HyperoptRules(gamma=0.2).n_good(200) == 3
    assert HyperoptRules(gamma=0.9).n_good(10**6) == 25


def test_options_are_counted_among_the_trials_that_have_them():
    samples = np.array([[0, 0.2], [0, 0.3], [np.nan, 0.1], [2, np.nan]])
    weights = [1, 1, 5, 1, 1]
    assert counted(samples, [OPTIONS, Uniform(0, 1)], weights) == [pytest.approx(3 / 7), None]


@pytest.mark.parametrize("distribution", [*NUMBERS, OPTIONS], ids=repr)
def test_a_density_cut_as_a_whole_integrates_to_one(distribution):
    for n in (0, 1, 7):
        weights = np.arange(1, n + 1)
        estimator = CutAsAWhole(samples_of(distribution, n), distribution, weights=weights, bandwidth=0.3)
        assert total(estimator, distribution) == pytest.approx(1, abs=1e-7)
        assert estimator.weights.sum() == pytest.approx(1)


EACH = np.arange(4)[:, None]


def test_a_mixture_cut_as_a_whole_keeps_its_shape():
    x = np.linspace(0, 1, 9)
    options = {"bandwidth": 0.3, "prior_weight": 0}
    whole = CutAsAWhole([0.0, 0.5], Uniform(0, 1), **options).pdf(x)
    free = ParzenEstimator([0.0, 0.5], Uniform(-9, 9), **options).pdf(x)
    np.testing.assert_allclose(whole / whole[0], free / free[0], rtol=1e-12)


def test_options_are_counted_and_a_never_seen_one_is_possible():
    samples = [[0], [0], [2]]
    widths = [counted(samples, [OPTIONS], [1, 1, 1, prior]) for prior in (1, 0)]
    estimator = ParzenEstimator(samples, [OPTIONS], bandwidth=widths[0], prior_weight=1)
    np.testing.assert_allclose(estimator.pdf(EACH), np.array([3, 1, 2, 1]) / 7)
    certain = ParzenEstimator(samples, [OPTIONS], bandwidth=widths[1], prior_weight=0)
    np.testing.assert_allclose(certain.pdf(EACH), [2 / 3, 0, 1 / 3, 0])
    assert set(certain.sample(100, np.random.default_rng(0))[:, 0]) == {0, 2}


@pytest.mark.parametrize("n", [1, 5, 20, 60, 200])
@pytest.mark.parametrize("gamma", [0.25, 0.9])
def test_groups_are_hyperopts(n, gamma):
    trials = searched(TREE, tree_loss, n)
    good, bad = HyperoptRules(gamma=gamma).split(trials)
    numbers = np.arange(n)
    theirs = tpe.ap_split_trials(numbers, numbers, numbers, trials.losses, gamma)
    for group, expected in zip((good, bad), theirs, strict=True):
        assert [trial.number for trial in group] == list(expected)


@pytest.mark.parametrize("n", [3, 30, 150])
def test_densities_are_those_that_hyperopt_compares(n, monkeypatch):
    """Let hyperopt suggest after our trials, and see what it computes for each parameter."""
    space = TREE | MORE
    trials = searched(space, lambda c: tree_loss(c) + abs(c["shift"]) + c["share"], n)
    seen = []
    for name in ("GMM1_lpdf", "LGMM1_lpdf", "randint_via_categorical_lpdf"):
        spied(monkeypatch, name, seen)
    domain, theirs = as_hyperopts(space, trials)
    tpe.suggest([n], domain, theirs, 0, n_startup_jobs=0, verbose=False)

    ours = HyperoptRules().densities(space, trials)
    assert len(seen) == 2 * len(ours) == 2 * 13
    ours = [density for d in ours for density in (d.good, d.bad)]
    fits = np.array([[same(density, x, theirs) for x, theirs in seen] for density in ours])
    assert fits.any(axis=0).all() and fits.any(axis=1).all()


def same(density, x, theirs):
    return np.allclose(density.logpdf(x.round(12)[:, None]), theirs, atol=1e-9, rtol=0)


def spied(monkeypatch, name, seen):
    """Note the samples and log densities of one of hyperopt's functions, normalized."""
    original = hyperopt.pyll.scope._impls[name]

    def spy(samples, *args, **kwargs):
        result = original(samples, *args, **kwargs)
        correction = 0.0
        if name == "LGMM1_lpdf" and kwargs.get("q") is None and "high" in kwargs:
            # It forgets the mass within the bounds.
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
        values = trial.values
        tid = theirs.new_trial_ids(1)[0]
        vals = {name: [values[name]] if name in values else [] for name in Space(space).parameters}
        idxs = {name: [tid] * len(v) for name, v in vals.items()}
        misc = {"tid": tid, "cmd": domain.cmd, "workdir": None, "idxs": idxs, "vals": vals}
        result = {"loss": trial.loss, "status": "ok" if trial.loss is not None else "fail"}
        doc = theirs.new_trial_docs([tid], [None], [result], [misc])[0]
        doc["state"] = hyperopt.JOB_STATE_DONE
        theirs.insert_trial_docs([doc])
    theirs.refresh()
    return domain, theirs


@given(st.lists(st.floats(0.5, 4.5), max_size=60))
def test_widths_and_weights_are_hyperopts(samples):
    weights, centers, widths = tpe.adaptive_parzen_normal(samples, 1.3, 2.5, 4.0)
    n = len(samples)
    ours = ParzenEstimator(samples, Uniform(0.5, 4.5), weights=forgetting(n), prior_weight=1.3)
    hyperopts = sorted(zip(centers, widths, weights, strict=True))
    mine = sorted(zip(ours.centers[:, 0], ours.widths[:, 0], ours.weights, strict=True))
    np.testing.assert_allclose(mine, hyperopts, atol=1e-10)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 25, 26, 120])
@pytest.mark.parametrize("distribution", NUMBERS, ids=repr)
def test_densities_of_numbers_are_hyperopts(n, distribution):
    d = distribution
    samples = samples_of(d, n)
    ours = CutAsAWhole(samples, d, weights=forgetting(n))
    mixture = tpe.adaptive_parzen_normal(d.scaled(samples), 1.0, d.center, d.width)
    x = np.unique(d.from_unit(np.linspace(0.001, 0.999, 50)).astype(float))
    bounded = {"low": d.start, "high": d.end} if np.isfinite(d.high) else {"low": None, "high": None}
    bounded["low"] = d.start if d == Normal(0, 1, low=3) else bounded["low"]
    bounded["high"] = 99.0 if d == Normal(0, 1, low=3) else bounded["high"]
    lpdf = tpe.LGMM1_lpdf if d.log else tpe.GMM1_lpdf
    theirs = lpdf(x, *mixture, **bounded, q=d.step)
    if d.log and d.step is None and bounded["low"] is not None:
        # Here hyperopt forgets to divide by the mass within the bounds.
        weights, mu, sigma = mixture
        within = tpe.normal_cdf(d.end, mu, sigma) - tpe.normal_cdf(d.start, mu, sigma)
        theirs -= np.log(np.sum(weights * within))
    np.testing.assert_allclose(ours.logpdf(x), theirs, atol=1e-9)


@pytest.mark.parametrize("n", [0, 1, 5, 26, 120])
@pytest.mark.parametrize("prior_weight", [1.0, 0.3])
def test_probabilities_of_options_are_hyperopts(n, prior_weight):
    samples = samples_of(OPTIONS, n).astype(int)
    weights = tpe.linear_forgetting_weights(n, LF=tpe.DEFAULT_LF)
    np.testing.assert_allclose(forgetting(n), weights, atol=1e-15)
    counts = np.bincount(samples, minlength=4, weights=weights) + prior_weight
    [width] = counted(samples[:, None], [OPTIONS], np.append(weights, prior_weight))
    ours = ParzenEstimator(samples, OPTIONS, bandwidth=width, weights=weights, prior_weight=prior_weight)
    theirs = tpe.randint_via_categorical_lpdf(np.arange(4), counts / counts.sum())
    np.testing.assert_allclose(ours.logpdf(range(4)), theirs, atol=1e-10)
