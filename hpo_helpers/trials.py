"""What was tried: one `Trial` for each configuration, and the sequence of them."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas

STATES = ("finished", "failed", "pruned", "running")


@dataclass(frozen=True)
class Trial:
    """One configuration and what came of it.

    Parameters
    ----------
    number : int
        Position in the search, from 0.
    configuration : nested dict, list or tuple
    loss : float or None
        What the objective returned; None unless the trial is finished.
    state : str
        "finished", "failed", "pruned" or "running".
    seconds : float
        Wall-clock time that the objective took.
    error : str, optional
        Why the trial failed.
    curve : list of float, optional
        Loss after each step of training, if the objective returned it.
    info : dict, optional
        Whatever else the objective returned.
    """

    number: int
    configuration: Any
    loss: float | None
    state: str
    seconds: float
    error: str | None = None
    curve: list[float] | None = None
    info: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"state must be one of {STATES}, got {self.state!r}.")
        finite = self.loss is not None and math.isfinite(self.loss)
        if finite != (self.state == "finished"):
            raise ValueError(
                "A finished trial has a finite loss and any other has None; "
                f"got loss={self.loss!r} with state={self.state!r}."
            )


class Trials(Sequence[Trial]):
    """The trials of a search, in order.

    Parameters
    ----------
    trials : iterable of Trial, optional
    """

    def __init__(self, trials: Iterable[Trial] = ()) -> None:
        self._trials = list(trials)

    def __len__(self) -> int:
        return len(self._trials)

    def __getitem__(self, index):
        found = self._trials[index]
        return Trials(found) if isinstance(index, slice) else found

    def __repr__(self) -> str:
        finished = [trial.loss for trial in self if trial.state == "finished"]
        best = f", best loss {min(finished):.6g}" if finished else ""
        return f"<Trials: {len(self)} tried, {len(finished)} finished{best}>"

    def append(self, trial: Trial) -> None:
        """Add a trial at the end."""
        self._trials.append(trial)

    @property
    def best(self) -> Trial:
        """The finished trial with the lowest loss, the first of them if several have it.

        Raises
        ------
        ValueError
            If no trial is finished.
        """
        finished = [trial for trial in self if trial.state == "finished"]
        if not finished:
            raise ValueError(f"None of the {len(self)} trials is finished, so none is the best.")
        return min(finished, key=lambda trial: trial.loss)

    @property
    def losses(self) -> np.ndarray:
        """Losses, shape (n,); NaN where a trial is not finished."""
        return np.array([math.nan if trial.loss is None else trial.loss for trial in self], float)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with one row for each trial.

        Returns
        -------
        pandas.DataFrame
            Columns ``number``, ``state``, ``loss``, ``seconds``, then one for each leaf of the
            configurations, called by its dotted path, such as ``layers.n_units_layer.0``. A
            leaf called as one of the first four has ``configuration.`` before its path. Where a
            configuration lacks a leaf stands NaN, which turns integers in its column to floats.
        """
        import pandas

        first = ["number", "state", "loss", "seconds"]
        rows = []
        for trial, loss in zip(self, self.losses, strict=True):
            row = dict(zip(first, (trial.number, trial.state, loss, trial.seconds), strict=True))
            for name, value in _leaves(trial.configuration):
                row[f"configuration.{name}" if name in first else name] = value
            rows.append(row)
        columns = list(dict.fromkeys(first + [name for row in rows for name in row]))
        return pandas.DataFrame(rows, columns=columns)

    @classmethod
    def load(cls, path: str | Path, space: Any = None) -> "Trials":
        """Read the trials of a journal, which may still be growing.

        Parameters
        ----------
        path : str or Path
        space : nested dict, list or tuple, optional
            The space that was searched. With it configurations come back exactly as they were;
            without it, tuples come back as lists.

        Raises
        ------
        ValueError
            If the file cannot be read, is no journal, or is one of another space.
        """
        from .journal import read

        return cls(read(path, space))

    @classmethod
    def from_hyperopt(cls, trials: Any, space: Any) -> "Trials":
        """Take over the trials of `hyperopt.fmin` on ``to_hyperopt(space)``.

        Parameters
        ----------
        trials : hyperopt.Trials
            hyperopt itself leaves out those whose objective raised.
        space : nested dict, list or tuple
            The space, not hyperopt's form of it. Configurations come back in its terms: ``int``
            for an integer, the option itself for a choice.

        Raises
        ------
        ValueError
            If the trials are of another space.
        """
        from .hyperopt_bridge import read_trials

        return cls(read_trials(trials, space))


def _leaves(configuration: Any, path: tuple = ()) -> Iterator[tuple[str, Any]]:
    """Yield the dotted path and value of each leaf of a configuration."""
    if isinstance(configuration, Mapping):
        children = configuration.items()
    elif isinstance(configuration, (list, tuple)):
        children = enumerate(configuration)
    else:
        yield ".".join(map(str, path)) or "value", configuration
        return
    for key, child in children:
        yield from _leaves(child, (*path, key))
