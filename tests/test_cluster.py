"""A real Dask cluster on this machine, one of whose workers is killed."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hpo_helpers import Integer, RandomSampler, SuccessiveHalving, load, minimize

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
SPACE = {"k": Integer(1, 10_000)}


def dask(what, *arguments):
    folders = os.pathsep.join([os.path.dirname(__file__), str(Path(__file__).parents[1])])
    environment = os.environ | {"PYTHONPATH": folders, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "9"}
    command = [sys.executable, "-m", "distributed.cli." + what, *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def cluster():
    """The client of a scheduler with two workers, and the workers."""
    scheduler = dask("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    address = next(found[0] for line in scheduler.stderr if (found := re.findall(r"tcp://[\d.]+:\d+", line)))
    workers = [
        dask("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)
    ]
    client = distributed.Client(address)
    client.wait_for_workers(2, timeout=60)
    yield client, workers
    client.close()
    for process in (*workers, scheduler):
        process.kill()
        process.wait()
        process.stderr.close()


def slow(configuration):
    """Note that the trial began, and take a while."""
    time.sleep(0.1)
    return float(configuration["k"])


def yielding(configuration):
    for epoch in range(1, 10):
        yield configuration["k"] + 1 / epoch


def search(objective, client, **more):
    more = {"sampler": RandomSampler(), "seed": 0, "progress": False, "n_parallel": 2, **more}
    return minimize(objective, SPACE, executor=client.get_executor(), **more)


def outcomes(trials):
    return [(t.number, t.values, t.state, t.loss) for t in trials]


def test_a_cluster_gives_the_trials_that_one_thread_gives(cluster):
    alone = minimize(slow, SPACE, sampler=RandomSampler(), n_trials=10, seed=0, progress=False)
    assert outcomes(search(slow, cluster[0], n_trials=10)) == outcomes(alone)


def test_hopeless_trials_are_stopped_on_other_machines(cluster):
    trials = search(yielding, cluster[0], n_trials=20, pruner=SuccessiveHalving())
    assert {t.state for t in trials} == {"finished", "pruned"}


def test_a_killed_worker_loses_no_trial(cluster, tmp_path):
    """What ran in it is run again by the other one, and every trial ends once."""
    client, workers = cluster
    path = tmp_path / "search.jsonl"

    def kill_once(trials):
        if len(trials) > 8 and workers[0].poll() is None:
            workers[0].send_signal(signal.SIGKILL)

    trials = search(slow, client, n_trials=30, journal=path, callback=kill_once)
    assert workers[0].wait() == -signal.SIGKILL
    assert [t.number for t in trials] == list(range(30))
    assert {t.state for t in trials} == {"finished"}
    assert all(t.loss == t.values["k"] for t in trials)
    assert outcomes(load(path)) == outcomes(trials)
    assert len(client.scheduler_info(n_workers=-1)["workers"]) == 1
