"""The loop: what it asks for, what it keeps, and what it says when something is wrong."""

import math
import sys
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from hpo_helpers import (
    Choice,
    GaussianProcessSampler,
    GridSampler,
    Integer,
    LogUniform,
    ObjectiveError,
    RandomSampler,
    TPESampler,
    Trials,
    Uniform,
    hyperparam_selection,
    minimize,
    sample,
)
from hpo_helpers.models.acquisition import next_parameter_by_ei
from hpo_helpers.models.gaussian_process import gaussian_process
from hpo_helpers.samplers.article import ArticleSampler
from hpo_helpers.samplers.default import DefaultSampler

SPACE = {"x": Uniform(-2, 2), "f": Choice([{"lr": LogUniform(1e-3, 1)}, "none"])}


def objective(configuration):
    return configuration["x"] ** 2


def search(objective=objective, space=SPACE, **more):
    return minimize(
        objective,
        space,
        **{"sampler": RandomSampler(), "n_trials": 5, "seed": 0, "progress": False, **more},
    )


def raise_in(number, error):
    """Make an objective that raises in one of its calls."""
    calls = []

    def objective(configuration):
        calls.append(configuration)
        if len(calls) == number + 1:
            raise error
        return configuration["x"] ** 2

    return objective


def test_trials_are_kept_in_order():
    trials = search()
    assert [t.number for t in trials] == [0, 1, 2, 3, 4]
    assert [t.loss for t in trials] == [t.configuration["x"] ** 2 for t in trials]
    assert all(t.state == "finished" and t.seconds >= 0 for t in trials)
    assert trials.best.loss == min(trials.losses)


def test_trial_k_has_the_generator_of_seed_and_k():
    expected = [sample(SPACE, np.random.default_rng([7, k])) for k in range(4)]
    assert [t.configuration for t in search(n_trials=4, seed=7)] == expected


def test_without_a_seed_searches_differ():
    first, second = search(seed=None), search(seed=None)
    assert [t.configuration for t in first] != [t.configuration for t in second]


def test_a_sampler_sees_the_space_and_all_trials_so_far():
    class Spy:
        def suggest(self, space, trials, rng):
            seen.append((space, [t.number for t in trials], isinstance(trials, Trials)))
            return sample(space, rng)

    seen = []
    search(sampler=Spy(), n_trials=3)
    assert seen == [(SPACE, list(range(k)), True) for k in range(3)]


def test_a_sampler_sees_the_same_after_a_stop(tmp_path):
    class Spy:
        def suggest(self, space, trials, rng):
            seen.append([(t.configuration, t.loss, t.state, t.curve) for t in trials])
            return sample(space, rng)

    def objective(configuration):
        loss = configuration["x"] if configuration["x"] > 0 else math.nan
        return {"loss": loss, "curve": [configuration["x"], 1]}

    seen = []
    search(objective, sampler=Spy(), n_trials=6)
    whole = list(seen)
    seen.clear()
    for n_trials in (2, 3, 6):
        search(objective, sampler=Spy(), n_trials=n_trials, journal=tmp_path / "search.jsonl")
    assert seen == whole


def test_by_default_the_default_sampler_chooses(monkeypatch):
    class DefaultSampler:
        def suggest(self, space, trials, rng):
            return {"x": len(trials) / 2, "f": "none"}

    module = SimpleNamespace(DefaultSampler=DefaultSampler)
    monkeypatch.setitem(sys.modules, "hpo_helpers.samplers.default", module)
    assert [t.loss for t in search(sampler=None, n_trials=3)] == [0.0, 0.25, 1.0]


def test_the_default_is_a_gaussian_process_and_then_parzen_estimators(monkeypatch):
    monkeypatch.setattr("hpo_helpers.samplers.default.N_MODEL", 13)
    trials = search(sampler=DefaultSampler(), n_trials=15, seed=3)
    for number, sampler in ((12, GaussianProcessSampler()), (13, TPESampler()), (14, TPESampler())):
        rng = np.random.default_rng([3, number])
        expected = sampler.suggest(SPACE, trials[:number], rng)
        assert trials[number].configuration == expected


def test_an_objective_may_change_its_configuration():
    def objective(configuration):
        configuration["f"] = None
        return configuration.pop("x")

    trials = search(objective)
    assert all(t.configuration["x"] == t.loss and t.configuration["f"] for t in trials)


def test_numbers_of_all_kinds_are_losses():
    losses = [1, 2.0, np.float32(3), np.array(4.0), np.int64(5), Decimal(6)]
    given = iter(losses)
    trials = search(lambda configuration: next(given), n_trials=len(losses))
    assert [t.loss for t in trials] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert {type(t.loss) for t in trials} == {float}


