"""The two networks that the course tunes, trained by Keras on TensorFlow.

Models, layers, losses and optimizers are Keras's own. What differs from ``model.fit`` is the loop: an
epoch is one compiled call, which walks through all batches and then reads the validation set. For
networks as small as these, ``fit`` spends most of its time between the batches.
"""

import contextlib
import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

N_CLASSES = 10
ACTIVATIONS = ("relu", "prelu", "elu", "tanh", "sigmoid")
HIGHEST_LOSS = 10.0


@dataclass(frozen=True)
class Training:
    """What one training gave.

    Attributes
    ----------
    loss : float
        Cross-entropy (in nats) on the held-out set; nan or inf where training diverged.
    accuracy : float
        Share of the held-out set that was classified correctly, 0 to 1.
    curve : tuple of float
        Cross-entropy on the held-out set after every epoch.
    """

    loss: float
    accuracy: float
    curve: tuple[float, ...]


def train_network(n_hidden, x_train, x_test, y_train, y_test, **settings) -> float:
    """Train the digits network and return its cross-entropy on the held-out set.

    The arguments are those of `train_digits_network`.

    Returns
    -------
    float
        Cross-entropy (in nats) on ``x_test``, ``y_test``; nan or inf where training diverged.
    """
    return train_digits_network(n_hidden, x_train, x_test, y_train, y_test, **settings).loss


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
        Step size (learning rate).
    momentum : float, default=0.9
        Share of the last update that is kept in the next, 0 to 1.
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
    train, test = _check_data(x_train, y_train, "train"), _check_data(x_test, y_test, "test")
    _check_number("step", step, 0, np.inf)
    _check_number("momentum", momentum, 0, 1)
    rng = np.random.default_rng(seed)
    model = build_network(train[0].shape[1], units, activation=activation, rng=rng)
    keras, _ = import_keras()
    optimizer = keras.optimizers.SGD(step, momentum=momentum)
    return _fit(model, optimizer, train, test, batch_size, epochs, rng)


def train_mnist_network(
    parameters: Mapping,
    dataset,
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
    units = [_whole(n) for n in parameters["layers"]["n_units_layer"]]
    train = _check_data(dataset.x_train, dataset.y_train, "train")
    valid = _check_data(dataset.x_valid, dataset.y_valid, "valid")
    _check_number("step", parameters["step"], 0, np.inf)
    _check_number("dropout", parameters["dropout"], 0, 1)
    rng = np.random.default_rng(seed)
    model = build_network(
        train[0].shape[1],
        units,
        activation=parameters["act_func_type"],
        dropout=parameters["dropout"],
        rng=rng,
    )
    keras, _ = import_keras()
    optimizer = keras.optimizers.RMSprop(parameters["step"])
    batch_size = _whole(parameters["batch_size"])
    training = _fit(
        model, optimizer, train, valid, batch_size, epochs, rng, patience, HIGHEST_LOSS
    )
    result = {
        "loss": training.loss,
        "accuracy": training.accuracy,
        "curve": list(training.curve),
        "epochs": len(training.curve),
    }
    if test:
        loss, accuracy = _scores(model, *_check_data(dataset.x_test, dataset.y_test, "test"))
        result |= {"test_loss": float(loss), "test_accuracy": float(accuracy)}
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
    if not len(units):
        raise ValueError("n_hidden is empty; give the units of at least one hidden layer.")
    for n in units:
        _check_count("n_hidden", n)
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


def compile_epoch(model, optimizer, train, valid, batch_size, *, jit_compile=False):
    """Compile one epoch of training, and the reading of the validation set after it.

    Parameters
    ----------
    model : keras.Model
        A network that returns logits.
    optimizer : keras.Optimizer
        What turns gradients into updates.
    train, valid : pair of ndarray of shape (n, d) and (n,)
        Inputs and integer labels.
    batch_size : int
        Images a step; the last step takes what is left.
    jit_compile : bool, default=False
        Compile by XLA: slower to start, faster to run.

    Returns
    -------
    callable
        Takes the order of the training set, a tensor of shape (n,), int32; updates the model's weights;
        returns cross-entropy and accuracy on the validation set.
    """
    _, tf = import_keras()
    (x, y), n = map(tf.constant, train), len(train[0])
    x_valid, y_valid = map(tf.constant, valid)
    variables = model.trainable_variables
    optimizer.build(variables)

    def step(rows):
        with tf.GradientTape() as tape:
            loss = _cross_entropy(model(tf.gather(x, rows), training=True), tf.gather(y, rows))
        optimizer.apply(tape.gradient(loss, variables), variables)

    @tf.function(jit_compile=jit_compile)
    def epoch(order):
        for batch in tf.range(n // batch_size):
            step(tf.slice(order, [batch * batch_size], [batch_size]))
        if n % batch_size:
            step(order[-(n % batch_size) :])
        return _scores(model, x_valid, y_valid)

    return epoch.get_concrete_function(tf.TensorSpec([n], tf.int32))


def _fit(model, optimizer, train, valid, batch_size, epochs, rng, patience=None, highest=np.inf):
    """Train for some epochs, in a new order each; stop early if asked to, or if the loss is too high."""
    _check_count("batch_size", batch_size)
    _check_count("epochs", epochs)
    if train[0].shape[1] != valid[0].shape[1]:
        raise ValueError(
            f"the training inputs have {train[0].shape[1]} columns and the held-out ones "
            f"{valid[0].shape[1]}; give both the same."
        )
    _, tf = import_keras()
    epoch = compile_epoch(model, optimizer, train, valid, batch_size)
    curve, best = [], (np.inf, 0.0, None)
    for _ in range(epochs):
        order = rng.permutation(len(train[0])).astype(np.int32)
        loss, accuracy = (float(score) for score in epoch(tf.constant(order)))
        curve.append(loss)
        if not loss <= highest:
            break
        if patience is not None and loss < best[0]:
            best = loss, accuracy, model.get_weights()
        if patience is not None and len(curve) - 1 - int(np.argmin(curve)) >= patience:
            break
    if best[2] is not None and loss <= highest:
        loss, accuracy, weights = best
        model.set_weights(weights)
    return Training(loss, accuracy, tuple(curve))


def _cross_entropy(logits, labels):
    """Mean cross-entropy of integer labels, in nats."""
    _, tf = import_keras()
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)


def _scores(model, x, y):
    """Cross-entropy and accuracy of a model on a data set."""
    _, tf = import_keras()
    logits = model(x, training=False)
    correct = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), tf.cast(y, tf.int32))
    return _cross_entropy(logits, y), tf.reduce_mean(tf.cast(correct, tf.float32))


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


def _check_count(name, value):
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; give an int.")
    if value < 1:
        raise ValueError(f"{name} is {value}; give at least 1.")


def _check_number(name, value, low, high):
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; give a number.")
    if not low <= value < high:
        raise ValueError(f"{name} is {value}; give a number from {low} to below {high}.")


def _whole(value):
    """An int for a whole float (hyperopt's integers are floats), anything else unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@functools.cache
def import_keras():
    """Import Keras on TensorFlow without the messages that TensorFlow prints when it starts.

    Returns
    -------
    tuple of module
        ``keras`` and ``tensorflow``.

    Raises
    ------
    RuntimeError
        If Keras runs on another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _silent_stderr():
        import keras
        import tensorflow as tf

        tf.config.list_logical_devices()  # starts the devices, which is when they talk
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()}; set KERAS_BACKEND=tensorflow and restart Python."
        )
    return keras, tf


@contextlib.contextmanager
def _silent_stderr():
    """Send what C++ code writes to standard error to nowhere."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
