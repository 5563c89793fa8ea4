"""Named rules of tree-structured Parzen estimators: which trials are good, and what each weighs."""

import math
from collections.abc import Callable

import numpy as np

SPLITTINGS: dict[str, Callable[[float, int], float]] = {  # how many of n are good, before it is rounded up
    "textbook": lambda gamma, n: gamma * n,
    "hyperopt": lambda gamma, n: min(gamma * math.sqrt(n), 25),
}
GAMMAS = {"textbook": 0.15, "hyperopt": 0.25}


def good_group_size(n_trials: int, splitting: str, gamma: float | None = None) -> int:
    """Return how many of some trials count as good.

    Parameters
    ----------
    n_trials : int
    splitting, gamma
        See `TPESampler`.
    """
    gamma = GAMMAS[splitting] if gamma is None else gamma
    return math.ceil(SPLITTINGS[splitting](gamma, n_trials))


def equal(losses: np.ndarray) -> np.ndarray:
    """Return 1 for each sample."""
    return np.ones(len(losses))


def ranked(losses: np.ndarray) -> np.ndarray:
    """Return log((n + 1) / k) for the sample with the k-th lowest loss, over the mean of these."""
    n = len(losses)
    weights = np.empty(n)
    weights[np.argsort(losses, kind="stable")] = np.log((n + 1) / np.arange(1, n + 1))
    return weights / weights.mean() if n else weights


def forgetting(losses: np.ndarray) -> np.ndarray:
    """Return 1 for the last 25 samples, and less, down to 1 / n, the older the others are.

    (``linear_forgetting_weights`` in hyperopt 0.3.)
    """
    n = len(losses)
    return np.append(np.linspace(1 / n, 1, n - 25), np.ones(25)) if n > 25 else np.ones(n)


WEIGHTS = {  # from the losses of the good, and of the bad, in the order of the search
    "rank": (ranked, equal),
    "equal": (equal, equal),
    "hyperopt": (forgetting, forgetting),
}
