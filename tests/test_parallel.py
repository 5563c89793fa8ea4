"""Trials side by side: in threads, in processes, in pools that break."""

import asyncio
import math
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from hpo_helpers import (
    Choice,
    GridSampler,
    Integer,
    ObjectiveError,
    RandomSampler,
    SuccessiveHalving,
    Trial,
    Trials,
    Uniform,
    load,
    minimize,
)
from hpo_helpers.evaluation import Outcome
from hpo_helpers.workers import Workers, _Here

SPACE = {"x": Uniform(-2, 2), "k": Integer(1, 9)}


def objective(configuration):
    return configuration["x"] ** 2 + configuration["k"]


def search(objective=objective, space=SPACE, **more):
    more = {"sampler": RandomSampler(), "n_trials": 12, "seed": 0, "progress": False, **more}
    return minimize(objective, space, **more)


def outcomes(trials):
    return [(t.number, t.values, t.state, t.loss) for t in trials]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "search.jsonl"


@pytest.fixture(params=[ThreadPoolExecutor, ProcessPoolExecutor])
def pool(request):
    with request.param(3) as executor:
        yield executor


# ---------------------------------------------------------------- the same trials


def test_an_executor_gives_the_trials_that_one_thread_gives(pool, path):
    trials = search(executor=pool, journal=path)
    assert outcomes(trials) == outcomes(search()) == outcomes(load(path))


def test_processes_of_our_own_take_functions_of_a_notebook():
    center = 1.5  # a closure, which pickle cannot take
    trials = search(lambda c: abs(c["x"] - center), n_parallel=2)
    assert outcomes(trials) == outcomes(search(lambda c: abs(c["x"] - center)))