def test_a_mapping_brings_curve_and_info():
    returned = {"loss": 1, "curve": np.array([3, 1]), "accuracy": 0.9}
    trial = search(lambda configuration: returned, n_trials=1)[0]
    assert (trial.loss, trial.curve, trial.info) == (1.0, [3.0, 1.0], {"accuracy": 0.9})
    assert set(returned) == {"loss", "curve", "accuracy"}
    bare = search(lambda configuration: {"loss": 1}, n_trials=1)[0]
    assert (bare.curve, bare.info) == (None, None)


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_losses_that_are_not_finite_never_win(loss):
    losses = iter([loss, 3.0, {"loss": loss, "note": 1}, 2.0])
    trials = search(lambda configuration: next(losses), n_trials=4)
    assert [t.state for t in trials] == ["failed", "finished"] * 2
    assert trials[0].error == trials[2].error == f"objective returned {loss}"
    assert trials[0].loss is None and trials[2].info == {"note": 1}
    assert trials.best.number == 3


# --- failures ----------------------------------------------------------------------------------


def test_a_failure_stops_the_search_and_loses_nothing():
    with pytest.raises(ObjectiveError) as caught:
        search(raise_in(2, ZeroDivisionError("by zero")))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    trials = caught.value.trials
    assert [t.state for t in trials] == ["finished", "finished", "failed"]
    assert trials[2].error == "ZeroDivisionError: by zero" and trials[2].configuration["f"]
    assert str(caught.value) == (
        "Trial 2 failed with ZeroDivisionError: by zero. Trials 0 to 2 are kept in this error's "
        ".trials; mend the objective and call minimize again, or pass on_error='record' to go on "
        "past failures."
    )


def test_after_a_failure_the_journal_goes_on(tmp_path):
    path = tmp_path / "search.jsonl"
    message = r"in this error's \.trials and journal .*search\.jsonl; .* again with it to go on"
    with pytest.raises(ObjectiveError, match=message):
        search(raise_in(2, ValueError("no")), journal=path)
    states = ["finished", "finished", "failed", "finished", "finished"]
    assert [t.state for t in Trials.load(path)] == states[:3]
    assert [t.state for t in search(journal=path)] == states


def test_failures_may_be_recorded():
    trials = search(raise_in(2, StopIteration("odd")), on_error="record")
    assert [t.state for t in trials] == ["finished", "finished", "failed", "finished", "finished"]
    assert trials[2].error == "StopIteration: odd"


@pytest.mark.parametrize(
    ("returned", "shown"),
    [
        (None, "None"),
        ("0.5", "'0.5'"),
        (True, "True"),
        (np.bool_(True), "np.True_"),
        (1j, "1j"),
        (np.complex64(1), r"np.complex64\(1\+0j\)"),
        ({}, r"\{\}"),
        ({"accuracy": 0.9}, r"\{'accuracy': 0.9\}"),
        ([0.5], r"\[0.5\]"),
    ],
)
def test_what_is_no_loss_is_a_failure(returned, shown):
    message = f"Trial 0 failed with TypeError: the objective returned {shown}; return the loss as"
    with pytest.raises(ObjectiveError, match=message):
        search(lambda configuration: returned)
    trials = search(lambda configuration: returned, on_error="record", n_trials=2)
    assert [t.state for t in trials] == ["failed", "failed"]


@pytest.mark.parametrize(
    "returned", [np.zeros(2), {"loss": 1, "curve": 3}, {"loss": 1, "curve": "ab"}]
)
def test_what_cannot_be_read_is_a_failure(returned):
    with pytest.raises(ObjectiveError, match="Trial 0 failed with (Type|Value)Error"):
        search(lambda configuration: returned)


@pytest.mark.parametrize("with_journal", [True, False])
def test_an_interrupted_objective_ends_the_search(tmp_path, with_journal):
    path = tmp_path / "search.jsonl" if with_journal else None
    trials = search(raise_in(2, KeyboardInterrupt()), journal=path)
    assert [t.number for t in trials] == [0, 1]
    if with_journal:
        assert [t.number for t in Trials.load(path)] == [0, 1]
        resumed = search(journal=path)
        assert [t.configuration for t in resumed] == [t.configuration for t in search()]


def test_an_interrupted_suggestion_ends_the_search():
    class Interrupted:
        def suggest(self, space, trials, rng):
            if len(trials) == 2:
                raise KeyboardInterrupt
            return sample(space, rng)

    assert len(search(sampler=Interrupted())) == 2


