"""`minimize`: what it tries, what it keeps, when it ends, and what it says when something is wrong."""

import gc
import math
import multiprocessing
import os
import pickle
import re
import signal
import sys
import threading
import time
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import numpy as np
import pytest

from hpo_helpers import (
    Choice,
    GaussianProcessSampler,
    GridSampler,
    LogUniform,
    ObjectiveError,
    RandomSampler,
    Search,
    Space,
    SuccessiveHalving,
    TPESampler,
    Trials,
    Uniform,
    load,
    minimize,
)
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


def test_a_sampler_sees_the_same_after_a_stop(tmp_path):
    class Spy:
        def suggest(self, space, trials, rng):
            seen.append([(t.values, t.loss, t.state, t.curve) for t in trials])
            return space.sample(rng)

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


def test_the_default_is_a_gaussian_process_and_then_parzen_estimators(monkeypatch):
    monkeypatch.setattr("hpo_helpers.samplers.default.N_MODEL", 13)
    trials = search(sampler=DefaultSampler(), n_trials=15, seed=3)
    for number, sampler in ((12, GaussianProcessSampler()), (13, TPESampler()), (14, TPESampler())):
        rng = np.random.default_rng([3, number])
        expected = sampler.suggest(Space(SPACE), trials[:number], rng)
        assert trials[number].values == expected


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
    assert [t.state for t in load(path)] == states[:3]
    assert [t.state for t in search(journal=path)] == states


def test_an_objective_error_travels():
    with pytest.raises(ObjectiveError) as caught:
        search(raise_in(2, ValueError("no")))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and list(again.trials) == list(caught.value.trials)


def failing_search(seed):
    def fail(configuration):
        raise ValueError("no")

    return search(fail, seed=seed)


def test_an_objective_error_comes_out_of_a_pool():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        with pytest.raises(ObjectiveError, match="Trial 0 failed with ValueError: no"):
            pool.map(failing_search, [0])


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


@pytest.mark.parametrize("returned", [np.zeros(2), {"loss": 1, "curve": 3}, {"loss": 1, "curve": "ab"}])
def test_what_cannot_be_read_is_a_failure(returned):
    with pytest.raises(ObjectiveError, match="Trial 0 failed with (Type|Value)Error"):
        search(lambda configuration: returned)


@pytest.mark.parametrize("with_journal", [True, False])
def test_an_interrupted_objective_ends_the_search(tmp_path, with_journal):
    path = tmp_path / "search.jsonl" if with_journal else None
    with pytest.warns(UserWarning, match="interrupted: 2 of 5 trials ended") as caught:
        trials = search(raise_in(2, KeyboardInterrupt()), journal=path)
    assert caught[0].filename == __file__
    assert [t.state for t in trials] == ["finished", "finished", "running"]
    if with_journal:
        assert list(load(path)) == list(trials)
        resumed = search(journal=path)
        assert [t.values for t in resumed] == [t.values for t in search()]
        assert {t.state for t in resumed} == {"finished"}


def test_ctrl_c_reaches_an_objective_that_is_at_work():
    def objective(configuration):
        signal.raise_signal(signal.SIGINT)
        seen.append(configuration)
        return 0.0

    seen = []
    with pytest.warns(UserWarning, match="interrupted: 0 of 5 trials ended"):
        search(objective)
    assert not seen


def test_an_interrupted_suggestion_ends_the_search():
    class Interrupted:
        def suggest(self, space, trials, rng):
            if len(trials) == 2:
                raise KeyboardInterrupt
            return space.sample(rng)

    with pytest.warns(UserWarning, match="interrupted: 2 of 5 trials ended"):
        assert len(search(sampler=Interrupted())) == 2


def test_ctrl_c_in_a_search_inside_an_objective_ends_both():
    def inner(configuration):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(configuration)
        return configuration

    def outer(configuration):
        return search(inner, Uniform(0, 1), n_trials=2).best.loss

    seen = []
    with pytest.warns(UserWarning, match="interrupted: 1 of 5 trials ended") as caught:
        trials = search(outer)
    assert [t.state for t in trials] == ["finished", "running"] and len(caught) == 1


