"""One component beside its usual library: both do the same work in turn, ratios are taken run by run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from time import perf_counter, process_time
from typing import Any

import numpy as np
from contestants import HyperoptSearch, ours
from problems import PROBLEMS
from results import Results, markdown, setting, short, version_of

from hpo_helpers import GaussianProcess, TPESampler, sample

N_PAST = 200  # trials before a suggestion
N_POINTS, N_DIMENSIONS = 100, 6  # of a Gaussian process
BATCH_SIZES, UNITS, EPOCHS = (16, 64, 256), ((50,), (300,), (500, 500)), 4
SHAPES = {"digits": (1077, 360, 64), "MNIST": (5000, 1000, 784)}  # MNIST: a tenth of its images
Pair = tuple[Callable[[], Any], Callable[[], Any]]  # the peer's work and ours; each returns what it reached


@dataclass(frozen=True)
class Component:
    """What is compared.

    Parameters
    ----------
    peer : str
        Whose work is beside ours.
    pairs : callable
        Yields titles, each with a function that takes the number of a run and returns the two works.
    n_runs : int
    package : str
    clock : callable
    """

    peer: str
    pairs: Callable[[], Iterator[tuple[str, Callable[[int], Pair]]]]
    n_runs: int
    package: str
    clock: Callable[[], float] = process_time


def suggestions() -> Iterator[tuple[str, Callable[[int], Pair]]]:
    """Let TPE choose among as many candidates, after as many trials in a tree of 8 parameters."""
    problem, rng = PROBLEMS["network"], np.random.default_rng(0)
    past = [sample(problem.space, rng) for _ in range(N_PAST)]
    for n in (24, 100, 1000):
        theirs = HyperoptSearch(problem.space, 0, "tpe", n_EI_candidates=n, verbose=False)
        mine = ours(TPESampler(n_candidates=n))(problem.space, 0)
        for search, configuration in product((theirs, mine), past):
            search.tell(search.ask(configuration), problem.loss(configuration))

        def pair(run, theirs=theirs, mine=mine):
            rng = np.random.default_rng(run)
            return (
                lambda: theirs.next_values(None) and None,
                lambda: mine.sampler.suggest(mine.space, mine.trials, rng) and None,
            )

        yield f"a suggestion of TPE, {n} candidates", pair


def fits() -> Iterator[tuple[str, Callable[[int], Pair]]]:
    """Learn a Gaussian process's hyperparameters from one start; return the log likelihood reached."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    kernel = ConstantKernel(1.0) * Matern(np.full(N_DIMENSIONS, 0.5), nu=2.5) + WhiteKernel(0.01)
    options = {"kernel": "matern52", "noise_variance": None, "mean": 0.0}
    for how, changes in (("the likelihood alone", {"prior": False}), ("with our prior", {})):

        def pair(run, changes=changes):
            rng = np.random.default_rng(run)
            X = rng.random((N_POINTS, N_DIMENSIONS))
            y = np.sin(X @ [3, 2, 1, 0.5, 0, 0]) + 0.1 * rng.standard_normal(N_POINTS)
            y = (y - y.mean()) / y.std()
            models = GaussianProcessRegressor(kernel), GaussianProcess(**(options | changes))
            return tuple(lambda m=model: m.fit(X, y).log_marginal_likelihood_value_ for model in models)

        yield f"a fit of a Gaussian process, {how}", pair


def epochs() -> Iterator[tuple[str, Callable[[int], Pair]]]:
    """Train some epochs by the course's loop and by Keras's `fit`, validation included in both."""
    from hpo_helpers.course.networks import build_network
    from hpo_helpers.course.training import compile_epoch, import_keras

    keras, tf = import_keras()

    def random_set(n, d, rng):
        return rng.standard_normal((n, d)).astype(np.float32), rng.integers(10, size=n)

    @cache
    def compiled(shape, batch_size, units):
        (n, n_valid, d), rng = shape, np.random.default_rng(0)
        train, valid = random_set(n, d, rng), random_set(n_valid, d, rng)
        ours, theirs = (build_network(d, units, rng=rng) for _ in range(2))
        optimizers = [keras.optimizers.SGD(0.01, momentum=0.9) for _ in range(2)]
        epoch = compile_epoch(ours, optimizers[0], train, valid, batch_size)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        theirs.compile(optimizers[1], loss, metrics=["accuracy"])
        options = {"batch_size": batch_size, "epochs": EPOCHS, "validation_data": valid, "verbose": 0}

        def our_epochs():
            for _ in range(EPOCHS):
                epoch(tf.constant(rng.permutation(n).astype(np.int32)))[0].numpy()

        return lambda: theirs.fit(*train, **options) and None, our_epochs

    for (name, shape), batch_size in product(SHAPES.items(), BATCH_SIZES):
        title = f"{EPOCHS} epochs on data of the shape of {name}, batches of {batch_size}"
        yield title, lambda run, key=(shape, batch_size): compiled(*key, UNITS[run % len(UNITS)])


COMPONENTS = {
    "tpe": Component("hyperopt", suggestions, 30, "hyperopt"),
    "gp": Component("scikit-learn", fits, 15, "scikit-learn"),
    "networks": Component("Keras's `fit`", epochs, 9, "tensorflow", clock=perf_counter),
}
NAMES = tuple(COMPONENTS)


def measure(results: Results, names: Sequence[str], options: Any) -> None:
    """Run the comparisons that are not there yet."""
    for name in names:
        component = COMPONENTS[name]
        if version_of(component.package) and not results.find(name=name):
            for title, pair in component.pairs():
                runs = [_timed(pair(run), component.clock) for run in range(options.runs or component.n_runs)]
                seconds, reached = zip(*runs, strict=True)
                results.add(name=name, title=title, seconds=seconds, reached=reached)


def _timed(pair: Pair, clock: Callable[[], float]) -> tuple[list[float], list[Any]]:
    seconds, reached = [], []
    for work in pair:
        work()  # the first time also compiles
        start = clock()
        reached.append(work())
        seconds.append(clock() - start)
    return seconds, reached


def report(results: Results) -> str:
    """Return a table with a row for each comparison."""
    if not results.records:
        return "Nothing was measured yet."
    table = [["what", "beside", "their ms", "our ms", "times faster [quartiles]"]]
    table[0].append("log likelihood: their, our")
    for name, component in COMPONENTS.items():
        for record in results.find(name=name):
            seconds = np.array(record["seconds"])
            theirs, mine = map(short, 1e3 * np.median(seconds, axis=0))
            low, middle, high = map(short, np.percentile(seconds[:, 0] / seconds[:, 1], [25, 50, 75]))
            cells = [record["title"], component.peer, theirs, mine, f"{middle} [{low}, {high}]", "–"]
            if record["reached"][0][0] is not None:
                cells[-1] = "{:.3f}, {:.3f}".format(*np.median(record["reached"], axis=0))
            table.append(cells)
    return "\n\n".join([setting(results.records, "hyperopt", "scikit-learn", "tensorflow"), markdown(table)])
