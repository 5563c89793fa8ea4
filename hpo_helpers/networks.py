"""The two networks that the course tunes: layers and optimizers of Keras, on TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from numbers import Integral, Real

import numpy as np

from .datasets import Dataset
from .training import Training, fit, freeing_memory, import_keras, read

N_CLASSES = 10
ACTIVATIONS = ("relu", "prelu", "elu", "tanh", "sigmoid")
HIGHEST_LOSS = 10.0


def train_network(n_hidden, x_train, x_test, y_train, y_test, **settings) -> float:
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
    x_train: np.ndarray,
    x_test: np.ndarray,
    y_train: np.ndarray,
    y_test: np.ndarray,
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
    units = n_hidden if isinstance(n_hidden, Sequence | np.ndarray) else [n_hidden]
    _check_units("n_hidden", units)
    _check_number("step", step)
    _check_number("momentum", momentum, below=1)
    _check_counts(batch_size=batch_size, epochs=epochs)
    train, held_out = _check_data(x_train, y_train, "train"), _check_data(x_test, y_test, "test")
    _check_columns(train, held_out)
    rng = np.random.default_rng(seed)
    model = build_network(train[0].shape[1], units, activation=activation, rng=rng)
    optimizer = import_keras()[0].optimizers.SGD(step, momentum=momentum)
    return fit(model, optimizer, train, held_out, batch_size=batch_size, epochs=epochs, rng=rng)


@freeing_memory
def train_mnist_network(
    parameters: Mapping,
    dataset: Dataset,
    *,
    epochs: int = 50,
    patience: int | None = None,
    seed: int | None = None,
    test: bool = False,
) -> dict:
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
    try:
        step, dropout = parameters["step"], parameters["dropout"]
        activation, batch_size = parameters["act_func_type"], _whole(parameters["batch_size"])
        units = [_whole(n) for n in parameters["layers"]["n_units_layer"]]
    except KeyError as missing:
        raise ValueError(f"parameters have no {missing}; every configuration needs it.") from missing
    _check_units("n_units_layer", units)
    _check_number("step", step)
    _check_number("dropout", dropout, below=1)
    _check_counts(batch_size=batch_size, epochs=epochs, patience=1 if patience is None else patience)
    train = _check_data(dataset.x_train, dataset.y_train, "train")
    valid = _check_data(dataset.x_valid, dataset.y_valid, "valid")
    _check_columns(train, valid)
    rng = np.random.default_rng(seed)
    model = build_network(train[0].shape[1], units, activation=activation, dropout=dropout, rng=rng)
    training = fit(
        model,
        import_keras()[0].optimizers.RMSprop(step),
        train,
        valid,
        batch_size=batch_size,
        epochs=epochs,
        rng=rng,
        patience=patience,
        highest_loss=HIGHEST_LOSS,
    )
    result = asdict(training) | {"curve": list(training.curve), "epochs": len(training.curve)}
    if test:
        scores = read(model, *_check_data(dataset.x_test, dataset.y_test, "test"))
        result["test_loss"], result["test_accuracy"] = map(float, scores)
    return result


def build_network(n_inputs, units, *, activation="relu", dropout=0.0, rng):
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
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is {activation!r}; choose one of {', '.join(ACTIVATIONS)}.")
    keras, _ = import_keras()

    def dense(n):
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


def _check_data(x, y, which):
    """Inputs as float32 (n, d) and labels as int64 (n,), or a sentence on what is wrong with them."""
    x = np.asarray(x, dtype=np.float32)
    y = np.asarray(y)
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x_{which} has shape {x.shape}; give a matrix with one image a row.")
    if not np.isfinite(x).all():
        raise ValueError(f"x_{which} holds nan or inf; remove or fill these values.")
    if y.ndim == 2 and y.shape[1] == N_CLASSES:
        y = y.argmax(axis=1)
    if y.shape != x.shape[:1]:
        raise ValueError(f"y_{which} has shape {y.shape}; give one label for each of {len(x)} images.")
    labels = y.astype(np.int64)
    if (labels != y).any() or labels.min() < 0 or labels.max() >= N_CLASSES:
        raise ValueError(f"y_{which} holds labels other than the digits 0 to 9.")
    return x, labels


def _check_columns(train, held_out):
    if train[0].shape[1] != held_out[0].shape[1]:
        raise ValueError(
            f"the training inputs have {train[0].shape[1]} columns and the held-out ones "
            f"{held_out[0].shape[1]}; give both the same."
        )


def _check_units(name, units):
    if len(units) == 0:
        raise ValueError(f"{name} is empty; give the units of at least one hidden layer.")
    for n in units:
        _check_counts(**{name: n})


def _check_counts(**counts):
    for name, value in counts.items():
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}; give an int.")
        if value < 1:
            raise ValueError(f"{name} is {value}; give at least 1.")


def _check_number(name, value, below=np.inf):
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; give a number.")
    if not 0 <= value < below:
        raise ValueError(f"{name} is {value}; give a number from 0 to below {below}.")


def _whole(value):
    """An int for a whole float (hyperopt's integers are floats), anything else unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
