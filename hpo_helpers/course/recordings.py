"""Searches on MNIST that take hours, many small trainings on the digits, races: a command that records them.

    python -m hpo_helpers.course.recordings tpe --folder notebooks/journals --trials 200
    python -m hpo_helpers.course.recordings digits_pool --folder notebooks/journals --trials 200

Each search has a journal of its own in the folder. A search that was stopped, or is asked for more
trials, goes on where its journal ends. Several may run side by side, one a process.
"""

import argparse
from argparse import RawDescriptionHelpFormatter as RAW
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

from ..distributions import Choice, Integer, LogInteger, LogUniform, Ordered, Uniform
from ..journal import load
from ..loop import minimize
from ..pruners import Pruner, SuccessiveHalving
from ..samplers import Sampler
from ..samplers.gaussian_process import GaussianProcessSampler
from ..samplers.grid import GridSampler
from ..samplers.random import RandomSampler
from ..samplers.tpe import TPESampler
from ..trials import Trial
from .datasets import Dataset, load_mnist
from .hyperopt_sampler import HyperoptSampler
from .networks import ACTIVATIONS, train_mnist_network
from .objectives import DIGITS_SPACE, digits_losses, mnist_losses
from .races import Table, race
from .stand_ins import CASES, stand_in

SEED = 0
EPOCHS, PATIENCE = 50, 5
# The article's table of seven hyperparameters, one and two hidden layers counted apart.
MNIST_SPACE = {
    "step": LogUniform(0.01, 0.5),
    "layers": Choice(
        [
            {"n_layers": 1, "n_units_layer": [Integer(50, 1000)]},
            {"n_layers": 2, "n_units_layer": [Integer(50, 1000), Integer(50, 1000)]},
        ]
    ),
    "act_func_type": Choice(list(ACTIVATIONS)),
    "dropout": Uniform(0, 0.5),
    "batch_size": LogInteger(16, 512),
}
WIDE_SPACE = MNIST_SPACE | {"step": LogUniform(1e-4, 0.5)}
N_SEARCH_SEEDS = 3
N_WINNER_SEEDS = 3
N_FULL = 5
SEARCHES = ("random", "hyperopt", "tpe", "wide")  # `winners` trains the best of each again
# Networks whose curves are kept, and for how many epochs each trains: a grid if it has seeds, else random.
UNITS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 724, 1024, 2048]
STEPS = {"n_hidden": Ordered([50, 400]), "step": Ordered([0.001, 0.01, 0.1]), "seed": Integer(0, 2)}
TABLE = {
    "seed": Integer(0, 1),
    "n_hidden": Ordered([4, 8, 16, 32, 64, 128, 256, 512]),
    "step": Ordered([0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]),
    "activation": Choice(list(ACTIVATIONS)),
}
POOLS: dict[str, tuple[dict[str, Any], int]] = {
    "digits_units": ({"n_hidden": Ordered(UNITS), "seed": Integer(0, 5)}, 50),
    "digits_steps": (STEPS, 300),
    "digits_pool": (DIGITS_SPACE, 50),
    "digits_table": (TABLE, 50),  # 280 trials are all networks, from the first seed
    "digits_long": (DIGITS_SPACE, 150),
    "mnist_pool": (WIDE_SPACE, 50),
}
N_FEW = 2000  # images that the networks of mnist_pool are trained on, and as many that validate them
# Searches that race, on the table of the digits and on stand-ins. What is kept is the regret at equal steps.
SAMPLERS: dict[str, Sampler] = {
    "random": RandomSampler(),
    "TPE": TPESampler(),
    "GP": GaussianProcessSampler(),
}
PRUNERS: dict[str, Pruner | None] = {
    "none": None,
    "ASHA": SuccessiveHalving(),
    "ASHA from epoch 9": SuccessiveHalving(grace=9),
}
RACES: dict[str, dict[str, Any]] = {
    "digits_races": {
        "pruner": Choice(list(PRUNERS)),
        "sampler": Choice(list(SAMPLERS)),
        "n_parallel": Ordered([1, 4]),
        "seed": Integer(0, 19),
    },
    "stand_ins": {"seed": Integer(0, 19), "case": Choice(list(CASES)), "sampler": Choice(list(SAMPLERS))},
}
N_EPOCHS, N_STEPS, N_TRIALS = 1000, 20, 40  # of a race on the digits, and of one on a stand-in


def journal_path(folder: str | Path, name: str) -> Path:
    """Return where the journal of a search is."""
    return Path(folder) / f"{name if name in POOLS | RACES else f'mnist_{name}'}.jsonl"


def search_name(name: str, seed: int) -> str:
    """Return what a search is called in the name of its journal."""
    return name if seed == SEED else f"{name}_{seed}"


