"""A space as a cube: what a sampler needs that thinks in points and distances."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..spaces import Choice, Integer, LogInteger, Numeric, flatten, parameters, unflatten

N_POINTS = 1000  # points all over the cube that compete


class Cube:
    """A space as a cube, with a coordinate in [0, 1] for each parameter, active or not.

    A point stands for a configuration where it is snapped: integers and choices are in the middle
    of their cells, and what is not active is at 0.5.

    Parameters
    ----------
    space : nested dict, list or tuple
    """

    def __init__(self, space: Any) -> None:
        self.space = space
        self.parameters = parameters(space)
        self.place = {p.name: j for j, p in enumerate(self.parameters)}
        distributions = [p.distribution for p in self.parameters]
        self.is_choice = np.array([isinstance(d, Choice) for d in distributions])
        # A number is one feature of the model, a choice is one for each option.
        widths = [len(d.options) if isinstance(d, Choice) else 1 for d in distributions]
        self.widths, self.columns = np.array(widths), np.cumsum(widths) - widths

    def point(self, configuration: Any) -> np.ndarray:
        """Return the point of a configuration, shape (d,)."""
        point = np.full(len(self.parameters), 0.5)
        for name, value in flatten(self.space, configuration).items():
            j = self.place[name]
            point[j] = self.parameters[j].distribution.to_unit(value)
        return point

    def points(self, configurations: Sequence) -> np.ndarray:
        """Return the points of configurations, shape (n, d)."""
        points = [self.point(configuration) for configuration in configurations]
        return self.snapped(np.array(points).reshape(len(points), len(self.parameters)))

    def configuration(self, point: np.ndarray) -> Any:
        """Return what a point stands for."""
        pairs = zip(self.parameters, point.tolist(), strict=True)
        return unflatten(self.space, {p.name: p.distribution.from_unit(u) for p, u in pairs})

    def snapped(self, points: np.ndarray) -> np.ndarray:
        """Return the nearest points that stand for configurations."""
        columns = zip(self.parameters, points.T, strict=True)
        points = np.column_stack([_middle_of_cell(p.distribution, u) for p, u in columns])
        return np.where(self.is_active(points), points, 0.5)

    def is_active(self, points: np.ndarray) -> np.ndarray:
        """Tell which coordinates count at each point, shape (n, d)."""
        active = np.ones(points.shape, bool)
        for j, parameter in enumerate(self.parameters):
            for name, option in parameter.conditions:
                i = self.place[name]
                active[:, j] &= np.floor(points[:, i] * self.widths[i]) == option
        return active

    def features(self, points: np.ndarray) -> np.ndarray:
        """Return what a model sees: numbers as they are, and 0 or 1 for each option."""
        features = np.empty((len(points), self.widths.sum()))
        for j, u in enumerate(points.T):
            start, width = self.columns[j], self.widths[j]
            if self.is_choice[j]:
                u = np.floor(u[:, None] * width) == np.arange(width)
            features[:, start : start + width] = u.reshape(len(points), width)
        return features

    def anywhere(self, rng: np.random.Generator) -> np.ndarray:
        """Draw points of all the cube."""
        return self.snapped(rng.random((N_POINTS, len(self.parameters))))

    def nearby(self, centers: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n points that differ from one of the centers in about half of the coordinates."""
        points = centers[rng.integers(len(centers), size=n)]
        steps = 0.1 * rng.random((n, 1)) ** 2 * rng.standard_normal(points.shape)
        moved = np.where(self.is_choice, rng.random(points.shape), (points + steps).clip(0, 1))
        return self.snapped(np.where(rng.random(points.shape) < 0.5, moved, points))

    def new(self, points: np.ndarray, tried: np.ndarray) -> Iterator[np.ndarray]:
        """Yield those of some points that are none of the tried, in their order."""
        seen = set(map(tuple, tried.round(9).tolist()))
        return (p for p in points if tuple(p.round(9).tolist()) not in seen)

    def distances(self, points: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return squared distances, shape (n, m), in a cube whose opposite faces are glued.

        Without the glue, points far from all others would crowd in the corners.
        """
        apart = np.abs(points[:, None] - others)
        apart = np.where(self.is_choice, 0.5 * (apart > 0), np.minimum(apart, 1 - apart))
        return (apart**2).sum(axis=2)


def _middle_of_cell(distribution: Numeric | Choice, u: np.ndarray) -> np.ndarray:
    """Return to_unit(from_unit(u)) for integers and choices, and u itself for a real number."""
    if isinstance(distribution, Choice):
        n = len(distribution.options)
        return (np.floor(u * n).clip(0, n - 1) + 0.5) / n
    if not isinstance(distribution, (Integer, LogInteger)):
        return u
    log, exp = (np.log, np.exp) if isinstance(distribution, LogInteger) else (np.positive,) * 2
    start, end = log(distribution.low - 0.5), log(distribution.high + 0.5)
    k = np.floor(exp(start + u * (end - start)) + 0.5).clip(distribution.low, distribution.high)
    return ((log(k - 0.5) + log(k + 0.5)) / 2 - start) / (end - start)
