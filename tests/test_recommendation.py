"""What to take home: trying again what may be best, and the lowest mean loss of what was tried most."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

from hpo_helpers import (
    Choice,
    Exhausted,
    GaussianProcess,
    GaussianProcessSampler,
    Integer,
    LogUniform,
    Ordered,
    RandomSampler,
    RepeatSampler,
    Search,
    Space,
    TPESampler,
    Trial,
    Trials,
    Uniform,
    load,
    minimize,
    recommend,
)
from hpo_helpers.samplers.gaussian_process import _fitted, _tamed, expected_losses


def told(space, pairs):
    """Make trials of configurations and losses; those with a loss of None failed."""
    search = Search(space, seed=0)
    for configuration, loss in pairs:
        search.tell(configuration, ValueError("no") if loss is None else loss)
    return search


def noisy(seed, noise):
    rng = np.random.default_rng(seed)
    return lambda c: true_loss(c) + noise * rng.standard_normal()


def true_loss(c):
    return ((c["x"] - 6) / 10) ** 2 + 0.3 * c["kind"] + 0.1 * c["y"]


SPACE = {"x": Integer(0, 20), "kind": Choice([0, 1, 2]), "y": Uniform(0, 1)}


def searched(seed, sampler, noise, n=60):
    return minimize(noisy(seed, noise), SPACE, sampler=sampler, n_trials=n, seed=seed, progress=False)


def test_under_noise_repeats_take_home_what_is_truly_better():
    """At an equal number of trials."""
    search, home, best = RandomSampler(), [], []
    for seed in range(30):
        home.append(true_loss(recommend(searched(seed, RepeatSampler(search, 45), 0.3)).configuration))
        best.append(true_loss(searched(seed, search, 0.3).best.configuration))
    assert np.mean(home) < 0.9 * np.mean(best)
    assert np.sign(np.subtract(best, home)).sum() > 0  # in more searches better than worse


@pytest.mark.parametrize("search", [RandomSampler(), TPESampler(), GaussianProcessSampler()])
def test_without_noise_the_best_is_taken_home(search):
    trials = searched(0, search, 0.0, n=25)
    assert recommend(trials) is trials.best
    trials = searched(0, RepeatSampler(search, 20), 0.0, n=25)
    assert recommend(trials) is trials.best and len(set(trials.losses)) >= 21


def test_the_search_is_that_of_the_sampler():
    trials = searched(0, RepeatSampler(TPESampler(), 20), 0.3, n=30)
    alone = searched(0, TPESampler(), 0.3, n=30)
    assert [t.values for t in trials[:20]] == [t.values for t in alone[:20]]
    assert all(t.values in [t.values for t in trials[:20]] for t in trials[20:])


def test_what_is_tried_again_has_the_lowest_mean_less_its_standard_deviation():
    """With scikit-learn's process as oracle, which is given what ours has learned."""
    space, others = {"x": Uniform(0, 20), "y": Uniform(0, 1), "kind": Ordered([0, 1, 2])}, 0
    for seed in range(4):
        options = {"sampler": RandomSampler(), "n_trials": 30, "seed": seed, "progress": False}
        trials = minimize(noisy(seed, 0.3), space, **options)
        points = np.array([[t.values["x"] / 20, t.values["y"], (t.values["kind"] + 0.5) / 3] for t in trials])
        losses = _tamed(trials.losses)
        ours = _fitted(GaussianProcess, points.tobytes(), losses.tobytes(), (False,) * 3)
        kernel = ours.signal_variance_ * Matern(ours.length_scale_, nu=2.5)
        oracle = GaussianProcessRegressor(kernel, alpha=ours.noise_variance_, optimizer=None)
        mean, std = oracle.fit(points, losses - ours.mean_).predict(points, return_std=True)
        again = RepeatSampler(RandomSampler(), 30).suggest(trials.space, trials, np.random.default_rng(0))
        assert again == trials[int((mean - std).argmin())].values
        others += again != trials.best.values
    assert others


def test_a_bad_second_try_gives_others_their_turn():
    search = told(Choice([*"abcd"]), [("a", 1), ("b", 2), ("c", 9)])
    search.sampler = RepeatSampler(TPESampler(n_startup=100), 3)  # which draws what is new
    search.tell(first := search.ask(), 8.0)
    search.tell(second := search.ask(), 2.5)
    assert [first.configuration, second.configuration] == ["a", "b"]
    assert recommend(search.trials).configuration == "b" and search.trials.best.configuration == "a"


