"""The loop that trains a Keras network: an epoch is one compiled call.

With networks as small as the course's, ``model.fit`` spends most of its time between the batches. Here
TensorFlow walks through all batches of an epoch, and then reads the held-out set, without coming back
to Python. Models and optimizers are Keras's own. This is the only module that imports Keras.
"""

import contextlib
import functools
import gc
import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from .network_checks import Data

Function = TypeVar("Function", bound=Callable[..., Any])


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


def freeing_memory(train: Function) -> Function:
    """Decorate a function that trains a network, so that it frees the network when it returns.

    A function that yields is freed when it ends or is closed. A model and its compiled graph refer to each
    other, so they would stay until Python next collects garbage. And TensorFlow remembers every operation
    it ran, though each network's are new.
    (``keras.utils.clear_session`` forgets them too, but also resets the seeds and settings of its caller.)
    """

    @functools.wraps(train)
    def train_and_free(*args: Any, **kwargs: Any) -> Any:
        with _freed():
            return train(*args, **kwargs)

    @functools.wraps(train)
    def yield_and_free(*args: Any, **kwargs: Any) -> Any:
        with _freed():
            yield from train(*args, **kwargs)

    return cast(Function, yield_and_free if inspect.isgeneratorfunction(train) else train_and_free)


@contextlib.contextmanager
def _freed() -> Iterator[None]:
    gc.freeze()  # what is here already need not be looked at: that makes collecting cheap
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        from tensorflow.python.eager import context  # where clear_session gets it

        context.context().clear_kernel_cache()


def fit(
    model: Any,
    optimizer: Any,
    train: Data,
    held_out: Data,
    *,
    batch_size: int,
    epochs: int,
    rng: np.random.Generator,
    patience: int | None = None,
    highest_loss: float = np.inf,
) -> Training:
    """Train a network for some epochs, each in a new order.

    Parameters
    ----------
    model : keras.Model
        A network that returns logits.
    optimizer : keras.Optimizer
        What turns gradients into updates.
    train, held_out : pair of ndarray of shape (n, d), float32, and (n,), int64
        Inputs and labels to learn from, and to read after every epoch.
    batch_size, epochs : int
        Images a step, and passes through the training set.
    rng : numpy.random.Generator
        Source of the orders.
    patience : int, optional
        Stop when the held-out loss has not fallen for so many epochs, and put the weights of the best
        epoch back.
    highest_loss : float, default=inf
        Stop when the held-out loss is above this, or nan; the last weights stay.

    Returns
    -------
    Training
        Loss and accuracy of the weights that the model has in the end, and the learning curve.
    """
    curve, best = [], None
    each = each_epoch(model, optimizer, train, held_out, batch_size=batch_size, epochs=epochs, rng=rng)
    for number, (loss, accuracy) in enumerate(each):
        curve.append(loss)
        if not loss <= highest_loss:
            best = None
            break
        if patience is not None:
            if best is None or loss < best[0]:
                best, best_epoch = (loss, accuracy, model.get_weights()), number
            elif number - best_epoch >= patience:
                break
    if best is not None:
        loss, accuracy, weights = best
        model.set_weights(weights)
    return Training(loss, accuracy, tuple(curve))


def each_epoch(
    model: Any,
    optimizer: Any,
    train: Data,
    held_out: Data,
    *,
    batch_size: int,
    epochs: int,
    rng: np.random.Generator,
) -> Iterator[tuple[float, float]]:
    """Train epoch by epoch; the arguments are those of `fit`.

    Yields
    ------
    loss, accuracy : float
        On the held-out set, after each epoch.
    """
    _, tf = import_keras()
    epoch = compile_epoch(model, optimizer, train, held_out, batch_size)
    for _ in range(epochs):
        order = rng.permutation(len(train[0])).astype(np.int32)
        loss, accuracy = map(float, epoch(tf.constant(order)))
        yield loss, accuracy


def compile_epoch(
    model: Any, optimizer: Any, train: Data, held_out: Data, batch_size: int
) -> Callable[[Any], tuple[Any, Any]]:
    """Compile one epoch of training, and the reading of the held-out set after it.

    Parameters
    ----------
    model, optimizer, train, held_out, batch_size
        As in `fit`.

    Returns
    -------
    callable
        Takes the order of the training set, a tensor of shape (n,), int32; updates the model's weights;
        returns cross-entropy and accuracy on the held-out set.
    """
    _, tf = import_keras()
    data = [tf.constant(array) for array in (*train, *held_out)]
    n = len(train[0])
    variables = model.trainable_variables
    optimizer.build(variables)

    def epoch(order: Any, x: Any, y: Any, x_held_out: Any, y_held_out: Any) -> Any:
        for start in tf.range(0, n, batch_size):
            rows = order[start : start + batch_size]  # the last batch takes what is left
            with tf.GradientTape() as tape:
                loss = _cross_entropy(model(tf.gather(x, rows), training=True), tf.gather(y, rows))
            gradients = tape.gradient(loss, variables)
            # optimizer.apply does the same, but TensorFlow then never frees the graph
            for gradient, variable in zip(gradients, variables, strict=True):
                optimizer.update_step(gradient, variable, optimizer.learning_rate)
        return read(model, x_held_out, y_held_out)

    compiled = tf.function(epoch).get_concrete_function(tf.TensorSpec([n], tf.int32), *data)
    return lambda order: compiled(order, *data)


def read(model: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the cross-entropy (in nats) and the accuracy of a model on inputs and labels."""
    _, tf = import_keras()
    logits = model(x, training=False)
    correct = tf.argmax(logits, axis=1) == y
    return _cross_entropy(logits, y), tf.reduce_mean(tf.cast(correct, tf.float32))


def _cross_entropy(logits: Any, labels: Any) -> Any:
    _, tf = import_keras()
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


@functools.cache
def import_keras() -> tuple[Any, Any]:
    """Import Keras on TensorFlow without the messages that TensorFlow prints when it starts.

    Returns
    -------
    tuple of module
        ``keras`` and ``tensorflow``.

    Raises
    ------
    ImportError
        If TensorFlow or Keras is not installed.
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
def _silent_stderr() -> Iterator[None]:
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
