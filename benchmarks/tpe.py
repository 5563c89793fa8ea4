"""How much faster TPESampler suggests than hyperopt's TPE.

Both see the same 200 trials of the course's network on MNIST, seven hyperparameters in a tree, and
choose among the same number of candidates. They run in turn, so that a busy machine slows both;
the ratio is taken run by run, of CPU seconds.

Run it with: python benchmarks/tpe.py
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
import time
from pathlib import Path

import hyperopt
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hpo_helpers import (  # noqa: E402
    Choice,
    Integer,
    LogInteger,
    LogUniform,
    TPESampler,
    Trials,
    Uniform,
    to_hyperopt,
)

SPACE = {
    "step": LogUniform(0.01, 0.5),
    "layers": Choice(
        [
            {"n_layers": 1, "n_units_layer": [Integer(50, 1000)]},
            {"n_layers": 2, "n_units_layer": [Integer(50, 1000), Integer(50, 1000)]},
        ]
    ),
    "act_func_type": Choice(["relu", "prelu", "elu", "tanh", "sigmoid"]),
    "dropout": Uniform(0, 0.5),
    "batch_size": LogInteger(16, 512),
}
N_TRIALS, N_RUNS = 200, 30


def loss(c):
    """Stand in for the training of a network."""
    units = c["layers"]["n_units_layer"]
    return abs(np.log(c["step"] / 0.03)) + abs(c["dropout"] - 0.2) + 50 / min(units)


def seconds(suggest):
    start = time.process_time()
    suggest()
    return time.process_time() - start


def main():
    theirs, algo = hyperopt.Trials(), hyperopt.rand.suggest
    rng, space = np.random.default_rng(0), to_hyperopt(SPACE)
    options = {"trials": theirs, "rstate": rng, "show_progressbar": False}
    hyperopt.fmin(loss, space, algo, max_evals=N_TRIALS, **options)
    ours, domain = Trials.from_hyperopt(theirs, SPACE), hyperopt.base.Domain(loss, space)
    print(f"{N_TRIALS} trials, {N_RUNS} suggestions each, one thread")
    for n in (24, 100, 1000):
        rows = []
        for seed in range(N_RUNS + 1):
            sampler, rng = TPESampler(n_candidates=n), np.random.default_rng(seed)
            # The trials but one were there at the suggestion before, as in a search.
            sampler.suggest(SPACE, ours[:-1], np.random.default_rng(seed))
            rows.append(
                [
                    seconds(
                        lambda n=n, seed=seed: hyperopt.tpe.suggest(
                            [N_TRIALS], domain, theirs, seed, n_EI_candidates=n, verbose=False
                        )
                    ),
                    seconds(lambda s=sampler, r=rng: s.suggest(SPACE, ours, r)),
                ]
            )
        rows = np.array(rows[1:])  # the first run warms up
        low, middle, high = np.percentile(rows[:, 0] / rows[:, 1], [25, 50, 75])
        print(
            f"{n:5d} candidates: hyperopt {1e3 * np.median(rows[:, 0]):6.1f} ms, "
            f"ours {1e3 * np.median(rows[:, 1]):5.1f} ms, "
            f"{middle:4.1f} times faster (quartiles {low:.1f} to {high:.1f})"
        )


if __name__ == "__main__":
    main()
