"""How wide the kernels of a Parzen estimator are along a coordinate of numbers."""

import numpy as np


def hyperopt(centers: np.ndarray, center: float, width: float) -> np.ndarray:
    """Distance to the farther of the two neighbors, the prior's center being a neighbor, too.

    A width is at least the prior's over the number of kernels plus 1, or over 100 if they are
    more, and at most the prior's. A lone sample has half of it. (``adaptive_parzen_normal``
    in hyperopt 0.3, after Bergstra et al. 2011, "Algorithms for hyper-parameter optimization",
    section 4.2.)

    Parameters
    ----------
    centers : ndarray, shape (n,)
        Of the samples' kernels.
    center, width : float
        Of the prior's kernel.

    Returns
    -------
    ndarray, shape (n,)
    """
    n = len(centers)
    if n < 2:
        return np.full(n, width / 2)
    order = np.argsort(centers)
    place = np.searchsorted(centers, center, sorter=order)
    row, farther = np.empty(n + 1), np.zeros(n + 1)
    row[:place], row[place], row[place + 1 :] = centers[order[:place]], center, centers[order[place:]]
    farther[:-1] = gaps = row[1:] - row[:-1]
    np.maximum(farther[1:], gaps, out=farther[1:])
    widths = np.empty(n)
    widths[order[:place]], widths[order[place:]] = farther[:place], farther[place + 1 :]
    return widths.clip(width / min(100, n + 2), width)