def test_three_equal_losses_are_enough():
    search = told(Choice([*"abcd"]), [("a", 1), ("b", 5), ("c", 6)])
    search.sampler = RepeatSampler(TPESampler(n_startup=100), 3)
    tried = []
    for _ in range(3):
        trial = search.tell(search.ask(), 1.0)
        tried.append(trial.configuration)
    assert tried == [*"aad"]


def test_where_all_losses_are_alike_the_search_goes_on():
    search = told(Choice([*"abc"]), [("a", 1), ("b", 1)])
    search.sampler = RepeatSampler(TPESampler(n_startup=100), 2)
    assert search.ask().configuration == "c"
    with pytest.raises(Exhausted):
        search.ask()


def test_many_who_ask_at_once_do_not_all_repeat_what_may_have_no_noise():
    search = told(Choice([*"abcd"]), [("a", 1), ("b", 2)])
    search.sampler = RepeatSampler(TPESampler(n_startup=100), 2)
    assert sorted(search.ask().configuration for _ in range(4)) == [*"aacd"]
    assert recommend(search.trials).configuration == "a"


def test_what_failed_or_was_stopped_is_neither_repeated_nor_taken_home():
    search = told(Choice([*"abcd"]), [("a", None), ("b", 5), ("c", 4), ("d", 6), ("c", None)])
    stopped = search.ask("a")
    search.tell(stopped, {"loss": 1.0, "curve": [1.0]})
    assert recommend(search.trials).configuration == "a"
    search = told(Choice([*"ab"]), [("a", None), ("b", 5)])
    assert recommend(search.trials).configuration == "b"
    values = RepeatSampler(RandomSampler(), 1).suggest(search.space, search.trials, np.random.default_rng(0))
    assert search.space.build(values) == "b"


def test_before_anything_finished_the_sampler_is_asked():
    search = told(Choice([*"ab"]), [("a", None)])
    search.sampler = RepeatSampler(RandomSampler(), 1)
    assert search.ask().configuration in "ab"
    with pytest.raises(ValueError, match="trials must hold a finished one"):
        recommend(search.trials)


def test_one_lucky_trial_is_not_taken_home_where_others_were_repeated():
    trials = told(Choice([*"abc"]), [("a", 0), ("b", 1), ("b", 2), ("b", 3), ("c", 3), ("c", 2)]).trials
    assert recommend(trials).configuration == "b"
    assert recommend(trials).number == 1
    assert recommend(trials[:3]).configuration == "a"  # half as often as b
    assert recommend(trials[3:]).configuration == "c"


def share_of_wrong(c):
    return min((np.log10(c["step"]) + 2) ** 2 / 4, 1)


def few_tested(seed):
    rng = np.random.default_rng(seed)
    return lambda c: rng.binomial(20, share_of_wrong(c)) / 20


STEPS = {"step": LogUniform(1e-4, 1), "units": Integer(1, 9)}


def test_of_equally_low_losses_the_one_in_good_company_is_taken_home():
    """Where 20 images are tested, many networks are without error, and the first of them is luck."""
    home, best = [], []
    for seed in range(20):
        options = {"sampler": RandomSampler(), "n_trials": 40, "seed": seed, "progress": False}
        trials = minimize(few_tested(seed), STEPS, **options)
        assert (trials.losses == trials.best.loss).sum() > 1
        assert recommend(trials).loss == trials.best.loss
        home.append(share_of_wrong(recommend(trials).configuration))
        best.append(share_of_wrong(trials.best.configuration))
    assert np.mean(home) < 0.7 * np.mean(best)


