"""The two sets of handwritten digits that the course learns from, each split in three.

A network learns from the training set, a search compares configurations on the validation set, and
the test set is read once, at the end.
"""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

MNIST_VARIABLE = "HPO_HELPERS_MNIST"
MNIST_SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
N_MNIST_VALID = 10_000


class MnistNotFoundError(OSError):
    """MNIST is not on this machine and cannot be downloaded."""


@dataclass(frozen=True)
class Dataset:
    """Inputs and class labels, split into training, validation and test set.

    Attributes
    ----------
    name : str
        What to call it in a title.
    x_train, x_valid, x_test : ndarray of shape (n, d), float32
        One image a row.
    y_train, y_valid, y_test : ndarray of shape (n,), int64
        The digit on each image, 0 to 9.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load_digits(*, scaled: bool = True, seed: int = 0) -> Dataset:
    """Load scikit-learn's 1,797 digits of 8 × 8 pixels, split 60:20:20, every class alike.

    Parameters
    ----------
    scaled : bool, default=True
        Scale the pixels from 0..16 to [0, 1] and center them with the mean of the training set.
        False leaves them as they come.
    seed : int, default=0
        Seed of the split.

    Returns
    -------
    Dataset
        1,077 training, 360 validation and 360 test images of 64 pixels.
    """
    from sklearn.datasets import load_digits as load
    from sklearn.model_selection import train_test_split

    x, y = load(return_X_y=True)
    x, y = x.astype(np.float32), y.astype(np.int64)
    x, x_test, y, y_test = train_test_split(x, y, test_size=360, stratify=y, random_state=seed)
    x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=360, stratify=y, random_state=seed)
    if scaled:
        _scale_and_center(16, x_train, x_valid, x_test)
    return Dataset("digits", x_train, y_train, x_valid, y_valid, x_test, y_test)


def load_mnist() -> Dataset:
    """Load MNIST's 70,000 digits of 28 × 28 pixels.

    The file is the ``.npz`` named by the environment variable ``HPO_HELPERS_MNIST`` (arrays
    ``x_train``, ``y_train``, ``x_test``, ``y_test`` of uint8) or, where that is not set, Keras's own copy,
    which Keras downloads the first time. The last 10,000 of the 60,000 training images become the
    validation set. Pixels are scaled to [0, 1] and centered with the mean of the training set.

    Returns
    -------
    Dataset
        50,000 training, 10,000 validation and 10,000 test images of 784 pixels.

    Raises
    ------
    ValueError
        If ``HPO_HELPERS_MNIST`` names something else than such a file.
    MnistNotFoundError
        If the variable is not set and Keras has no copy and cannot download one.
    """
    path = os.environ.get(MNIST_VARIABLE)
    arrays = _read_mnist(path) if path else _keras_mnist()
    x_train, x_valid, x_test = (
        images.reshape(len(images), -1).astype(np.float32)
        for images in (
            arrays["x_train"][:-N_MNIST_VALID],
            arrays["x_train"][-N_MNIST_VALID:],
            arrays["x_test"],
        )
    )
    _scale_and_center(255, x_train, x_valid, x_test)
    labels, y_test = (arrays[name].astype(np.int64) for name in ("y_train", "y_test"))
    y_train, y_valid = labels[:-N_MNIST_VALID], labels[-N_MNIST_VALID:]
    return Dataset("MNIST", x_train, y_train, x_valid, y_valid, x_test, y_test)


def load_mnist_or_digits() -> Dataset:
    """Load MNIST or, where it cannot be had, print one line that says so and load the digits.

    Returns
    -------
    Dataset
        What `load_mnist` or `load_digits` returns.

    Raises
    ------
    ValueError
        If ``HPO_HELPERS_MNIST`` is set and names no MNIST file.
    """
    try:
        return load_mnist()
    except MnistNotFoundError as error:
        print(f"{error} This run uses scikit-learn's digits instead.")
        return load_digits()


def _scale_and_center(highest: int, x_train: np.ndarray, *others: np.ndarray) -> None:
    """Divide by the highest pixel value and subtract the training mean, in place."""
    x_train /= highest
    mean = x_train.mean(axis=0, dtype=np.float64).astype(np.float32)
    x_train -= mean
    for x in others:
        x /= highest
        x -= mean


def _read_mnist(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays from an .npz file, refusing whatever is not MNIST."""

    def refuse(reason: str, cause: Exception | None = None) -> NoReturn:
        raise ValueError(
            f"{MNIST_VARIABLE} must name an .npz file with MNIST's arrays {', '.join(MNIST_SHAPES)}, "
            f"got {path!r}, which {reason}; name another, or unset it to use Keras's own copy."
        ) from cause

    if not Path(path).exists():
        refuse("does not exist")
    if Path(path).is_dir():
        refuse("is a directory")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in MNIST_SHAPES if name in file}
    except (OSError, EOFError, TypeError, ValueError, zipfile.BadZipFile) as error:
        refuse("cannot be read as an .npz file", error)
    missing = [name for name in MNIST_SHAPES if name not in arrays]
    if missing:
        refuse(f"lacks {', '.join(missing)}")
    for name, shape in MNIST_SHAPES.items():
        if arrays[name].shape != shape or arrays[name].dtype != np.uint8:
            found = f"{arrays[name].dtype} of shape {arrays[name].shape}"
            refuse(f"holds {name} as {found} instead of uint8 of shape {shape}")
    return arrays


def _keras_mnist() -> dict[str, np.ndarray]:
    """Let Keras find or download MNIST."""
    from .training import import_keras

    try:
        keras, _ = import_keras()
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # get_file raises bare Exception when it is offline
        raise MnistNotFoundError(
            "MNIST is not on this machine and could not be downloaded; with a network, Keras fetches "
            f"it, and without one, {MNIST_VARIABLE} may name a copy (mnist.npz)."
        ) from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
