"""What a network can learn from and be made of, said in one form with all other arguments."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import checked_integer, checked_number, refuse

N_CLASSES = 10
Data = tuple[np.ndarray, np.ndarray]  # inputs (n, d), float32, and labels (n,), int64


def checked_data(inputs: ArrayLike, labels: ArrayLike, which: str, n_columns: int | None = None) -> Data:
    """Return inputs as float32 (n, d) and labels as int64 (n,).

    Parameters
    ----------
    inputs : array_like of shape (n, d)
        One image a row.
    labels : array_like of shape (n,), or (n, 10)
        0 to 9, or the same one-hot.
    which : str
        For errors: "train", "valid" or "test".
    n_columns : int, optional
        Of the inputs, if that is known.

    Raises
    ------
    ValueError
        If they are not as described.
    """
    x, y = np.asarray(inputs, dtype=np.float32), np.asarray(labels)
    if x.ndim != 2 or len(x) == 0 or n_columns not in (None, x.shape[1]):
        columns = "" if n_columns is None else f" of {n_columns} columns, as the training set has"
        refuse(f"x_{which}", f"be a matrix with one image a row{columns}", x.shape)
    if not np.isfinite(x).all():
        refuse(f"x_{which}", "be finite", x, "remove or fill what is NaN or infinite")
    if y.ndim == 2 and y.shape[1] == N_CLASSES:
        y = y.argmax(axis=1)
    if y.shape != x.shape[:1]:
        refuse(f"y_{which}", f"hold one label for each of {len(x)} images", y.shape)
    if not np.isin(y, range(N_CLASSES)).all():
        refuse(f"y_{which}", "hold the digits 0 to 9 alone", np.unique(y).tolist())
    return x, y.astype(np.int64)


def checked_units(name: str, units: Any) -> list[int]:
    """Return the units of each hidden layer; a number stands for one layer.

    Raises
    ------
    TypeError, ValueError
        If there is no layer, or its units are no integer of at least 1.
    """
    units = list(units) if isinstance(units, (Sequence, np.ndarray)) else [units]
    if not units:
        refuse(name, "hold the units of at least one hidden layer", units)
    return [checked_integer(name, n, 1) for n in units]


def checked_share(name: str, value: Any) -> float:
    """Return a number from 0 to below 1.

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    share = checked_number(name, value, least=0)
    if share >= 1:
        refuse(name, "be below 1", value)
    return share


def whole(value: Any) -> Any:
    """Return an int for a whole float (hyperopt's integers are floats), anything else unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
