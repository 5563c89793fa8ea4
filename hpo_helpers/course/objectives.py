"""The course's networks as objectives: generators that yield the validation loss after each epoch.

The digits network is the course's running problem. ``min(digits_losses(64))`` trains one with 64 hidden
units, in about a second once TensorFlow is loaded. Without TensorFlow, ``load`` reads what was recorded
in ``notebooks/journals``: ``digits_units.jsonl`` has such networks with 2 to 2,048 units, five seeds each,
and ``digits_pool.jsonl`` random configurations of `DIGITS_SPACE`, every one with its curve.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..checks import refuse
from ..distributions import Choice, LogInteger, LogUniform
from .datasets import Dataset, load_digits
from .networks import ACTIVATIONS, HIGHEST_LOSS, prepared_digits, prepared_mnist
from .training import each_epoch, freeing_memory

DIGITS_SPACE = {
    "n_hidden": LogInteger(2, 500),
    "step": LogUniform(0.001, 1),
    "activation": Choice(list(ACTIVATIONS)),
}


@freeing_memory
def digits_losses(
    configuration: int | Mapping[str, Any],
    dataset: Dataset | None = None,
    *,
    epochs: int = 50,
    seed: int | None = 0,
) -> Iterator[float]:
    """Train the digits network epoch by epoch: the objective of the course's running problem.

    With the step that is the default here, the loss is level long before the 50 epochs end.

    Parameters
    ----------
    configuration : int, or mapping
        The hidden units, or ``n_hidden`` and any of ``step``, ``momentum``, ``batch_size`` and
        ``activation``; see `train_digits_network`. The step is 0.1 if nothing is said.
    dataset : Dataset, optional
        Default: `load_digits()`.
    epochs : int, default=50
        Passes through the training set.
    seed : int, default=0
        Of weights and orders; None draws it.

    Yields
    ------
    float
        Cross-entropy (in nats) on the validation set after each epoch.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described above.

    Examples
    --------
    >>> from hpo_helpers import LogInteger, SuccessiveHalving, minimize
    >>> space, pruner = LogInteger(2, 100), SuccessiveHalving()
    >>> trials = minimize(digits_losses, space, n_trials=3, seed=0, pruner=pruner, progress=False)
    >>> len(trials.best.curve)
    50
    """
    given = dict(configuration) if isinstance(configuration, Mapping) else {"n_hidden": configuration}
    digits = load_digits() if dataset is None else dataset
    train, valid = (digits.x_train, digits.y_train), (digits.x_valid, digits.y_valid)
    if "n_hidden" not in given:
        refuse("configuration", "have n_hidden", configuration)
    settings: dict[str, Any] = {"step": 0.1, "train": train, "held_out": valid, "epochs": epochs}
    for loss, _ in each_epoch(**prepared_digits(**settings | given, seed=seed)):
        yield loss


@freeing_memory
def mnist_losses(
    parameters: Mapping[str, Any], dataset: Dataset, *, epochs: int = 50, seed: int | None = 0
) -> Iterator[float]:
    """Train the MNIST network of a configuration epoch by epoch.

    Parameters
    ----------
    parameters, dataset, epochs, seed
        As in `train_mnist_network`; an objective is ``partial(mnist_losses, dataset=load_mnist())``.

    Yields
    ------
    float
        Cross-entropy (in nats) on the validation set after each epoch. One above 10, or none, is the last.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described above.
    """
    for loss, _ in each_epoch(**prepared_mnist(parameters, dataset, epochs=epochs, seed=seed)):
        yield loss
        if not loss <= HIGHEST_LOSS:
            return
