"""What to take home from a search."""

from .samplers.rows import keys
from .trials import Trial, Trials, space_of


def recommend(trials: Trials) -> Trial:
    """Return the trial whose configuration to take home.

    Its configuration has the lowest mean loss of those that were tried at least half as often as
    the one tried most. Where each was tried once, that is the best trial, which noise makes look better than
    it is: the lowest of many losses is partly luck. `RepeatSampler` tries again what may be best.

    Parameters
    ----------
    trials : Trials
        Trials that are not finished don't count.

    Returns
    -------
    Trial
        The first of the configuration.

    Raises
    ------
    ValueError
        If no trial is finished.
    TypeError
        If something else than trials with a space is given.

    Examples
    --------
    >>> from hpo_helpers import Choice, Search, recommend
    >>> search = Search(Choice(["lucky", "good"]), seed=0)
    >>> for configuration, loss in [("lucky", 1), ("good", 2), ("lucky", 6), ("good", 3)]:
    ...     _ = search.tell(configuration, loss)
    >>> search.trials.best.configuration, recommend(search.trials).configuration
    ('lucky', 'good')
    """
    space, finished = space_of(trials), [trial for trial in trials if trial.state == "finished"]
    groups: dict[bytes, list[Trial]] = {}
    for key, trial in zip(keys(space.table([trial.values for trial in finished])), finished, strict=True):
        groups.setdefault(key, []).append(trial)
    most = max(map(len, groups.values()), default=0)
    often = [group for group in groups.values() if 2 * len(group) >= most] or [[trials.best]]
    # The sum of huge losses might be infinite, that of their shares is not.
    return min(often, key=lambda group: sum((trial.loss or 0.0) / len(group) for trial in group))[0]
