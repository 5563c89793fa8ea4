"""What to take home from a search."""

from statistics import mean

from .samplers.rows import keys
from .trials import Trial, Trials, space_of

N_SEEN = 1000  # trials, the best, of which the model is made that tells equal ones apart


def recommend(trials: Trials) -> Trial:
    """Return the trial whose configuration to take home.

    Its configuration has the lowest mean loss of those that were tried at least half as often as
    the one tried most. Where each was tried once, that is the best trial, which noise makes look better than
    it is: the lowest of many losses is partly luck. `RepeatSampler` tries again what may be best.

    Of several with the same mean loss, as where few images are tested and many networks classify them all,
    it is the one that a Gaussian process, made of the 1,000 best trials, expects the lowest loss of.

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
    means = [mean(trial.loss or 0.0 for trial in group) for group in often]  # exact, of huge losses, too
    lowest = min(means)
    equal = [group[0] for group, value in zip(often, means, strict=True) if value == lowest]
    seen = sorted(finished, key=lambda trial: trial.loss or 0.0)[:N_SEEN]
    if len(equal) > 1 and seen[0].loss != seen[-1].loss:
        from .samplers.gaussian_process import expected_losses  # brings scikit-learn along

        return equal[int(expected_losses(space, seen, equal)[0].argmin())]
    return equal[0]
