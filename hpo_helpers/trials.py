"""What was tried: one `Trial` for each configuration, and the sequence of them."""

import html
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from .checks import checked_integer, checked_number, checked_option, refuse
from .spaces import Space, Values

if TYPE_CHECKING:
    import pandas

STATES = ("finished", "failed", "pruned", "running")
FIRST = ("number", "state", "loss", "seconds")  # the first columns of a frame
LONGEST = 200  # letters of what a repr tells of a configuration


@dataclass(frozen=True)
class Trial:
    """What was tried once, and what came of it.

    Parameters
    ----------
    number : int
        Position in the search, from 0.
    values : dict
        Values of the active parameters by name, see `Space`; a choice's is the option's index.
    loss : float or None
        What the objective returned; else the lowest loss that it yielded, or the last finite one if it was
        stopped. None unless the trial is finished or pruned.
    state : str
        "finished", "failed", "pruned" or "running".
    seconds : float
        Wall-clock time that the objective took.
    error : str, optional
        Why the trial failed.
    curve : list of float, optional
        Loss after each step of training, if the objective told it.
    info : dict, optional
        Whatever else the objective returned; from a journal as JSON has it, with lists for tuples, keys of
        text, and a short text for what JSON has no form for.
    space : Space, optional
        What `configuration` is built by.
    """

    number: int
    values: Values
    loss: float | None = None
    state: str = "running"
    seconds: float = 0.0
    error: str | None = None
    curve: list[float] | None = None
    info: dict[str, Any] | None = None
    space: Space | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", checked_integer("number", self.number, 0))
        checked_option("state", self.state, STATES)
        if not isinstance(self.values, Mapping):
            refuse("values", "be a dict by the parameters' names", self.values, kind=TypeError)
        checked_number("seconds", self.seconds, least=0)
        if self.state in ("finished", "pruned"):
            object.__setattr__(self, "loss", checked_number("loss", self.loss))
        elif self.loss is not None:
            refuse("loss", f"be None if the trial is {self.state}", self.loss)

    @property
    def configuration(self) -> Any:
        """What the objective gets, in dicts and lists built anew at each call; its constants are the space's.

        Raises
        ------
        ValueError
            If the trial has no space.
        """
        if self.space is None:
            refuse("space", "be given for a trial to have a configuration", None)
        return self.space.build(self.values)

    def _head(self) -> str:
        came = f", loss {self.loss:.6g}" if self.loss is not None else f", {self.error}" if self.error else ""
        return _cut(f"Trial {self.number}: {self.state}{came}")

    def __repr__(self) -> str:
        return f"<{self._head()}, {_cut(repr(self.values if self.space is None else self.configuration))}>"

    def _repr_html_(self) -> str:
        # In <code>, for a notebook takes what is between two dollars for mathematics elsewhere.
        shown = [(_code(name), repr(_shown(self.space, name, value))) for name, value in self.values.items()]
        rows = "".join(f"<tr><td>{name}</td><td>{_code(text)}</td></tr>" for name, text in shown)
        return f"<p>{_code(self._head())}</p><table>{rows}</table>"


def _shown(space: Space | None, name: str, value: Any) -> Any:
    """Return what a value stands for: the option itself, if no parameters lie below."""
    options = space.options(name) if space else None
    return value if options is None else options[value]


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _code(text: str) -> str:
    return f"<code>{html.escape(_cut(text))}</code>"