def test_a_sampler_that_leaves_the_space_is_named():
    class Lost:
        def suggest(self, space, trials, rng):
            return {"x": 3.0, "f": "none"}

        def __repr__(self):
            return "Lost()"

    message = r"Lost\(\) must suggest from the space, but x must lie in Uniform.* got 3.0"
    with pytest.raises(ValueError, match=message):
        search(sampler=Lost())


def test_a_sampler_may_end_the_search():
    assert len(search(sampler=GridSampler(3), space=[Uniform(0, 1)], objective=sum)) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_trials": 0}, ValueError, "n_trials must be at least 1, got 0"),
        ({"n_trials": -1}, ValueError, "n_trials must be at least 1, got -1"),
        ({"n_trials": 2.5}, TypeError, "n_trials must be an integer, got 2.5"),
        ({"n_trials": True}, TypeError, "n_trials must be an integer, got True"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
        ({"seed": "a"}, TypeError, "seed must be an integer, got 'a'"),
        ({"on_error": "ignore"}, ValueError, "on_error must be 'raise' or 'record', got 'ignore'"),
        ({"objective": 3}, TypeError, "objective must be a function of a configuration, got 3"),
        ({"sampler": "tpe"}, TypeError, "sampler must have a suggest method, .* got 'tpe'"),
        ({"sampler": RandomSampler}, TypeError, "sampler must have a suggest method"),
        ({"space": {}}, ValueError, "space must hold a distribution"),
    ],
)
def test_bad_arguments_are_refused(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        search(journal=tmp_path / "search.jsonl", **arguments)
    assert not any(tmp_path.iterdir())


def test_numpy_integers_are_integers():
    assert len(search(n_trials=np.int64(2), seed=np.uint8(1))) == 2


# --- progress ----------------------------------------------------------------------------------


def test_the_bar_shows_the_best_loss(capsys):
    losses = iter([math.nan, 0.75, 0.5, 0.625])
    search(lambda configuration: next(losses), n_trials=4, progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "4/4" in err and "best=0.5]" in err.splitlines()[-1]


def test_the_bar_begins_where_the_journal_ends(tmp_path, capsys):
    search(journal=tmp_path / "search.jsonl", n_trials=3)
    search(journal=tmp_path / "search.jsonl", n_trials=4, progress=True)
    assert "3/4" in capsys.readouterr().err.split("\r")[1]


def test_without_the_bar_nothing_is_written(capfd, monkeypatch):
    monkeypatch.delitem(sys.modules, "tqdm.auto", raising=False)
    search()
    assert tuple(capfd.readouterr()) == ("", "") and "tqdm.auto" not in sys.modules


# --- the article's loop ------------------------------------------------------------------------


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
    assert calls == tried
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


def test_no_number_is_tried_twice():
    calls = []
    hyperparam_selection(lambda n: calls.append(n) or math.nan if len(calls) < 4 else n, [1, 6])
    assert len(set(calls)) == len(calls)


def test_when_all_are_tried_it_stops():
    calls = []
    with pytest.raises(ValueError, match="None of the 3 trials is finished"):
        hyperparam_selection(lambda n: calls.append(n) or math.nan, [1, 3])
    assert sorted(calls) == [1, 2, 3]


def test_an_integer_proposed_again_ends_it():
    trials = minimize(
        bowl, Integer(320, 322), sampler=ArticleSampler(), n_trials=9, seed=0, progress=False
    )
    assert len(trials) <= 3 and trials.best.configuration == 321


@pytest.mark.parametrize("bad", [[50], [50, 100, 200], 50, None, ["a", "b"], [50.5, 100], "ab"])
def test_a_range_that_is_not_two_integers_is_refused(bad):
    with pytest.raises(TypeError, match="n_hidden_range must be two integers, as .* got"):
        hyperparam_selection(bowl, bad)


def test_a_range_in_the_wrong_order_is_refused():
    for bad in ([5, 5], [9, 1]):
        with pytest.raises(ValueError, match="n_hidden_range must have the smaller number first"):
            hyperparam_selection(bowl, bad)


def test_at_least_one_iteration_is_wanted():
    with pytest.raises(ValueError, match="n_iter must be at least 1, got 0"):
        hyperparam_selection(bowl, [1, 9], n_iter=0)


def test_a_function_that_fails_is_an_objective_that_fails():
    with pytest.raises(ObjectiveError, match="Trial 0 failed with TypeError: the objective"):
        hyperparam_selection(lambda n: None, [1, 9])
