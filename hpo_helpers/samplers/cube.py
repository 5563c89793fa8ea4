"""A space as a cube: what a sampler needs that thinks in points and distances."""

import numpy as np

from ..spaces import Space, Values

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
        self.parameters = list(space.parameters.values())
        self.ordered = np.array([p.distribution.ordered for p in self.parameters])
        place = {name: j for j, name in enumerate(space.parameters)}
        self._conditions = [
            (j, place[name], option) for j, p in enumerate(self.parameters) for name, option in p.conditions
        ]

    def points(self, table: np.ndarray) -> np.ndarray:
        """Return the points of configurations, shape (n, d), from a table of values (see `Space.table`)."""
        active = ~np.isnan(table)
        points = np.full(table.shape, 0.5)
        for j, (p, known) in enumerate(zip(self.parameters, active.T, strict=True)):
            points[known, j] = p.distribution.to_unit(table[known, j])
        return points

    def table(self, points: np.ndarray) -> np.ndarray:
        """Return the values at points, shape (n, d), NaN where a parameter is not active."""
        columns = zip(self.parameters, points.T, strict=True)
        table = np.column_stack([p.distribution.from_unit(u) for p, u in columns]).astype(float)
        for j, parent, option in self._conditions:
            table[table[:, parent] != option, j] = np.nan
        return table

    def values(self, row: np.ndarray) -> Values:
        """Return the values of a row of a table."""
        pairs = zip(self.parameters, row.tolist(), strict=True)
        return {p.name: p.distribution.type(value) for p, value in pairs if value == value}

    def snapped(self, points: np.ndarray) -> np.ndarray:
        """Return the nearest points that stand for configurations."""
        columns = zip(self.parameters, points.T, strict=True)
        points = np.column_stack([p.distribution.snapped(u) for p, u in columns])
        return np.where(self.is_active(points), points, 0.5)

    def is_active(self, points: np.ndarray) -> np.ndarray:
        """Tell which coordinates count at each point, shape (n, d)."""
        active = np.ones(points.shape, bool)
        parents = {parent for _, parent, _ in self._conditions}
        options = {i: self.parameters[i].distribution.from_unit(points[:, i]) for i in parents}
        for j, parent, option in self._conditions:
            active[:, j] &= options[parent] == option
        return active

    def anywhere(self, rng: np.random.Generator) -> np.ndarray:
        """Draw points of all the cube."""
        return self.snapped(rng.random((N_POINTS, len(self.parameters))))

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
