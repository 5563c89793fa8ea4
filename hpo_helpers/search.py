"""A search: ask it what to try, tell it what came of that."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from .checks import checked_integer, checked_object, refuse
from .evaluation import Outcome, outcome_of
from .journal import Journal, draw_seed
from .samplers import Sampler
from .spaces import Space, Values
from .trials import Trial, Trials


class Search:
    """A search that is asked for trials and told what came of them.

    Parameters
    ----------
    space : Space, or nested dict, list or tuple
        With distributions at its leaves, see `hpo_helpers.spaces`.
    sampler : Sampler, optional
        Default: a Gaussian process and, after many trials, Parzen estimators (`DefaultSampler`).
    seed : int, optional
        Trial ``k`` gets ``numpy.random.default_rng([seed, k])``, or the first of several that are suggested
        together does. None takes the journal's seed, or draws one.
    journal : str or Path, optional
        File to which every trial is written. If it is there already, the search goes on from it. Close
        the search, or use it in a ``with`` statement, to let another have the file.

    Attributes
    ----------
    trials : Trials
        All so far, running ones included.
    seed : int
    lost : list of Trial
        What was running when the journal's last search ended, and was not asked for again yet.

    Examples
    --------
    >>> from hpo_helpers import Search, Uniform
    >>> search = Search({"x": Uniform(-1, 1)}, seed=0)
    >>> for _ in range(20):
    ...     trial = search.ask()
    ...     _ = search.tell(trial, trial.configuration["x"] ** 2)
    >>> search.trials.best.loss < 1e-3
    True
    """

    def __init__(
        self,
        space: Any,
        *,
        sampler: Sampler | None = None,
        seed: int | None = None,
        journal: str | Path | None = None,
    ) -> None:
        self.space = Space(space)
        if sampler is None:
            from .samplers.default import DefaultSampler  # brings scikit-learn along, a second or two

            sampler = DefaultSampler()
        self.sampler = sampler
        checked_object("sampler", self.sampler, "suggest", "write sampler=TPESampler()")
        seed = None if seed is None else checked_integer("seed", seed, 0)
        self._journal = None if journal is None else Journal(journal, self.space, seed, self.sampler)
        if self._journal:
            self.trials, self.seed = self._journal.trials, self._journal.seed
        else:
            self.trials, self.seed = Trials((), self.space), draw_seed() if seed is None else seed
        self.lost = [trial for trial in self.trials if trial.state == "running"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let another search have the journal."""
        if self._journal:
            self._journal.close()

    def ask(self, configuration: Any = None) -> Trial:
        """Return the next trial, its state "running".

        Parameters
        ----------
        configuration : optional
            What to try. Default: what is in `lost`, and then what the sampler suggests.

        Raises
        ------
        Exhausted
            When the sampler has nothing left to try.
        ValueError
            If the configuration, or what the sampler suggests, is not in the space.
        """
        if configuration is not None:
            return self._begin(self.space.read(configuration))
        return self.ask_together(1)[0]

    def ask_together(self, n: int) -> list[Trial]:
        """Return the next trials, at least one and at most n; ask again for those that are missing.

        A sampler that has a ``suggest_together`` method, as the default one has, may suggest many at once for
        much less work than one after the other; the default one, if more than eight can begin. Any other is
        asked for one.

        Parameters
        ----------
        n : int
            How many trials can begin now.

        Raises
        ------
        Exhausted, ValueError
            As from `ask`.
        """
        if self.lost:
            return [self.lost.pop(0)]
        arguments = self.space, self.trials, np.random.default_rng([self.seed, len(self.trials)])
        together = getattr(self.sampler, "suggest_together", None) if checked_integer("n", n, 1) > 1 else None
        try:
            suggested = together(*arguments, n) if together else [self.sampler.suggest(*arguments)]
        except StopIteration as error:
            must = "must raise hpo_helpers.Exhausted to end a search, got a StopIteration"
            raise RuntimeError(f"{self.sampler!r} {must}; mend the next() in its suggest.") from error
        try:
            checked = [self.space.checked(values) for values in list(suggested)[:n]]
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.sampler!r} must suggest values of the space, but {error}") from error
        return [self._begin(values) for values in checked]

    def tell(self, trial: Any, result: Any) -> Trial:
        """Say what came of a trial.

        Parameters
        ----------
        trial : Trial, or a configuration
            One that `ask` returned; or any configuration of the space, such as an old result, which
            becomes a trial by that.
        result : number, mapping or Exception
            The loss; a mapping with ``"loss"``, optionally ``"curve"``, and whatever else is to be kept in
            ``trial.info``; or why there is none.

        Returns
        -------
        Trial
            With its loss, and on disk if there is a journal.

        Raises
        ------
        ValueError
            If the trial is not a running one of this search, or the configuration is not in the space.
        TypeError
            If the result has no loss.
        OSError
            If the journal cannot be written, as on a full disk: make room, and tell the trial again. Where a
            configuration was told, its trial is the last of `trials`.
        """
        outcome = result if isinstance(result, Outcome) else outcome_of(result)
        if not isinstance(trial, Trial):
            trial = self._begin(self.space.read(trial))
        ours = trial.number < len(self.trials) and self.trials[trial.number].values == trial.values
        again = self._journal and trial.number in self._journal.unwritten
        if not ours or not (again or self.trials[trial.number].state == "running"):
            refuse("trial", "be one that this search asked for, and was not told of yet", repr(trial))
        told = Trial(trial.number, trial.values, **vars(outcome), space=self.space)
        self.trials.put(told)
        if self._journal:
            self._journal.end(told)
        return told

    def _begin(self, values: Values) -> Trial:
        trial = Trial(len(self.trials), values, space=self.space)
        if self._journal:
            self._journal.begin(trial)
        self.trials.put(trial)
        return trial