def test_equally_low_losses_are_told_apart_by_the_mean():
    """With scikit-learn's process as oracle, which is given what ours has learned."""
    others = 0
    for seed in range(6):
        options = {"sampler": RandomSampler(), "n_trials": 40, "seed": seed, "progress": False}
        trials = minimize(few_tested(seed), {"step": LogUniform(1e-4, 1)}, **options)
        trials = Trials([*trials, Trial(40, {"step": 1e-3}, state="failed")], trials.space)  # does not count
        points = np.array([[np.log10(t.values["step"]) / 4 + 1] for t in trials])
        order = np.argsort(trials.losses[:40], kind="stable")
        X, y = points[order], _tamed(trials.losses[order])
        ours = _fitted(GaussianProcess, X.tobytes(), y.tobytes(), (False,))
        kernel = ours.signal_variance_ * Matern(ours.length_scale_, nu=2.5)
        oracle = GaussianProcessRegressor(kernel, alpha=ours.noise_variance_, optimizer=None)
        equal = np.flatnonzero(trials.losses == trials.best.loss)
        mean = oracle.fit(X, y - ours.mean_).predict(points[equal])
        assert recommend(trials).number == equal[mean.argmin()]
        others += recommend(trials) != trials.best
    assert others


def test_where_all_losses_are_equal_the_first_is_taken_home():
    trials = told(Uniform(0, 1), [(0.5, 1), (0.2, 1), (0.3, 1)]).trials
    assert recommend(trials) is trials[0]


def test_many_equal_losses_do_not_make_a_large_model(monkeypatch):
    monkeypatch.setattr("hpo_helpers.recommendation.N_SEEN", 30)
    trials = told(Uniform(0, 1), [(x, round(abs(x - 0.5), 1)) for x in np.linspace(0, 1, 60)]).trials
    sizes = []

    def counted(space, seen, at):
        sizes.append(len(seen))
        return expected_losses(space, seen, at)

    monkeypatch.setattr("hpo_helpers.samplers.gaussian_process.expected_losses", counted)
    assert abs(recommend(trials).configuration - 0.5) < 0.05 and sizes == [30]


@pytest.mark.parametrize("loss", [1e308, -1e308])
def test_huge_losses_have_a_mean(loss):
    trials = told(Choice([*"ab"]), [("a", loss), ("a", loss), ("b", 0.0), ("b", 0.0)]).trials
    assert recommend(trials).configuration == ("b" if loss > 0 else "a")


def test_under_an_option_the_same_values_are_the_same_configuration():
    space = Space(Choice(["none", {"depth": Integer(1, 3)}]))
    trials = told(space, [("none", 1), ({"depth": 2}, 2), ("none", 9), ({"depth": 2}, 3)]).trials
    assert recommend(trials).configuration == {"depth": 2}


def test_a_journal_goes_on_where_it_ended(tmp_path):
    sampler, path = RepeatSampler(TPESampler(), 12), tmp_path / "one.jsonl"
    options = {"space": SPACE, "sampler": sampler, "seed": 0, "progress": False}
    minimize(true_loss, n_trials=14, journal=path, **options)
    trials = minimize(true_loss, n_trials=20, journal=path, **options)
    whole = minimize(true_loss, n_trials=20, **options)
    assert [t.values for t in trials] == [t.values for t in whole]
    assert recommend(load(path)).values == recommend(whole).values


def test_trials_without_a_space_are_refused():
    with pytest.raises(TypeError, match="trials must be Trials with a space"):
        recommend(Trials())


@pytest.mark.parametrize("times", [(3, 2), (2, 3)])
def test_equal_means_are_equal_however_often_they_were_tried(times):
    a, b = (0.21,) * times[0], (0.21,) * times[1]
    pairs = [("c", 0.3), *(("a", loss) for loss in a), *(("b", loss) for loss in b)]
    told_so = told(Choice([*"abc"]), pairs).trials
    swapped = told(Choice([*"abc"]), [pairs[0], *pairs[: -len(b) - 1 : -1], *pairs[1 : len(a) + 1]]).trials
    assert recommend(told_so).loss == recommend(swapped).loss == 0.21
    assert recommend(told_so).configuration == recommend(swapped).configuration  # not by the order


class Counted(float):
    """A number that counts how often it is compared."""

    times = 0

    def __lt__(self, other):
        Counted.times += 1
        return float(self) < float(other)


def test_each_configuration_is_compared_with_the_lowest_once(monkeypatch):
    trials = told(Uniform(0, 1), [(x, abs(x - 0.5)) for x in np.linspace(0, 1, 201)]).trials
    monkeypatch.setattr("hpo_helpers.recommendation.mean", lambda losses: Counted(*losses))
    assert recommend(trials).configuration == 0.5
    assert 0 < Counted.times < 3 * len(trials)
