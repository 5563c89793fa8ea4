"""How good a configuration each sampler finds, and how long it thinks: ours and their peers.

All samplers search the same spaces from the same seeds. The regret is the loss of the best trial
less the lowest loss there is (without the noise, where there is some). Peers take part if they are
installed: pip install hyperopt optuna torch

Run it with: python benchmarks/samplers.py [number of seeds]
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import importlib.util
import sys
import time
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hpo_helpers import (  # noqa: E402
    Choice,
    GaussianProcessSampler,
    Integer,
    LogInteger,
    LogUniform,
    QuasiRandomSampler,
    RandomSampler,
    TPESampler,
    Uniform,
    minimize,
    to_hyperopt,
)
from hpo_helpers.spaces import parameters, unflatten  # noqa: E402

N_TRIALS = 50

# ---------------------------------------------------------------- problems


def branin(c):
    x, y = c["x"], c["y"]
    bowl = (y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10 - 0.39788735772973816


A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14]]
A += [[3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991]]
P += [[2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]


def hartmann(c):
    distance = (A * (c - np.array(P) / 10_000) ** 2).sum(axis=1)
    return 3.322368011415515 - np.array([1, 1.2, 3, 3.2]) @ np.exp(-distance)


def network(c):
    """Stand in for a network: two layers are best, if all else fits them; lowest value 0."""
    units = c["layers"]["n_units"]
    best_step = {"relu": -1.5, "tanh": -1.2, "sigmoid": -0.7}[c["activation"]]
    best_step += 0.4 * np.log10(c["batch_size"] / 64) - 0.3 * (len(units) == 2)
    best_dropout = 0.1 * np.log2(units[0] / 50)
    loss = {"relu": 0, "tanh": 0.01, "sigmoid": 0.05}[c["activation"]]
    loss += 0.3 * (np.log10(c["step"]) - best_step) ** 2 + (c["dropout"] - best_dropout) ** 2
    loss += 0.02 * np.log2(units[0] / 300) ** 2
    return loss + (0.02 * np.log2(units[1] / 150) ** 2 if len(units) == 2 else 0.02)


PLANE = {"x": Uniform(-5, 10), "y": Uniform(0, 15)}
TREE = {
    "step": LogUniform(1e-3, 0.5),
    "layers": Choice(
        [
            {"n_units": [Integer(50, 1000)]},
            {"n_units": [Integer(50, 1000), Integer(50, 1000)]},
        ]
    ),
    "activation": Choice(["relu", "tanh", "sigmoid"]),
    "dropout": Uniform(0, 0.5),
    "batch_size": LogInteger(16, 512),
}
PROBLEMS = {  # space, function whose lowest value is 0, standard deviation of the noise
    "Branin": (PLANE, branin, 0.0),
    "Branin, noisy": (PLANE, branin, 2.0),
    "Hartmann": ([Uniform(0, 1)] * 6, hartmann, 0.0),
    "network": (TREE, network, 0.0),
}

# ---------------------------------------------------------------- samplers


def ours(sampler):
    def search(objective, space, n, seed):
        minimize(objective, space, sampler=sampler(seed), n_trials=n, seed=seed, progress=False)

    return search


def hyperopts_tpe(objective, space, n, seed):
    import hyperopt

    hyperopt.fmin(
        lambda c: float(objective(c)),
        to_hyperopt(space),
        hyperopt.tpe.suggest,
        max_evals=n,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
    )


def optunas(name):
    def search(objective, space, n, seed):
        import optuna

        def suggested(trial):
            values = {}
            for p in parameters(space):
                if all(values.get(choice) == option for choice, option in p.conditions):
                    d = p.distribution
                    if isinstance(d, Choice):
                        options = range(len(d.options))
                        values[p.name] = trial.suggest_categorical(p.name, options)
                    else:
                        whole = isinstance(d, (Integer, LogInteger))
                        suggest = trial.suggest_int if whole else trial.suggest_float
                        log = isinstance(d, (LogInteger, LogUniform))
                        values[p.name] = suggest(p.name, d.low, d.high, log=log)
            return objective(unflatten(space, values))

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = getattr(optuna.samplers, name)(seed=seed)
        optuna.create_study(sampler=sampler).optimize(suggested, n_trials=n)

    return search


SAMPLERS = {
    "random": (ours(lambda seed: RandomSampler()), ()),
    "Sobol": (ours(lambda seed: QuasiRandomSampler(seed=seed)), ()),
    "TPE": (ours(lambda seed: TPESampler()), ()),
    "Gaussian process": (ours(lambda seed: GaussianProcessSampler()), ()),
    "hyperopt's TPE": (hyperopts_tpe, ("hyperopt",)),
    "Optuna's TPE": (optunas("TPESampler"), ("optuna",)),
    "Optuna's GP": (optunas("GPSampler"), ("optuna", "torch")),
}


def result(search, problem, seed):
    """Return the regret of one search, and its CPU milliseconds a trial."""
    space, loss, noise = PROBLEMS[problem]
    rng, seen = np.random.default_rng([seed, N_TRIALS]), []

    def objective(c):
        seen.append((loss(c) + noise * rng.standard_normal(), loss(c)))
        return seen[-1][0]

    start = time.process_time()
    search(objective, space, N_TRIALS, seed)
    return min(seen)[1], 1e3 * (time.process_time() - start) / N_TRIALS


def main():
    warnings.simplefilter("ignore")
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(f"{N_TRIALS} trials, {n_seeds} seeds: median regret [quartiles]; CPU ms a trial\n")
    print("| sampler |", " | ".join(PROBLEMS), "| ms |")
    print("|---" * (len(PROBLEMS) + 2) + "|")
    for name, (search, needs) in SAMPLERS.items():
        if not all(map(importlib.util.find_spec, needs)):
            continue
        cells, times = [], []
        for problem in PROBLEMS:
            rows = np.array([result(search, problem, seed) for seed in range(n_seeds)])
            low, middle, high = np.percentile(rows[:, 0], [25, 50, 75])
            cells.append(f"{middle:.2g} [{low:.1g}, {high:.1g}]")
            times += rows[:, 1].tolist()
        print(f"| {name} |", " | ".join(cells), f"| {np.median(times):.1f} |", flush=True)


if __name__ == "__main__":
    main()
