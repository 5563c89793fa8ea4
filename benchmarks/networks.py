"""Compare an epoch of the course's training loop with one of Keras's ``model.fit``.

Prints the time of our epoch divided by that of ``fit`` (validation included in both) for several
batch sizes and networks, on data of the digits' and of MNIST's shape, and how far the memory of
the process grows over thirty trainings.
"""

import itertools
from statistics import geometric_mean, median
from time import perf_counter

import numpy as np
import psutil

from hpo_helpers.datasets import load_digits
from hpo_helpers.networks import build_network, train_network
from hpo_helpers.training import compile_epoch, import_keras

BATCH_SIZES = (16, 64, 256)
UNITS = ((50,), (300,), (500, 500))
SHAPES = {"digits": (1077, 360, 64), "MNIST": (5000, 1000, 784)}  # MNIST: a tenth of its images
REPEATS, EPOCHS = 3, 4


def random_set(n, d, rng):
    """Draw n inputs of d numbers, with labels."""
    return rng.standard_normal((n, d)).astype(np.float32), rng.integers(10, size=n)


def ratio(shape, batch_size, units, rng):
    """Return the median ratio of the time of some epochs to that of as many by fit, run in turn."""
    keras, tf = import_keras()
    n, n_valid, d = shape
    train, valid = random_set(n, d, rng), random_set(n_valid, d, rng)
    ours, theirs = (build_network(d, units, rng=rng) for _ in range(2))
    epoch = compile_epoch(ours, keras.optimizers.SGD(0.01, momentum=0.9), train, valid, batch_size)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    theirs.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss, metrics=["accuracy"])

    def our_epochs():
        for _ in range(EPOCHS):
            epoch(tf.constant(rng.permutation(n).astype(np.int32)))[0].numpy()

    def their_epochs():
        theirs.fit(
            *train, batch_size=batch_size, epochs=EPOCHS, validation_data=valid, verbose=0
        )

    ratios = []
    for number in range(REPEATS + 1):
        seconds = []
        for run in (our_epochs, their_epochs):
            start = perf_counter()
            run()
            seconds.append(perf_counter() - start)
        if number:  # the first of each also compiles
            ratios.append(seconds[0] / seconds[1])
    return median(ratios)


def main():
    rng = np.random.default_rng(0)
    ratios = []
    for (name, shape), batch_size, units in itertools.product(SHAPES.items(), BATCH_SIZES, UNITS):
        ratios.append(ratio(shape, batch_size, units, rng))
        print(f"{name:6}  batch {batch_size:3}  units {'+'.join(map(str, units)):7}  {ratios[-1]:.2f}")
    print(f"our epoch / epoch of fit, geometric mean: {geometric_mean(ratios):.2f}")

    digits, memory = load_digits(), []
    data = digits.x_train, digits.x_valid, digits.y_train, digits.y_valid
    for seed in range(31):
        train_network(50, *data, epochs=2, seed=seed)
        memory.append(psutil.Process().memory_info().rss / 2**20)
    print(f"memory after 1 training {memory[0]:.0f} MB, after 31 {memory[-1]:.0f} MB")


if __name__ == "__main__":
    main()