def objective(
    dataset: Dataset, *, epochs: int = EPOCHS, patience: int | None = PATIENCE, **settings: Any
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return the function that a search minimizes: it trains the network of a configuration.

    Parameters
    ----------
    dataset, epochs, patience, settings
        As in `train_mnist_network`, which is called with seed 0 unless told otherwise.

    Returns
    -------
    callable
        Takes a configuration; returns what `train_mnist_network` returns, the seed, and the versions of
        Keras and TensorFlow.
    """
    settings = {"seed": SEED} | settings

    def train(configuration: Mapping[str, Any]) -> dict[str, Any]:
        result = train_mnist_network(configuration, dataset, epochs=epochs, patience=patience, **settings)
        result["curve"] = [round(loss, 6) for loss in result["curve"]]
        versions = {name: version(name) for name in ("keras", "tensorflow")}
        return result | {"seed": settings["seed"]} | versions

    return train


def pool(name: str, folder: Path, n_trials: int) -> None:
    """Train many small networks, and keep the lowest validation loss and the curve of each."""
    space, epochs = POOLS[name]
    losses = partial(mnist_losses, dataset=few_images()) if name == "mnist_pool" else digits_losses

    def train(configuration: dict[str, Any]) -> dict[str, Any]:
        seed = configuration.pop("seed", SEED)
        curve = [round(loss, 5) for loss in losses(configuration, epochs=epochs, seed=seed)]
        return {"loss": min(curve), "curve": curve}

    sampler = GridSampler() if "seed" in space else RandomSampler()
    minimize(train, space, sampler=sampler, n_trials=n_trials, seed=SEED, journal=journal_path(folder, name))


def few_images() -> Dataset:
    """Load so little of MNIST that a training takes seconds."""
    images = load_mnist()
    parts = {
        f"{array}_{part}": getattr(images, f"{array}_{part}")[:N_FEW]
        for array in "xy"
        for part in ("train", "valid")
    }
    return replace(images, **parts)


def races(name: str, folder: Path, n_trials: int) -> None:
    """Let samplers search what is known, and keep their regrets."""
    table = Table(load(journal_path(folder, "digits_table"))) if name == "digits_races" else None

    def run(c: dict[str, Any]) -> dict[str, Any]:
        seed, sampler = c["seed"], SAMPLERS[c["sampler"]]
        if table is None:
            found = stand_in(c["case"], seed).regrets(sampler, N_TRIALS)
        else:
            more = {"n_parallel": c["n_parallel"], "pruner": PRUNERS[c["pruner"]]}
            found = list(race(table, sampler, seed=seed, n_epochs=N_EPOCHS // c["n_parallel"], **more))
        ends = [round(k * len(found) / N_STEPS) for k in range(1, N_STEPS + 1)]
        curve = [round(float(found[end - 1]), 6) for end in ends]
        return {"loss": curve[-1], "curve": curve}

    sampler = GridSampler(n_points=int(RACES[name]["seed"].size))
    options: dict[str, Any] = {"sampler": sampler, "n_trials": n_trials, "seed": SEED}
    minimize(run, RACES[name], journal=journal_path(folder, name), **options)


def winners(dataset: Dataset, folder: Path, n_trials: int) -> None:
    """Train the best configuration of each search from fresh seeds, and read the test set."""
    for name, seed in product(SEARCHES, range(N_SEARCH_SEEDS)):
        search, fresh = search_name(name, seed), Integer(10 * seed + 1, 10 * seed + N_WINNER_SEEDS)
        if journal_path(folder, search).exists():
            best = load(journal_path(folder, search)).best
            _each(folder, f"{search}_winner", "seed", _again(dataset, best), fresh, n_trials)


def _again(dataset: Dataset, best: Trial) -> Callable[[int], dict[str, Any]]:
    def train(seed: int) -> dict[str, Any]:
        return objective(dataset, seed=seed, test=True)(best.configuration) | {"trial": best.number}

    return train


def full(dataset: Dataset, folder: Path, n_trials: int) -> None:
    """Train some configurations of the random search for all epochs, without early stopping."""
    chosen = load(journal_path(folder, "random"))
    train = objective(dataset, patience=None)
    _each(folder, "full", "trial", lambda n: train(chosen[n].configuration), Integer(0, N_FULL - 1), n_trials)


def _each(
    folder: Path, name: str, what: str, train: Callable[[int], Any], numbers: Integer, n_trials: int
) -> None:
    """Record what comes of each of some numbers."""
    minimize(
        lambda configuration: train(configuration[what]),
        {what: numbers},
        sampler=GridSampler(n_points=int(numbers.size)),
        n_trials=n_trials,
        seed=SEED,
        journal=journal_path(folder, name),
    )


def main(arguments: list[str] | None = None) -> None:
    """Record what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=RAW)
    names = [*SEARCHES, "winners", "full", *POOLS, *RACES]
    parser.add_argument("name", choices=names, help="what to record")
    parser.add_argument("--folder", type=Path, default=Path("journals"), help="of the journals")
    parser.add_argument("--trials", type=int, default=60, help="those in the journal included")
    parser.add_argument("--seed", type=int, default=SEED, help="of a search and of its networks")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.name in POOLS | RACES:
        run = pool if options.name in POOLS else races
        run(options.name, options.folder, options.trials)
    else:
        record(options.name, load_mnist(), options.folder, options.trials, options.seed)


def record(name: str, dataset: Dataset, folder: Path, n_trials: int, seed: int = SEED) -> None:
    """Record a search, or go on with it; one of another seed has that in the name of its journal."""
    if name in ("winners", "full"):
        {"winners": winners, "full": full}[name](dataset, folder, n_trials)
        return
    path = journal_path(folder, search_name(name, seed))
    train = objective(dataset, seed=seed)
    samplers = {"random": RandomSampler, "hyperopt": HyperoptSampler}
    sampler = samplers.get(name, TPESampler)()
    space = WIDE_SPACE if name == "wide" else MNIST_SPACE
    minimize(train, space, sampler=sampler, n_trials=n_trials, seed=seed, journal=path)


if __name__ == "__main__":
    main()