def test_ctrl_c_while_an_outcome_is_written_waits_for_the_end_of_that(tmp_path, monkeypatch):
    """The signal falls when the trial is on disk, and not yet among those that are returned."""

    def end(self, trial):
        whole(self, trial)
        if trial.number == 2:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)

    from hpo_helpers.journal import Journal

    whole, path = Journal.end, tmp_path / "search.jsonl"
    monkeypatch.setattr(Journal, "end", end)
    with pytest.warns(UserWarning, match="interrupted: 3 of 5 trials ended"):
        trials = search(journal=path)
    assert [t.state for t in trials] == ["finished"] * 3
    assert list(load(path)) == list(trials)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_search_in_a_thread_leaves_signals_alone():
    found = []
    thread = threading.Thread(target=lambda: found.append(search()))
    thread.start()
    thread.join()
    assert len(found[0]) == 5


def test_a_sampler_may_end_the_search():
    assert len(search(sampler=GridSampler(3), space=[Uniform(0, 1)], objective=sum)) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_trials": 0}, ValueError, "n_trials must be an integer of at least 1, got 0"),
        ({"n_trials": -1}, ValueError, "n_trials must be an integer of at least 1, got -1"),
        ({"n_trials": 2.5}, TypeError, "n_trials must be an integer of at least 1, got 2.5"),
        ({"n_trials": True}, TypeError, "n_trials must be an integer of at least 1, got True"),
        ({"seed": -1}, ValueError, "seed must be an integer of at least 0, got -1"),
        ({"seed": "a"}, TypeError, "seed must be an integer of at least 0, got 'a'"),
        ({"on_error": "ignore"}, ValueError, "on_error must be one of 'raise', 'record', got 'ignore'"),
        ({"objective": 3}, TypeError, "objective must be a function, got 3"),
        ({"sampler": "tpe"}, TypeError, "sampler must be an object with a suggest method, got 'tpe'"),
        ({"sampler": RandomSampler}, TypeError, "sampler must be an object with a suggest method"),
        ({"space": {}}, ValueError, "space must hold a distribution"),
        ({"timeout": -1}, ValueError, "timeout must be a finite number of at least 0, got -1"),
        ({"timeout": "1"}, TypeError, "timeout must be a finite number of at least 0, got '1'"),
        ({"callback": 3}, TypeError, "callback must be a function, got 3"),
        ({"first": [{"x": 9, "f": "none"}]}, ValueError, "x must lie in Uniform"),
        ({"first": 3}, TypeError, "first must be a list of configurations, got 3"),
        ({"progress": "no"}, TypeError, "progress must be True or False, got 'no'"),
    ],
)
def test_bad_arguments_are_refused(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        search(journal=tmp_path / "search.jsonl", **arguments)
    assert not any(tmp_path.iterdir())


# --- what is tried first, and when it ends ------------------------------------------------------


def test_first_configurations_come_first():
    first = [{"x": 1.0, "f": "none"}, {"x": 0.5, "f": {"lr": 0.1}}]
    trials = search(first=first)
    assert [t.configuration for t in trials[:2]] == first and len(trials) == 5
    assert [t.values for t in trials[2:]] == [t.values for t in search()[2:]]


@pytest.mark.parametrize("stop", [1, 2, 4])
def test_first_configurations_come_once_after_a_stop(tmp_path, stop):
    first = [{"x": float(k), "f": "none"} for k in (1, 0, -1)]
    search(first=first, n_trials=stop, journal=tmp_path / "search.jsonl")
    trials = search(first=first, journal=tmp_path / "search.jsonl")
    assert [t.values for t in trials] == [t.values for t in search(first=first)]


def test_after_the_timeout_no_trial_begins():
    start = time.monotonic()
    trials = search(lambda c: time.sleep(0.02) or 0.0, n_trials=1000, timeout=0.2)
    assert 1 < len(trials) < 20 and time.monotonic() - start < 2
    assert len(search(timeout=0)) == 0


def test_a_callback_sees_each_trial_and_may_end_the_search():
    def callback(trials):
        seen.append(len(trials))
        return trials.best.loss < 1.5 if len(trials) > 1 else "go on"

    seen = []
    trials = search(n_trials=20, callback=callback)
    assert seen == list(range(1, len(trials) + 1))
    assert min(t.loss for t in trials) < 1.5 and len(trials) == 2


def test_a_callback_sees_what_is_on_disk(tmp_path):
    path, seen = tmp_path / "search.jsonl", []
    search(journal=path, callback=lambda trials: seen.append(list(load(path)) == list(trials)))
    assert seen == [True] * 5


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


def below(trials):
    return np.nanmin(trials.losses) < 10  # numpy.bool


def test_a_callback_may_say_true_as_numpy_does():
    assert len(search(n_trials=30, callback=below)) == 1
    assert len(search(n_trials=3, callback=len)) == 3  # 1 is not True


def test_first_configurations_are_tried_that_a_journal_lacks(tmp_path):
    options = {"space": Uniform(0, 1), "objective": abs, "journal": tmp_path / "one.jsonl"}
    search(n_trials=2, **options)
    trials = search(n_trials=6, first=[0.1, 0.2, 0.1], **options)
    assert [t.configuration for t in trials[2:5]] == [0.1, 0.2, 0.1]
    assert list(search(n_trials=6, first=[0.4], **options)) == list(trials)  # there are six
    again = search(n_trials=7, first=[0.1, 0.2, 0.1, 0.3], **options)
    assert again[6].configuration == 0.3 and list(again[:6]) == list(trials)


def test_what_was_lost_comes_before_what_is_given(tmp_path):
    path = tmp_path / "one.jsonl"
    one = Search(Uniform(0, 1), sampler=RandomSampler(), seed=0, journal=path)
    one.tell(one.ask(), 1.0)
    lost = one.ask()
    one.close()
    trials = search(abs, Uniform(0, 1), n_trials=2, first=[0.123], journal=path)
    assert [t.values for t in trials[1:]] == [lost.values]


def test_nothing_is_a_configuration_too():
    space = Choice(["a", "b", "c", "d", None])
    options = {"first": [None], "sampler": RandomSampler(), "seed": 1}
    trials = search(lambda configuration: 1.0, space, n_trials=1, **options)
    assert [t.configuration for t in trials] == [None]


class Failing:
    """A sampler that has an error after three trials."""

    def suggest(self, space, trials, rng):
        if len(trials) == 3:
            raise ZeroDivisionError("no more")
        return space.sample(rng)


def raise_at_three(trials):
    if len(trials) == 3:
        raise ConnectionError("the server is away")


@pytest.mark.parametrize("more", [{"sampler": Failing()}, {"callback": raise_at_three}])
def test_an_error_of_a_callback_or_a_sampler_has_the_trials(more):
    with pytest.raises((ZeroDivisionError, ConnectionError)) as caught:
        search(**more)
    assert [t.state for t in caught.value.trials] == ["finished"] * 3
    assert caught.value.__notes__ == ["The trials so far are kept in this error's .trials."]


def test_an_objective_that_returns_an_error_has_failed():
    def objective(x):
        return ValueError("returned")

    with pytest.raises(ObjectiveError, match="Trial 0 failed with ValueError: returned. Trials"):
        search(objective)
    trials = search(objective, on_error="record")
    assert [t.error for t in trials] == ["ValueError: returned"] * 5


def test_an_exit_in_this_thread_ends_the_search_as_a_signal_means_it_to(tmp_path):
    def objective(x):
        if len(begun) == 3:
            sys.exit(143)
        begun.append(x)
        return 1.0

    begun, path = [], tmp_path / "one.jsonl"
    with pytest.raises(SystemExit) as caught:
        search(objective, on_error="record", journal=path)
    assert [t.state for t in caught.value.trials] == ["finished"] * 3 + ["running"]
    assert [t.state for t in load(path)] == ["finished"] * 3 + ["running"]  # which is tried again


def test_an_exit_of_the_callback_has_the_trials():
    with pytest.raises(SystemExit) as caught:
        search(callback=lambda trials: sys.exit(1))
    assert len(caught.value.trials) == 1


def test_the_error_of_a_search_inside_a_callback_keeps_its_own_trials():
    def fails(trials):
        search(lambda x: 1 / 0, n_trials=1)

    with pytest.raises(ObjectiveError, match="Trial 0 failed with ZeroDivisionError") as caught:
        search(callback=fails)
    assert [t.state for t in caught.value.trials] == ["failed"]


class Tensor:
    """A loss with a gradient, of which NumPy makes no array."""

    dtype = "torch.float32"

    def __float__(self):
        return 0.5

    def __array__(self, *arguments, **more):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


def test_what_is_a_float_needs_not_be_an_array():
    assert search(lambda _: Tensor()).best.loss == 0.5


class Mute(Exception):
    """An error without a text."""

    def __str__(self):
        raise RuntimeError("no text")


def test_an_error_may_have_no_text():
    def objective(_):
        raise Mute

    assert {t.error for t in search(objective, on_error="record")} == {"Mute"}


@pytest.mark.parametrize("loss", [np.array([0.5, 1]), 10**400, np.array(True), np.array(1j), "0.5", 1j])
def test_what_is_nearly_a_number_is_refused_in_one_sentence(loss):
    with pytest.raises(ObjectiveError, match=r"the objective returned .*; return the loss as a number, or"):
        search(lambda _: loss)


@pytest.mark.parametrize("curve", [[[1, 2]], 3])
def test_a_wrong_curve_is_named(curve):
    message = f"ValueError: curve must be a list of losses, got {curve}. Trials 0 to 0"
    with pytest.raises(ObjectiveError, match=re.escape(message)):
        search(lambda _: {"loss": 1.0, "curve": curve})


@pytest.mark.parametrize("name", ["sampler", "pruner", "executor"])
def test_a_class_is_not_taken_for_an_object(name):
    one = {"sampler": RandomSampler, "pruner": SuccessiveHalving, "executor": ThreadPoolExecutor}[name]
    with pytest.raises(TypeError, match=f"{name} must be an object with a .* method, got <class"):
        search(**{name: one})


def test_an_exit_in_a_search_inside_an_objective_has_the_trials_of_the_outer():
    def inner(y):
        if len(begun) == 4:
            sys.exit(143)
        begun.append(y)
        return 1.0

    begun = []
    with pytest.raises(SystemExit) as caught:
        search(lambda _: search(inner, Uniform(0, 1), n_trials=2).best.loss)
    assert [t.state for t in caught.value.trials] == ["finished", "finished", "running"]


class Model:
    """What fills a GPU."""


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(1)])
@pytest.mark.parametrize("how", ["raises", "returns", "yields"])
def test_a_recorded_failure_keeps_nothing_alive_that_the_objective_held(executor, how):
    def fails(_):
        alive.append(sum(model() is not None for model in models))
        model = Model()
        models.append(weakref.ref(model))
        raise MemoryError("CUDA out of memory")

    def returns(_):
        try:
            fails(_)
        except MemoryError as error:
            return error

    def yields(_):
        model = Model()
        alive.append(sum(model() is not None for model in models))
        models.append(weakref.ref(model))
        yield "no loss"

    models, alive = [], []
    gc.disable()
    try:
        objective = {"raises": fails, "returns": returns, "yields": yields}[how]
        trials = search(objective, on_error="record", executor=executor)
    finally:
        gc.enable()
    assert {trial.state for trial in trials} == {"failed"} and alive == [0] * 5