class Trials(Sequence[Trial]):
    """The trials of a search, in order.

    Parameters
    ----------
    trials : iterable of Trial, optional
        Trial ``k`` has the number ``k``, but in a slice.
    space : Space, or nested dict, list or tuple, optional
        What was searched, also by trials that do not say. Default: the first trial's.

    Raises
    ------
    TypeError
        If something is no trial.
    """

    def __init__(self, trials: Iterable[Trial] = (), space: Any = None) -> None:
        if not isinstance(trials, Iterable):
            refuse("trials", "be Trial objects", trials, "pass a list of them", TypeError)
        self._trials = list(trials)
        for trial in self._trials:
            if not isinstance(trial, Trial):
                refuse("trials", "be Trial objects", trial, kind=TypeError)
        space = self._trials[0].space if space is None and self._trials else space
        self.space = space if space is None or isinstance(space, Space) else Space(space)
        self._trials = [t if t.space or not self.space else replace(t, space=self.space) for t in self]

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    @overload
    def __getitem__(self, index: int) -> Trial: ...
    @overload
    def __getitem__(self, index: slice) -> "Trials": ...
    def __getitem__(self, index: int | slice) -> "Trial | Trials":
        if isinstance(index, slice):
            return Trials(self._trials[index], self.space)
        return self._trials[index]

    def put(self, trial: Trial) -> None:
        """Add the next trial, or put it in the place of the one with its number.

        Raises
        ------
        ValueError
            If trials before it are missing.
        """
        if not isinstance(trial, Trial):
            refuse("trial", "be a Trial", trial, kind=TypeError)
        if trial.number > len(self):
            refuse("number", f"be at most {len(self)}, the next trial's", trial.number)
        self._trials[trial.number : trial.number + 1] = [trial]

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
            why = next((f"the last error: {trial.error}" for trial in reversed(self) if trial.error), "")
            refuse("trials", "hold a finished one", str(self), why)
        return min(finished, key=lambda trial: math.inf if trial.loss is None else trial.loss)

    @property
    def losses(self) -> np.ndarray:
        """Losses of finished trials, shape (n,); NaN for any other."""
        return np.array([t.loss if t.state == "finished" else math.nan for t in self], float)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with one row for each trial.

        Returns
        -------
        pandas.DataFrame
            Columns ``number``, ``state``, ``loss``, ``seconds``, then each parameter by its name, such as
            ``layers.1.n_units.0``, and each entry of ``info`` by ``info.`` and its key. A parameter
            called as one of the first four, or with a dot after ``info`` or ``parameter``, has ``parameter.``
            before its name. Of a choice among constants the column has the option, of one among spaces its
            index. Where a parameter was not active stands ``pandas.NA``, in a column of floats NaN.
        """
        import pandas

        columns: dict[str, Any] = {name: [getattr(t, name) for t in self] for name in FIRST}
        columns["loss"] = [math.nan if t.loss is None else t.loss for t in self]
        names = self.space.parameters if self.space else dict.fromkeys(k for t in self for k in t.values)
        for name in names:
            hidden = name in FIRST or name.startswith(("info.", "parameter."))
            columns[f"parameter.{name}" if hidden else name] = self._column(name)
        for key in dict.fromkeys(key for t in self for key in t.info or ()):
            columns[f"info.{key}"] = [(t.info or {}).get(key) for t in self]
        return pandas.DataFrame(columns)

    def _column(self, name: str) -> Any:
        """Return a column of a frame in the type of its parameter."""
        import pandas

        values = [t.values.get(name, pandas.NA) for t in self]
        active = [value for value in values if value is not pandas.NA]
        if self.space and self.space.options(name) is not None:
            values = [v if v is pandas.NA else _shown(self.space, name, v) for v in values]
            return pandas.Series(values, dtype=object)
        whole = {self.space.parameters[name].distribution.type} if self.space else set(map(type, active))
        if whole == {int}:
            return pandas.array(values, dtype="int64" if len(active) == len(values) else "Int64")
        return [math.nan if value is pandas.NA else value for value in values]

    def __repr__(self) -> str:
        states = [trial.state for trial in self]
        counts = ", ".join(f"{states.count(s)} {s}" for s in STATES if s in states)
        best = f", best loss {self.best.loss:.6g}" if "finished" in states else ""
        return f"<Trials: {len(self)} tried{': ' if counts else ''}{counts}{best}>"

    def _repr_html_(self) -> str:
        best = f"Best: {self.best._repr_html_()}" if np.isfinite(self.losses).any() else ""
        return f"<p>{_code(repr(self)[1:-1])}</p>{best}"


def space_of(trials: Any) -> Space:
    """Return the space of `Trials`, which tells what their values are.

    Raises
    ------
    TypeError
        If they have none, or are no Trials.
    """
    space: Space | None = getattr(trials, "space", None)
    if space is None:
        refuse("trials", "be Trials with a space", trials, "write Trials(trials, space)", TypeError)
    return space
