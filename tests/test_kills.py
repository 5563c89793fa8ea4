"""A search that is killed again and again, at random moments, loses no trial and doubles none."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from tqdm import tqdm

from hpo_helpers import Choice, Integer, LogUniform, TPESampler, Uniform, load, minimize

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not hasattr(os, "fork"), reason="only a forked search starts fast enough to be killed often"
    ),
    # The forked search begins threads of its own; those of the tests do not hold locks that it needs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
tqdm.set_lock(threading.RLock())  # its usual lock is shared with forked processes, and dies with one
SPACE = {"x": Uniform(0, 1), "net": Choice([{"units": Integer(10, 99)}, LogUniform(0.1, 1)])}
N_TRIALS = 400


def fast(configuration):
    return (configuration["x"] - 0.3) ** 2


def slow(configuration):
    time.sleep(0.002)
    return fast(configuration)


def yielding(configuration):
    for epoch in range(1, 4):
        yield fast(configuration) + 1 / epoch


def search(objective, path=None, workers=None):
    more = {} if workers is None else workers()
    return minimize(
        objective,
        SPACE,
        sampler=TPESampler(n_candidates=8),
        n_trials=N_TRIALS,
        seed=0,
        journal=path,
        progress=False,
        **more,
    )


def threads():
    return {"executor": ThreadPoolExecutor(3)}


def processes():
    return {"n_parallel": 2}


def ended(path):
    """What the journal says of each trial that ended."""
    if not path.exists() or path.stat().st_size == 0:
        return {}
    return {t.number: (t.values, t.loss, t.curve) for t in load(path) if t.state != "running"}


def begin(objective, path, workers):
    """Run the search in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        os.setsid()  # what it starts can be killed with it
        try:
            search(objective, path, workers)
        finally:
            os._exit(0)
    return child


def kill_again_and_again(objective, path, workers, n_kills, longest):
    """Kill the search at random moments; see after each that what had ended is there as it was.

    A search that came to its end is begun anew, so that on a fast machine, too, there is one to be killed.
    """
    moments, known, n_landed = random.Random(0), {}, 0
    for _ in range(n_kills):
        child = begin(objective, path, workers)
        time.sleep(moments.uniform(0, longest))
        n_landed += os.waitpid(child, os.WNOHANG) == (0, 0)
        for kill in (os.kill, os.killpg):  # it may not have a group yet, or may have ended
            with suppress(ProcessLookupError):
                kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
        now = ended(path)
        assert known.items() <= now.items()
        known = now
        if len(now) == N_TRIALS:
            path.unlink()
            known = {}
    return n_landed


@pytest.mark.parametrize("objective", [fast, slow, yielding])
def test_one_at_a_time_it_ends_as_if_it_had_not_been_killed(objective, tmp_path):
    path = tmp_path / "search.jsonl"
    assert kill_again_and_again(objective, path, None, 50, 0.06) >= 20
    search(objective, path)
    search(objective, other := tmp_path / "other.jsonl")
    assert ended(path) == ended(other) and len(ended(path)) == N_TRIALS


@pytest.mark.parametrize(("workers", "n_kills", "longest"), [(threads, 50, 0.06), (processes, 10, None)])
@pytest.mark.parametrize("objective", [fast, slow])
def test_side_by_side_nothing_that_ended_is_lost_or_doubled(objective, workers, n_kills, longest, tmp_path):
    path = tmp_path / "search.jsonl"
    if longest is None:  # as long as a search takes here: processes start slowly, and not everywhere alike
        start = time.perf_counter()
        os.waitpid(begin(objective, tmp_path / "whole.jsonl", workers), 0)
        longest = time.perf_counter() - start
    assert kill_again_and_again(objective, path, workers, n_kills, longest) >= n_kills // 3
    os.waitpid(
        begin(objective, path, workers), 0
    )  # not here: a pool's locks would be shared with forked searches
    assert sorted(ended(path)) == list(range(N_TRIALS))
