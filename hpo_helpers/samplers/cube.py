"""A space as a cube: what a sampler needs that thinks in points and distances."""

import numpy as np

from ..spaces import Space
from .rows import without_inactive

N_POINTS = 1000  # points all over the cube that compete


class Cube:
    """A space as a cube, with a coordinate in [0, 1] for each parameter, active or not.

    A point stands for a configuration where it is snapped: values with a step, and options, are in the
    middle of their cells, and what is not active is at 0.5.

    Parameters
    ----------
    space : Space
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.distributions = [p.distribution for p in space.parameters.values()]
        self.ordered = np.array([d.ordered for d in self.distributions])

    def points(self, table: np.ndarray) -> np.ndarray:
        """Return the points of configurations, shape (n, d), from a table of values (see `Space.table`)."""
        active = ~np.isnan(table)
        points = np.full(table.shape, 0.5)
        for j, (d, known) in enumerate(zip(self.distributions, active.T, strict=True)):
            points[known, j] = d.to_unit(table[known, j])
        return points

    def table(self, points: np.ndarray) -> np.ndarray:
        """Return the values at points, shape (n, d), NaN where a parameter is not active."""
        table = np.column_stack([d.from_unit(u) for d, u in zip(self.distributions, points.T, strict=True)])
        return without_inactive(self.space, table.astype(float))

    def snapped(self, points: np.ndarray) -> np.ndarray:
        """Return the nearest points that stand for configurations."""
        points = np.column_stack([d.snapped(u) for d, u in zip(self.distributions, points.T, strict=True)])
        return np.where(self.is_active(points), points, 0.5)

    def is_active(self, points: np.ndarray) -> np.ndarray:
        """Tell which coordinates count at each point, shape (n, d)."""
        return ~np.isnan(self.table(points))

    def anywhere(self, rng: np.random.Generator) -> np.ndarray:
        """Draw points of all the cube."""
        return self.snapped(rng.random((N_POINTS, len(self.distributions))))

    def nearby(self, centers: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n points that differ from one of the centers in about half of the coordinates."""
        points = centers[rng.integers(len(centers), size=n)]
        steps = 0.1 * rng.random((n, 1)) ** 2 * rng.standard_normal(points.shape)
        moved = np.where(self.ordered, (points + steps).clip(0, 1), rng.random(points.shape))
        return self.snapped(np.where(rng.random(points.shape) < 0.5, moved, points))

    def distances(self, points: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return squared distances, shape (n, m), in a cube whose opposite faces are glued.

        Without the glue, points far from all others would crowd in the corners.
        """
        squares = np.zeros((len(points), len(others)))
        for j, ordered in enumerate(self.ordered):
            apart = np.abs(points[:, j, None] - others[:, j])
            squares += np.minimum(apart, 1 - apart) ** 2 if ordered else 0.25 * (apart > 0)
        return squares
