import numpy as np
import pytest
from sklearn import datasets as sklearn_datasets

from hpo_helpers.course.datasets import (
    MNIST_SHAPES,
    MNIST_VARIABLE,
    MnistNotFoundError,
    load_digits,
    load_mnist,
    load_mnist_or_digits,
)


@pytest.fixture(scope="module")
def mnist_arrays():
    """Arrays of MNIST's shapes and types, which are none of its images."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, shape in MNIST_SHAPES.items():
        highest = 10 if name.startswith("y") else 256
        arrays[name] = rng.integers(highest, size=shape, dtype=np.uint8)
    return arrays


@pytest.fixture
def no_mnist(monkeypatch):
    """A machine without the variable, without Keras's copy and without a network."""
    import keras

    def offline(*args, **kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.delenv(MNIST_VARIABLE, raising=False)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", offline)


def test_digits_are_scikit_learns_split_into_three():
    digits = load_digits(scaled=False)
    parts = [getattr(digits, f"x_{part}") for part in ("train", "valid", "test")]
    assert [part.shape for part in parts] == [(1077, 64), (360, 64), (360, 64)]
    together = np.vstack(parts)
    original = sklearn_datasets.load_digits().data.astype(np.float32)
    assert together.dtype == np.float32
    assert sorted(map(bytes, together)) == sorted(map(bytes, original))


def test_digits_have_every_class_alike_in_every_part():
    digits = load_digits()
    for labels in (digits.y_train, digits.y_valid, digits.y_test):
        assert labels.dtype == np.int64
        share = np.bincount(labels, minlength=10) / len(labels)
        assert share.min() > 0.09 and share.max() < 0.11


def test_digits_are_scaled_and_centered_by_the_training_set_alone():
    raw, digits = load_digits(scaled=False), load_digits()
    mean = raw.x_train.mean(axis=0) / 16
    for part in ("train", "valid", "test"):
        expected = getattr(raw, f"x_{part}") / 16 - mean
        np.testing.assert_allclose(getattr(digits, f"x_{part}"), expected, atol=1e-6)


def test_another_seed_splits_the_digits_otherwise():
    assert np.array_equal(load_digits().x_test, load_digits().x_test)
    assert not np.array_equal(load_digits().y_test, load_digits(seed=1).y_test)


def test_mnist_is_read_from_the_file_that_the_variable_names(tmp_path, monkeypatch, mnist_arrays):
    np.savez(tmp_path / "mnist.npz", **mnist_arrays)
    monkeypatch.setenv(MNIST_VARIABLE, str(tmp_path / "mnist.npz"))
    mnist = load_mnist_or_digits()
    assert mnist.name == "MNIST"
    assert mnist.x_train.shape == (50_000, 784)
    assert mnist.x_valid.shape == mnist.x_test.shape == (10_000, 784)
    assert np.array_equal(mnist.y_valid, mnist_arrays["y_train"][-10_000:])
    train = mnist_arrays["x_train"][:50_000].reshape(50_000, 784) / 255
    expected = mnist_arrays["x_test"].reshape(10_000, 784) / 255 - train.mean(axis=0)
    np.testing.assert_allclose(mnist.x_test, expected, atol=1e-5)


def test_without_the_variable_mnist_comes_from_keras(monkeypatch, mnist_arrays):
    import keras

    a = mnist_arrays
    copy = ((a["x_train"], a["y_train"]), (a["x_test"], a["y_test"]))
    monkeypatch.delenv(MNIST_VARIABLE, raising=False)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: copy)
    assert load_mnist().x_train.shape == (50_000, 784)


def test_where_mnist_cannot_be_had_the_digits_step_in_and_it_is_said(no_mnist, capsys):
    with pytest.raises(MnistNotFoundError, match=MNIST_VARIABLE):
        load_mnist()
    assert load_mnist_or_digits().name == "digits"
    printed = capsys.readouterr().out
    assert "could not be downloaded" in printed and "digits instead" in printed


def write_garbage(path):
    path.write_bytes(b"not a zip file")


def write_too_few(path):
    with open(path, "wb") as file:
        np.savez(file, x_train=np.zeros(3, np.uint8))


def write_wrong_shape(path):
    arrays = {name: np.zeros(2, np.uint8) for name in MNIST_SHAPES}
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def write_objects(path):
    arrays = {name: np.array([None], dtype=object) for name in MNIST_SHAPES}
    with open(path, "wb") as file:
        np.savez(file, **arrays)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "is a directory"),
        (write_garbage, "cannot be read"),
        (write_too_few, "lacks y_train, x_test, y_test"),
        (write_wrong_shape, "instead of uint8 of shape"),
        (write_objects, "cannot be read"),
    ],
)
def test_a_variable_that_names_something_else_is_refused(tmp_path, monkeypatch, make, said):
    path = tmp_path / "mnist.npz"
    make(path)
    monkeypatch.setenv(MNIST_VARIABLE, str(path))
    with pytest.raises(ValueError, match=MNIST_VARIABLE) as raised:
        load_mnist_or_digits()
    assert said in str(raised.value) and str(path) in str(raised.value)