def test_where_warnings_are_errors_an_interrupted_search_still_has_its_trials():
    with warnings.catch_warnings(action="error"), pytest.raises(UserWarning, match="interrupted") as caught:
        search(raise_in(2, KeyboardInterrupt()))
    assert [t.state for t in caught.value.__context__.trials] == ["finished", "finished", "running"]


def test_a_warning_has_a_line_wherever_it_comes_from():
    code = "Space({'a': [1, 2], 'x': Uniform(0, 1)})"
    with pytest.warns(UserWarning, match="a is a list of constants"):
        exec(code, {"Space": Space, "Uniform": Uniform})  # globals without a __name__


def test_the_bar_shows_the_best_loss_without_looking_at_all_again(monkeypatch, tmp_path, capsys):
    looks, losses = [], Trials.losses.fget
    monkeypatch.setattr(Trials, "losses", property(lambda trials: (looks.append(1), losses(trials))[1]))
    given = iter([3.0, math.nan, 0.25, 5.0, 7.0, 6.0])
    more = {"sampler": RandomSampler(), "seed": 0, "journal": tmp_path / "search.jsonl", "on_error": "record"}
    minimize(lambda x: next(given), Uniform(0, 1), n_trials=4, **more)
    assert "best=0.25" in capsys.readouterr().err and len(looks) == 1
    minimize(lambda x: next(given), Uniform(0, 1), n_trials=6, **more)
    assert "best=0.25" in capsys.readouterr().err and len(looks) == 2
