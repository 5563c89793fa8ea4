"""The two networks that the course tunes: layers and optimizers of Keras, on TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import checked_integer, checked_number, checked_option
from .datasets import Dataset
from .network_checks import N_CLASSES, checked_data, checked_share, checked_units, whole
from .training import Training, fit, freeing_memory, import_keras, read

ACTIVATIONS = ("relu", "prelu", "elu", "tanh", "sigmoid")
HIGHEST_LOSS = 10.0


def train_network(
    n_hidden: int | Sequence[int],
    x_train: ArrayLike,
    x_test: ArrayLike,
    y_train: ArrayLike,
    y_test: ArrayLike,
    **settings: Any,
) -> float:
    """Train the digits network and return its cross-entropy on the held-out set.

    The arguments are those of `train_digits_network`.

    Returns
    -------
    float
        Cross-entropy (in nats) on ``x_test``, ``y_test``; nan or inf where training diverged.
    """
    return train_digits_network(n_hidden, x_train, x_test, y_train, y_test, **settings).loss


@freeing_memory
def train_digits_network(
    n_hidden: int | Sequence[int],
    x_train: ArrayLike,
    x_test: ArrayLike,
    y_train: ArrayLike,
    y_test: ArrayLike,
    *,
    step: float = 0.01,
    momentum: float = 0.9,
    batch_size: int = 128,
    epochs: int = 100,
    activation: str = "relu",
    seed: int | None = None,
) -> Training:
    """Train a network with one or more hidden layers by gradient descent with momentum.

    Parameters
    ----------
    n_hidden : int or sequence of int
        Units of the hidden layer, or of each hidden layer.
    x_train, x_test : array-like of shape (n, d) and (m, d)
        Inputs to learn from, and inputs held out. In a search, hold out the validation set.
    y_train, y_test : array-like of shape (n,) and (m,), or (n, 10) and (m, 10)
        Labels 0 to 9, or the same one-hot.
    step : float, default=0.01
        Step size (learning rate). 0.01 suits pixels scaled to [0, 1], 0.001 pixels from 0 to 16.
    momentum : float, default=0.9
        Share of the last update that is kept in the next, from 0 to below 1.
    batch_size : int, default=128
        Images a step; the last batch of an epoch takes what is left.
    epochs : int, default=100
        Passes through the training set, each in a new random order.
    activation : {"relu", "prelu", "elu", "tanh", "sigmoid"}, default="relu"
        Activation function of the hidden layers.
    seed : int, optional
        Seed of the initial weights and of the orders; the same seed gives the same network.

    Returns
    -------
    Training
        Cross-entropy, accuracy and learning curve on the held-out set.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described above.
    """
    settings: dict[str, Any] = {"step": step, "momentum": momentum, "activation": activation}
    train, held_out = (x_train, y_train), (x_test, y_test)
    settings |= {"batch_size": batch_size, "epochs": epochs, "seed": seed}
    return fit(**prepared_digits(n_hidden, train, held_out, **settings))


def prepared_digits(
    n_hidden: int | Sequence[int],
    train: tuple[ArrayLike, ArrayLike],
    held_out: tuple[ArrayLike, ArrayLike],
    *,
    step: float,
    epochs: int,
    momentum: float = 0.9,
    batch_size: int = 128,
    activation: str = "relu",
    seed: int | None = None,
) -> dict[str, Any]:
    """Return what `fit` needs to train a digits network; see `train_digits_network`."""
    units = checked_units("n_hidden", n_hidden)
    step, momentum = checked_number("step", step, least=0), checked_share("momentum", momentum)
    batch_size, epochs = checked_integer("batch_size", batch_size, 1), checked_integer("epochs", epochs, 1)
    learned = checked_data(*train, "train")
    n_columns = learned[0].shape[1]
    rng = np.random.default_rng(seed)
    parts: dict[str, Any] = {"train": learned, "held_out": checked_data(*held_out, "test", n_columns)}
    parts["model"] = build_network(n_columns, units, activation=activation, rng=rng)
    parts["optimizer"] = import_keras()[0].optimizers.SGD(step, momentum=momentum)
    return parts | {"batch_size": batch_size, "epochs": epochs, "rng": rng}


@freeing_memory
def train_mnist_network(
    parameters: Mapping[str, Any],
    dataset: Dataset,
    *,
    epochs: int = 50,
    patience: int | None = None,
    seed: int | None = None,
    test: bool = False,
) -> dict[str, Any]:
    """Train the network that a configuration describes, by RMSProp.

    Training is interrupted when the validation loss is above 10 or not a number.

    Parameters
    ----------
    parameters : mapping
        ``step`` (step size), ``batch_size``, ``act_func_type`` (as `activation` of
        `train_digits_network`), ``dropout`` (share of the last hidden layer's units left out in
        training, 0 to 1), and ``layers``, a mapping whose ``n_units_layer`` lists the units of each hidden
        layer. Whole numbers may be floats, as hyperopt's are.
    dataset : Dataset
        What to learn from.
    epochs : int, default=50
        Passes through the training set, at most.
    patience : int, optional
        Stop when the validation loss has not improved for so many epochs, and keep the weights of the
        best epoch. None trains all epochs and keeps the last weights.
    seed : int, optional
        Seed of the initial weights, the orders and the dropout.
    test : bool, default=False
        Read the test set too. Do so once, when the search is over.

    Returns
    -------
    dict
        ``loss`` (cross-entropy of the kept weights on the validation set, in nats; where training was
        interrupted, the last one, perhaps nan or inf), ``accuracy`` (on the same set), ``curve`` (list of the
        validation loss after each epoch), ``epochs`` (how many were trained) and, if ``test``, ``test_loss``
        and ``test_accuracy``.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described above.
    """
    patience = None if patience is None else checked_integer("patience", patience, 1)
    parts = prepared_mnist(parameters, dataset, epochs=epochs, seed=seed)
    training = fit(**parts, patience=patience, highest_loss=HIGHEST_LOSS)
    result = asdict(training) | {"curve": list(training.curve), "epochs": len(training.curve)}
    if test:
        n_columns = parts["train"][0].shape[1]
        scores = read(parts["model"], *checked_data(dataset.x_test, dataset.y_test, "test", n_columns))
        result["test_loss"], result["test_accuracy"] = map(float, scores)
    return result


def prepared_mnist(
    parameters: Mapping[str, Any], dataset: Dataset, *, epochs: int, seed: int | None
) -> dict[str, Any]:
    """Return what `fit` needs to train the network of a configuration; see `train_mnist_network`."""
    try:
        units = [whole(n) for n in parameters["layers"]["n_units_layer"]]
        step, activation = parameters["step"], parameters["act_func_type"]
        dropout, batch_size = parameters["dropout"], whole(parameters["batch_size"])
    except KeyError as missing:
        raise ValueError(f"parameters have no {missing}; every configuration needs it.") from missing
    units = checked_units("n_units_layer", units)
    step, dropout = checked_number("step", step, least=0), checked_share("dropout", dropout)
    batch_size, epochs = checked_integer("batch_size", batch_size, 1), checked_integer("epochs", epochs, 1)
    train = checked_data(dataset.x_train, dataset.y_train, "train")
    n_columns = train[0].shape[1]
    rng = np.random.default_rng(seed)
    parts: dict[str, Any] = {
        "train": train,
        "held_out": checked_data(dataset.x_valid, dataset.y_valid, "valid", n_columns),
    }
    parts["model"] = build_network(n_columns, units, activation=activation, dropout=dropout, rng=rng)
    parts["optimizer"] = import_keras()[0].optimizers.RMSprop(step)
    return parts | {"batch_size": batch_size, "epochs": epochs, "rng": rng}


def build_network(
    n_inputs: int,
    units: Sequence[int],
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    rng: np.random.Generator,
) -> Any:
    """Build a dense network, its initial weights drawn from `rng`.

    The last layer has no activation: the softmax is part of the loss, where it cannot overflow.

    Parameters
    ----------
    n_inputs : int
        Inputs of the network.
    units : sequence of int
        Units of each hidden layer.
    activation : {"relu", "prelu", "elu", "tanh", "sigmoid"}, default="relu"
        Activation function of the hidden layers.
    dropout : float, default=0.0
        Share of the last hidden layer's units that a training step leaves out.
    rng : numpy.random.Generator
        Source of the seeds of initial weights and dropout.

    Returns
    -------
    keras.Sequential
        The network, built; its outputs are the logits of the ten classes.
    """
    checked_option("activation", activation, ACTIVATIONS)
    keras, _ = import_keras()

    def dense(n: int) -> Any:
        weights = keras.initializers.GlorotUniform(seed=int(rng.integers(2**31)))
        return keras.layers.Dense(int(n), kernel_initializer=weights)

    model = keras.Sequential([keras.Input((n_inputs,))])
    for n in units:
        model.add(dense(n))
        if activation == "prelu":  # a slope a unit, starting at 0.25 (He et al., 2015, section 2.1)
            model.add(keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25)))
        else:
            model.add(keras.layers.Activation(activation))
    if dropout:
        model.add(keras.layers.Dropout(dropout, seed=int(rng.integers(2**31))))
    model.add(dense(N_CLASSES))
    return model
