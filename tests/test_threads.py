"""What is tried hangs on the seed alone, not on how many threads do the linear algebra."""

import os
import subprocess
import sys

import pytest

SEARCH = """
import math, sys
from threadpoolctl import threadpool_info
from hpo_helpers import (Choice, GaussianProcessSampler, Integer, LogUniform, Ordered, RandomSampler, Search,
                         TPESampler, Uniform)

def loss(c):
    units = c["layers"]["units"] if isinstance(c["layers"], dict) else 3
    return (math.log(c["step"]) + 5) ** 2 / 9 + math.cos(9 * c["dropout"]) + abs(units - 70) / c["batch"]

space = {
    "step": LogUniform(1e-4, 1),
    "dropout": Uniform(0, 0.5),
    "batch": Ordered([16, 32, 64, 128]),
    "layers": Choice([{"units": Integer(2, 500), "decay": LogUniform(1e-6, 1)}, "none"]),
}
sampler = {"gp": GaussianProcessSampler(), "tpe": TPESampler()}[sys.argv[1]]
n_random, n_asked = map(int, sys.argv[2:])
search = Search(space, sampler=RandomSampler(), seed=0)
for k in range(n_random + n_asked):
    search.sampler = RandomSampler() if k < n_random else sampler
    trial = search.ask()
    search.tell(trial, loss(trial.configuration))
    print(trial.values)
print(*{info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"})
"""


def trials(n_threads, *arguments):
    """The trials of a search in a new process, with so many threads."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, str(n_threads))
    command = [sys.executable, "-c", SEARCH, *map(str, arguments)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    *values, threads = done.stdout.splitlines()
    return values, threads


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("gp", 0, 30), ("gp", 150, 2), ("tpe", 0, 30)], ids=str)
def test_trials_are_the_same_to_the_last_bit_with_one_thread_and_with_two(arguments):
    (one, n_one), (two, n_two) = trials(1, *arguments), trials(2, *arguments)
    assert (n_one, n_two) == ("1", "2"), "or nothing was compared"
    assert one == two and len(one) == sum(arguments[1:])
