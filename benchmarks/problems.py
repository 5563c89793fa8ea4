"""What samplers are compared on: problems, each with the lowest loss that there is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpo_helpers import Choice, Integer, LogInteger, LogUniform, Uniform

NOISE_STREAM = 1  # any number but 0, since NumPy reads [seed, number] as [seed, number, 0]


@dataclass(frozen=True)
class Problem:
    """A space, a loss on it, and where that is lowest.

    Parameters
    ----------
    title : str
    space : nested dict, list or tuple
    loss : callable
        Of a configuration, without noise.
    minimizer : nested dict, list or tuple
        A configuration with the lowest loss.
    optimum : float
        Its loss.
    noise : float
        Standard deviation of what a search sees on top of the loss.
    """

    title: str
    space: Any
    loss: Callable[[Any], float]
    minimizer: Any
    optimum: float
    noise: float = 0.0

    def observed(self, configuration: Any, seed: int, number: int) -> float:
        """Return what trial `number` of the search `seed` sees: the loss and noise.

        The noise has a stream of its own for each trial, so that all searches of a seed meet the same and
        no sampler shares it: they draw from [seed], which is [seed, 0], and [seed, number].
        """
        rng = np.random.default_rng([seed, number, NOISE_STREAM])
        return self.loss(configuration) + self.noise * rng.standard_normal()

    def regret(self, configuration: Any) -> float:
        """Return how much higher the loss of a configuration is than the lowest."""
        return max(self.loss(configuration) - self.optimum, 0.0)  # rounding may go below


ALPHA = np.array([1, 1.2, 3, 3.2])
A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14]]
A += [[3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991]]
P += [[2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]
A, P = np.array(A), np.array(P) / 10_000


def hartmann6(x):
    """Four hills and six local minima in six dimensions (Dixon & Szegö 1978)."""
    return -float(ALPHA @ np.exp(-(A * (np.array(x) - P) ** 2).sum(axis=1)))


def branin(c):
    """Three valleys of equal depth (Dixon & Szegö 1978)."""
    x, y = c["x"], c["y"]
    bowl = (y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6) ** 2
    return float(bowl + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)


def whole_hartmann(x):
    """Hartmann's function of six tenths."""
    return hartmann6(np.array(x) / 10)


ACTIVATIONS = {"relu": (0.0, -1.5), "tanh": (0.01, -1.2), "sigmoid": (0.05, -0.7)}


def network(c):
    """Stand in for the training of a network; two layers are best, if all else fits them.

    The best step depends on activation, batch size and layers, the best dropout on the units.
    """
    units = c["layers"]["n_units"]
    loss, best_step = ACTIVATIONS[c["activation"]]
    best_step += 0.4 * np.log10(c["batch_size"] / 64) - 0.3 * (len(units) == 2)
    best_dropout = 0.1 * np.log2(units[0] / 50)
    loss += 0.3 * (np.log10(c["step"]) - best_step) ** 2 + (c["dropout"] - best_dropout) ** 2
    loss += 0.02 * np.log2(units[0] / 300) ** 2
    return float(loss + (0.02 * np.log2(units[1] / 150) ** 2 if len(units) == 2 else 0.02))


def diverging(c):
    """The network, but that training diverges with steps above 0.05: losses up to 10,000."""
    return network(c) + float(np.expm1(9.2 * max(np.log10(c["step"] / 0.05), 0)))


TREE = {
    "step": LogUniform(1e-3, 0.5),
    "layers": Choice([{"n_units": [Integer(50, 1000)] * n} for n in (1, 2)]),
    "activation": Choice(list(ACTIVATIONS)),
    "dropout": Uniform(0, 0.5),
    "batch_size": LogInteger(16, 512),
}
BEST_NETWORK = {"step": 10**-1.8, "layers": {"n_units": [300, 150]}, "activation": "relu"}
BEST_NETWORK |= {"dropout": 0.1 * np.log2(6), "batch_size": 64}
PROBLEMS = {
    "hartmann": Problem(
        "Hartmann, 6 numbers",
        [Uniform(0, 1)] * 6,
        hartmann6,
        [0.20168952, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054],
        -3.3223680114155147,
    ),
    "branin": Problem(
        "Branin, 2 numbers, noise of sd 2",
        {"x": Uniform(-5, 10), "y": Uniform(0, 15)},
        branin,
        {"x": np.pi, "y": 2.275},
        10 / (8 * np.pi),
        noise=2.0,
    ),
    "network": Problem("network, a tree of 8 parameters", TREE, network, BEST_NETWORK, 0.0),
}
MORE_PROBLEMS = {  # where an ingredient shows that does not elsewhere
    "diverging": Problem("network that diverges", TREE, diverging, BEST_NETWORK, 0.0),
    "whole": Problem(
        *("Hartmann, 6 integers", [Integer(0, 10)] * 6, whole_hartmann),
        *([2, 2, 5, 3, 3, 7], whole_hartmann([2, 2, 5, 3, 3, 7])),  # the lowest of all 11^6
    ),
}