def test_as_many_run_at_once_as_is_said():
    now, most, lock = [0], [], threading.Lock()

    def busy(configuration):
        with lock:
            now[0] += 1
            most.append(now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        return 0.0

    with ThreadPoolExecutor(8) as executor:
        search(busy, executor=executor, n_trials=24)
        assert max(most) == 8
        most.clear()
        search(busy, executor=executor, n_parallel=3, n_trials=12)
        assert max(most) == 3


def test_results_are_taken_as_they_come(path):
    def slow_first(configuration):
        time.sleep(0.5 if configuration == 1 else 0.01)
        seen.append(len([t for t in load(path) if t.state == "finished"]))
        return float(configuration)

    seen = []
    with ThreadPoolExecutor(2) as executor:
        trials = search(slow_first, Integer(1, 6), sampler=GridSampler(6), executor=executor, journal=path)
    assert [t.loss for t in trials] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert seen[-1] == 5 and [t.state for t in trials] == ["finished"] * 6


def test_samplers_see_what_runs():
    class Spy(RandomSampler):
        def suggest(self, space, trials, rng):
            seen.append([t.state for t in trials].count("running"))
            return super().suggest(space, trials, rng)

    seen = []
    with ThreadPoolExecutor(4) as executor:
        search(lambda c: time.sleep(0.02) or 0.0, executor=executor, sampler=Spy())
    assert seen[:4] == [0, 1, 2, 3] and max(seen) == 3


def test_what_can_begin_at_once_is_suggested_together():
    class Together(RandomSampler):
        def suggest_together(self, space, trials, rng, n):
            asked.append(n)
            return [space.sample(rng) for _ in range(n)]

    def objective(configuration):
        ends.wait(10)
        return 0.0

    asked, ends = [], threading.Barrier(4)
    with ThreadPoolExecutor(4) as executor:
        trials = search(objective, executor=executor, sampler=Together())
    assert len(trials) == 12 and asked[0] == 4 and max(asked) <= 4
    assert sum(asked) <= 12


def test_a_finite_space_is_tried_once_by_many():
    space = {"k": Integer(1, 4), "f": Choice(["a", "b"])}
    for sampler in (None, GridSampler(4)):
        with ThreadPoolExecutor(3) as executor:
            trials = search(
                lambda c: time.sleep(0.002) or c["k"], space, executor=executor, sampler=sampler, n_trials=50
            )
        assert len({str(t.values) for t in trials}) == len(trials) == 8
        assert {t.state for t in trials} == {"finished"}


def test_a_callback_and_a_timeout_let_what_runs_end():
    def slow(configuration):
        time.sleep(0.05)
        return 0.0

    with ThreadPoolExecutor(4) as executor:
        trials = search(slow, executor=executor, n_trials=100, callback=lambda trials: True)
        assert [t.state for t in trials] == ["finished"] * 4
        trials = search(slow, executor=executor, n_trials=100, timeout=0.12)
        assert 8 <= len(trials) <= 16 and {t.state for t in trials} == {"finished"}


@pytest.mark.parametrize(("callback", "most"), [(None, 0), (repr, 3)])
def test_what_ended_is_told_before_the_next_is_asked_for(callback, most):
    """But a callback may take long, and then all workers first get a trial."""
    running = []

    class Spy:
        def suggest(self, space, trials, rng):
            running.append(sum(t.state == "running" for t in trials))
            return space.sample(rng)

    trials = search(sampler=Spy(), executor=_Here(), n_parallel=4, callback=callback)
    assert len(trials) == len(running) == 12 and max(running) == most


@pytest.mark.parametrize(("seconds", "known"), [(0.0, True), (0.2, False)])
def test_a_trial_that_takes_no_time_is_known_when_the_next_is_chosen(seconds, known):
    """So that many workers are no loss where they are no gain; a longer trial is not waited for."""
    running, waits = [], []

    class Slow:
        def suggest(self, space, trials, rng):
            running.append(sum(t.state == "running" for t in trials))
            time.sleep(0.5)
            return space.sample(rng)

    class Watched(Workers):
        def wait(self, seconds=1):
            waits.append(seconds)
            return super().wait(seconds)

    def objective(configuration):
        time.sleep(seconds)
        return 0.0

    with ThreadPoolExecutor(4) as executor, pytest.MonkeyPatch.context() as patch:
        patch.setattr("hpo_helpers.loop.Workers", Watched)
        search(objective, sampler=Slow(), executor=executor, n_trials=5)
    assert running == ([0] * 5 if known else [0, 1, 1, 1, 1])
    brief = [wait for wait in waits if wait < 1]
    assert len(brief) == (5 if known else 2) and all(0.05 <= wait < 0.1 for wait in brief)


# ---------------------------------------------------------------- failures


def failing(configuration):
    if configuration == 3:
        raise ZeroDivisionError("by zero")
    time.sleep(0.02 * configuration)
    return float(configuration)


def test_what_failed_in_another_process_tells_where(pool):
    with pytest.raises(ObjectiveError) as caught:
        search(failing, Integer(3, 4), sampler=GridSampler(2), executor=pool)
    error = caught.value.__cause__
    if isinstance(pool, ThreadPoolExecutor):
        assert error.__traceback__ and not hasattr(error, "__notes__")
    else:
        (note,) = error.__notes__
        assert 'raise ZeroDivisionError("by zero")' in note and "in failing" in note


class TwoArguments(Exception):
    """What cannot be unpickled."""

    def __init__(self, a, b):
        super().__init__(f"{a}, {b}")


class Sealed(Exception):
    """What takes no notes."""

    def __setattr__(self, name, value):
        raise AttributeError(name)


SHARED = RuntimeError("one for all")


def raise_one(k):
    raise (SHARED, TwoArguments("a", "b"), Sealed("weights"))[k - 1]


@pytest.mark.parametrize(("k", "text"), [(1, "one for all"), (2, "TwoArguments: a, b"), (3, "weights")])
def test_whatever_fails_in_another_process_is_told_in_its_own_words(k, text):
    with ProcessPoolExecutor(1) as executor:
        for _ in range(3):  # the same error grows no further notes
            with pytest.raises(ObjectiveError) as caught:
                search(raise_one, Integer(k, 4), sampler=GridSampler(2), executor=executor, n_trials=1)
            error = caught.value.__cause__
            assert text in str(error)
            notes = getattr(error, "__notes__", [])
            assert [note.count("in raise_one") for note in notes] == [1] * (k < 3)


def test_a_failure_loses_nothing_that_ended(pool, path):
    with pytest.raises(ObjectiveError, match="Trial 2 failed with ZeroDivisionError: by zero") as caught:
        search(failing, Integer(1, 6), sampler=GridSampler(6), executor=pool, journal=path)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert outcomes(load(path)) == outcomes(caught.value.trials)
    assert caught.value.trials[2].state == "failed"
    trials = search(
        failing, Integer(1, 6), sampler=GridSampler(6), executor=pool, journal=path, on_error="record"
    )
    assert [t.state for t in trials] == ["finished", "finished", "failed", *["finished"] * 3]


class Stubborn(Exception):
    def __init__(self, one, two):
        super().__init__(one)


def stubborn(configuration):
    raise Stubborn("one", "two")


def unsendable(configuration):
    return {"loss": 1.0, "net": lambda: None}


def test_what_cannot_be_sent_back_is_a_failure_with_its_reason():
    for n_parallel in (None, 2):
        trials = search(stubborn, n_trials=3, on_error="record", n_parallel=n_parallel)
        assert {t.error for t in trials} == {"Stubborn: one"}
    with ProcessPoolExecutor(2) as executor:
        trials = search(unsendable, n_trials=3, on_error="record", executor=executor)
        assert all(t.state == "failed" and "pickle" in t.error for t in trials)


def test_an_objective_that_cannot_be_sent_is_refused_before_anything_starts(path):
    lock = threading.Lock()
    with ProcessPoolExecutor(1) as executor:
        with pytest.raises(TypeError, match="objective must be something that can be sent .* of a module"):
            search(lambda c: 0.0, executor=executor, journal=path)
    with pytest.raises(TypeError, match="objective must be something that can be sent .* leave out what"):
        search(lambda c: lock and 0.0, n_parallel=2, journal=path)
    assert not path.exists()


class Locked:
    """A pruner that no other process can have."""

    def __init__(self):
        self.lock = threading.Lock()

    def keep_going(self, curve, others):
        return True


def test_of_what_cannot_be_sent_the_right_one_is_named():
    with pytest.raises(TypeError, match="pruner must be something that can be sent .* got <test_paralle"):
        search(yielding, pruner=Locked(), n_parallel=2)



@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_parallel": 0}, "n_parallel must be an integer of at least 1, got 0"),
        ({"n_parallel": 1.5}, "n_parallel must be an integer of at least 1, got 1.5"),
        ({"executor": 4}, "executor must be an object with a submit method, got 4"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        search(**arguments)


def test_an_executor_that_does_not_tell_its_workers_needs_a_number():
    class Strange:
        def submit(self, function, *args):
            future = Future()
            future.set_result(function(*args))
            return future

    strange = Strange()
    with pytest.raises(ValueError, match="n_parallel must be given with an executor that does not tell"):
        search(executor=strange)
    assert outcomes(search(executor=strange, n_parallel=2)) == outcomes(search())


# ---------------------------------------------------------------- workers that die


def deadly(configuration):
    """Kill the process that tries 3."""
    time.sleep(0.01)
    if configuration == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return float(configuration)


def test_the_trial_that_kills_its_worker_is_found_and_the_others_end(path):
    trials = search(
        deadly, Integer(1, 9), sampler=GridSampler(9), n_parallel=3, on_error="record", journal=path
    )
    assert [t.state for t in trials] == ["finished"] * 2 + ["failed"] + ["finished"] * 6
    assert "the process died in which the objective ran" in trials[2].error
    assert outcomes(load(path)) == outcomes(trials)


def test_if_the_executor_is_not_ours_a_broken_one_ends_the_search_and_loses_nothing(path):
    with ProcessPoolExecutor(2) as executor:
        with pytest.raises(ObjectiveError, match="The executor broke while trials .* ran") as caught:
            search(deadly, Integer(1, 9), sampler=GridSampler(9), executor=executor, journal=path)
    assert isinstance(caught.value.__cause__, BrokenExecutor)
    assert [t.state for t in load(path)] == [t.state for t in caught.value.trials]
    assert "running" in [t.state for t in load(path)]
    trials = search(
        deadly, Integer(1, 9), sampler=GridSampler(9), n_parallel=2, journal=path, on_error="record"
    )
    assert [t.state for t in trials].count("finished") == 8


@pytest.mark.slow
def test_fifty_dead_workers_in_a_row(path):
    def always_deadly(configuration):
        os.kill(os.getpid(), signal.SIGKILL)

    trials = search(always_deadly, n_parallel=2, n_trials=50, on_error="record", journal=path)
    assert len(trials) == 50 and {t.state for t in trials} == {"failed"}
    assert outcomes(load(path)) == outcomes(trials)


# ---------------------------------------------------------------- Ctrl-C and kills

SEARCH = """
import os, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
sys.path[:0] = {paths!r}
from test_parallel import search, slow

def interrupt():
    time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGINT)

if {interrupt!r}:
    threading.Thread(target=interrupt, daemon=True).start()
start = time.monotonic()
executor = ThreadPoolExecutor(3) if {threads!r} else None
trials = search(slow, n_trials={n_trials}, journal={journal!r}, executor=executor, n_parallel=3)
print([t.state for t in trials].count("running"), time.monotonic() - start, flush=True)
os._exit(0)
"""


def slow(configuration):
    time.sleep(0.05 + 5 * (configuration["k"] == 1) * (configuration["x"] > 1))
    return objective(configuration)


def run(path, n_trials=1000, interrupt=False, threads=True):
    paths = [str(Path(__file__).parents[1]), os.path.dirname(__file__)]
    script = SEARCH.format(
        paths=paths, interrupt=interrupt, threads=threads, n_trials=n_trials, journal=str(path)
    )
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("threads", [True, False])
def test_ctrl_c_returns_soon_and_what_ran_is_tried_again(path, threads):
    out, err = run(path, interrupt=True, threads=threads).communicate(timeout=60)
    assert out, err
    n_running, seconds = out.split()
    trials = load(path)
    assert 1 <= int(n_running) <= 3 and float(seconds) < 5
    assert [t.state for t in trials].count("running") == int(n_running)
    again = search(n_trials=len(trials), journal=path)
    assert outcomes(again) == outcomes(search(n_trials=len(trials)))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize("delay", [0.1, 0.4])
def test_a_kill_loses_no_trial_that_ended(path, threads, delay):
    process = run(path, threads=threads)
    while not path.exists() or len(path.read_bytes().splitlines()) < 8:
        time.sleep(0.01)
        assert process.poll() is None, process.stderr.read()
    time.sleep(delay)
    process.kill()
    process.wait()
    before = load(path)
    n_trials = len(before) + 5
    after = search(n_trials=n_trials, journal=path)
    assert outcomes(after) == outcomes(search(n_trials=n_trials))
    for trial in before:
        assert trial.state == "running" or after[trial.number] == trial


# ---------------------------------------------------------------- stopping early, side by side


def yielding(configuration):
    for epoch in range(1, 28):
        yield abs(configuration["x"]) + 1 / epoch
        time.sleep(0.001)


def test_hopeless_trials_are_stopped_where_they_run(pool):
    trials = search(yielding, n_trials=40, executor=pool, pruner=SuccessiveHalving())
    assert sum(len(t.curve) for t in trials) < 40 * 27 / 2
    best = min(trials, key=lambda t: abs(t.values["x"]))
    assert trials.best.number == best.number and math.isclose(
        trials.best.loss, abs(best.values["x"]) + 1 / 27
    )


def test_in_threads_the_curves_of_those_that_run_are_known():
    class Spy:
        def keep_going(self, curve, others):
            seen.append(max(map(len, others), default=0))
            return True

    seen = []
    with ThreadPoolExecutor(2) as executor:
        search(yielding, n_trials=2, executor=executor, pruner=Spy())
    assert max(seen) > 5


class Hand(Executor):
    """An executor in which what was submitted ends when the test says so."""

    def __init__(self):
        self.futures = []

    def submit(self, function, /, *arguments):
        self.futures.append(Future())
        return self.futures[-1]


def test_the_last_suspect_is_alone_while_it_runs(monkeypatch):
    """Else what runs beside it would fall with it, and be suspected in turn."""
    pools = [Hand(), Hand()]
    monkeypatch.setattr(Workers, "_new", lambda self: pools.pop(0))
    first, second = pools
    workers, trials = Workers(objective, None, None, 3, True), Trials((), SPACE)
    for k in range(2):
        workers.start(Trial(k, {"x": 0.0, "k": 1}, space=trials.space), trials)
    for future in first.futures:
        future.set_exception(BrokenExecutor("a worker died"))
    list(workers.ended())
    monkeypatch.setattr("hpo_helpers.workers.futures.wait", lambda *arguments, **more: None)
    workers.wait()
    second.futures[0].set_result((Outcome("finished", 1.0), None))
    list(workers.ended())
    workers.wait()  # the last suspect runs
    assert workers.n_free == 0 and len(second.futures) == 2


# ---------------------------------------------------------------- what ends while others are interrupted


def test_two_interrupts_at_once_lose_nothing():
    told = threading.Event()

    def objective(x):
        if x in (0.0, 1.0):
            told.wait(10)
            raise KeyboardInterrupt
        return x

    def callback(trials):
        if 0.4 in trials.losses:
            told.set()
            time.sleep(0.3)  # both are interrupted now

    first = [0.5, 0.6, 0.0, 1.0, 0.4]
    with ThreadPoolExecutor(3) as executor, pytest.warns(UserWarning, match="was interrupted"):
        trials = search(objective, Uniform(0, 1), executor=executor, first=first, callback=callback)
    assert [t.loss for t in trials[:5]] == [0.5, 0.6, None, None, 0.4]
    assert {t.state for t in trials} == {"finished", "running"}


GROUP = """
import hashlib, os, signal, threading, time, warnings
from concurrent.futures import ProcessPoolExecutor
from hpo_helpers import Uniform, minimize

def objective(x):
    time.sleep(0.05 if x < 0.5 else 30)
    return x

class Slow:  # while it computes, which no signal interrupts, all processes are interrupted
    def suggest(self, space, trials, rng):
        if len(trials) == 6:
            threading.Timer(0.5, os.killpg, [os.getpgrp(), signal.SIGINT]).start()
            hashlib.pbkdf2_hmac("sha256", b"", b"", 3_000_000)
        return {"value": 0.1 * len(trials)}

warnings.simplefilter("ignore")
options = {"sampler": Slow(), "n_trials": 9, "executor": ProcessPoolExecutor(3), "progress": False}
print([t.state for t in minimize(objective, Uniform(0, 1), **options)], flush=True)
os.killpg(os.getpgrp(), signal.SIGKILL)  # without a wait for interrupted workers
"""


def test_ctrl_c_that_reaches_the_workers_too_loses_nothing():
    options = {"capture_output": True, "text": True, "timeout": 60, "start_new_session": True}
    done = subprocess.run([sys.executable, "-c", GROUP], **options)
    assert done.stdout.splitlines()[-1:] == [str(["finished"] * 5 + ["running"])], done.stderr


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_that_was_shut_down_is_named(kind, path):
    executor = kind(2)

    def close(trials):
        if len(trials) > 5:
            executor.shutdown(wait=True)

    message = "The executor broke while trials .* ran: a worker died, or it was shut down. Call minimize"
    with pytest.raises(ObjectiveError, match=message) as caught:
        search(executor=executor, callback=close, journal=path)
    assert sum(t.state == "finished" for t in caught.value.trials) >= 5
    with pytest.raises(ObjectiveError, match=message):
        search(executor=executor, n_parallel=2)
    assert outcomes(search(journal=path)) == outcomes(search())  # it goes on


def exits(configuration):
    sys.exit("no such data")


def test_an_objective_that_exits_in_a_worker_has_failed(pool):
    trials = search(exits, executor=pool, on_error="record")
    assert {t.error for t in trials} == {"SystemExit: no such data"} and len(trials) == 12


@pytest.mark.parametrize("wait", [True, False])
def test_what_still_runs_in_a_closed_executor_is_not_lost(wait):
    executor, seconds = ThreadPoolExecutor(3), {0.1: 0.0, 0.2: 0.3, 0.3: 0.6}
    with pytest.raises(ObjectiveError, match="shut down") as caught:
        search(
            lambda x: time.sleep(seconds.get(x, 0)) or x,
            Uniform(0, 1),
            first=list(seconds),
            executor=executor,
            callback=lambda _: executor.shutdown(wait=wait),
        )
    trials = caught.value.trials
    assert [t.loss for t in trials[:3]] == [0.1, 0.2, 0.3]
    assert [t.state for t in trials[3:]] == ["running"]


def test_our_own_pool_that_another_closed_is_begun_anew():
    from loky import get_reusable_executor

    def close(trials):
        if len(trials) in (4, 8):
            get_reusable_executor().shutdown(wait=True, kill_workers=True)

    trials = search(n_parallel=2, n_trials=10, callback=close)
    assert [t.state for t in trials] == ["finished"] * 10


def test_a_full_disk_keeps_what_ended_in_memory(path, monkeypatch):
    def full(journal, trial):
        raise OSError(28, "No space left on device")

    def begin_to_fail(trials):
        time.sleep(0.2)  # the others end, too
        monkeypatch.setattr("hpo_helpers.journal.Journal.end", full)

    first = [0.1, 0.2, 0.3, 0.4]
    with ThreadPoolExecutor(4) as executor, pytest.raises(OSError, match="No space") as caught:
        search(abs, Uniform(0, 1), first=first, executor=executor, callback=begin_to_fail, journal=path)
    assert [t.loss for t in caught.value.trials[:4]] == first


class Unsendable:
    """What torch says of a tensor with a gradient."""

    def __reduce__(self):
        raise RuntimeError("refusing to serialize")


def test_a_result_that_cannot_be_sent_harms_no_other(tmp_path):
    def objective(x):
        (tmp_path / f"{x} {os.getpid()} {time.monotonic()}").touch()
        return {"loss": x, "weights": Unsendable()} if x == 0.1 else x

    options = {"first": [0.1, 0.2, 0.3, 0.4], "n_parallel": 2, "n_trials": 6, "on_error": "record"}
    trials = search(objective, Uniform(0, 1), **options)
    assert [t.state for t in trials] == ["failed"] + ["finished"] * 5
    assert "refusing to serialize" in trials[0].error and len(list(tmp_path.iterdir())) == 6


def test_a_worker_that_dies_while_the_callback_runs_makes_no_other_run_twice(tmp_path):
    def objective(x):
        (tmp_path / f"{x} {os.getpid()} {time.monotonic()}").touch()
        if x == 0.2:
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.5 if x > 0.2 else 0)
        return x

    options = {"first": [0.1, 0.2, 0.3, 0.4], "n_parallel": 2, "n_trials": 4, "on_error": "record"}
    trials = search(objective, Uniform(0, 1), callback=lambda _: time.sleep(1), **options)
    assert [t.state for t in trials] == ["finished", "failed", "finished", "finished"]
    assert "the process died" in trials[1].error
    called = [call.name.split()[0] for call in tmp_path.iterdir()]
    assert sorted(x for x in called if x != "0.2") == ["0.1", "0.3", "0.4"]


def test_a_trial_alone_in_our_pool_that_another_closed_is_tried_again():
    from loky import get_reusable_executor

    def close(trials):
        if [t.state for t in trials] == ["finished", "finished", "running"]:
            get_reusable_executor().shutdown(wait=True, kill_workers=True)

    first = [0.1, 0.2, 0.3]
    options = {"first": first, "n_parallel": 2, "n_trials": 3, "callback": close}
    trials = search(lambda x: time.sleep(1 if x == 0.3 else 0.1) or x, Uniform(0, 1), **options)
    assert [t.loss for t in trials] == first


def test_trials_that_another_cancels_are_not_waited_for():
    executor, release = ThreadPoolExecutor(1), threading.Event()
    executor.submit(release.wait, 10)  # something else runs there
    threading.Timer(0.3, executor.shutdown, kwargs={"wait": False, "cancel_futures": True}).start()
    with pytest.raises(ObjectiveError, match="or it was shut down"):
        search(executor=executor)
    release.set()


def test_whatever_a_worker_raises_is_a_failed_trial():
    def objective(x):
        if x == 0.1:
            raise asyncio.CancelledError
        return x

    with ThreadPoolExecutor(2) as executor:
        trials = search(objective, Uniform(0, 1), first=[0.1], executor=executor, on_error="record")
    assert [t.error for t in trials] == ["CancelledError"] + [None] * 11


def test_a_search_that_ends_blames_no_trial_for_a_pool_that_died():
    """Ctrl-C in a terminal reaches idle workers, too, which die of it."""
    workers, future, told = Workers(objective, None, None, 2, True), Future(), []
    future.set_exception(BrokenExecutor("a worker died"))
    workers._running[future] = Trial(0, {"x": 0.0, "k": 1})
    workers.settle(lambda tell, *came: tell(*came), lambda *came: told.append(came))
    assert told == []  # it stays running, and is tried again
    assert [str(error) for _, _, error in workers.ended()] == [
        "the process died in which the objective ran; out of memory, perhaps"
    ]
