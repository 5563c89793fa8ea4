"""How long each sampler thinks: CPU seconds a suggestion against the number of past trials.

And how long `minimize` and its journal take beside that. All are measured side by side, one after
the other in a round, so that a busy machine slows all of them; ratios are taken within a round.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from contestants import CONTESTANTS
from problems import PROBLEMS, Problem
from results import Results, markdown, setting, short
from tqdm import tqdm

from hpo_helpers import RandomSampler, minimize, sample

NAMES = tuple(CONTESTANTS)
SPACES = ("hartmann", "network")
N_STEPS = 3  # suggestions timed in a row
SLOW = 3.0  # CPU seconds a suggestion: who needs more is left out at more past trials
LOOPS = {  # how `minimize` is timed: which clock, and whether it has a journal
    "`minimize` with a journal, CPU": (process_time, True),
    "`minimize` with a journal, wall clock": (perf_counter, True),
    "`minimize` without, CPU": (process_time, False),
}
Found = dict[tuple[str, str], np.ndarray]  # ms, shape (rounds, numbers of past trials), by space and name


def step_seconds(name: str, problem: Problem, n_past: int, seed: int) -> list[float]:
    """Return the CPU seconds of some steps of a search that has had so many random trials.

    A step is to tell the last trial's loss, to ask for the next and to build its configuration.
    """
    search, rng = CONTESTANTS[name].start(problem.space, seed), np.random.default_rng(seed)
    for _ in range(n_past - 1):
        configuration = sample(problem.space, rng)
        search.tell(search.ask(configuration), problem.loss(configuration))
    trial, seconds = search.ask(), list[float]()  # what is kept from trial to trial is there now
    while len(seconds) < N_STEPS and max(seconds, default=0) <= SLOW:
        loss, start = problem.loss(trial.configuration), process_time()
        search.tell(trial, loss)
        trial = search.ask()
        trial.configuration  # noqa: B018 (building it is part of the step)
        seconds.append(process_time() - start)
    return seconds


def loop_seconds(problem: Problem, past: Sequence[int], seed: int) -> dict[str, dict[str, float]]:
    """Return the seconds that `minimize` takes from one call of the objective to the next.

    Returns
    -------
    dict
        For each of `LOOPS`, the median of the ten times before each number of past trials. They
        have a random configuration in them, some hundredths of a millisecond.
    """
    found = {}
    for name, (clock, with_journal) in LOOPS.items():
        marks = []

        def objective(configuration, marks=marks, clock=clock):
            marks.append(clock())
            return 0.0

        with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:  # on a disk, not in memory
            journal = Path(folder) / "trials.jsonl" if with_journal else None
            options = {"sampler": RandomSampler(), "journal": journal, "progress": False}
            minimize(objective, problem.space, n_trials=max(past) + 1, seed=seed, **options)
        seconds = np.diff(marks)  # number i is with i + 1 past trials
        found[name] = {str(n): float(np.median(seconds[max(n - 10, 0) : n])) for n in past}
    return found


def measure(results: Results, names: Sequence[str], options: Any) -> None:
    """Run the rounds that are not there yet."""
    names = [name for name in names if not CONTESTANTS[name].missing]
    contestants = {name: CONTESTANTS[name].version for name in names}
    keys = [
        {"space": space, "past": options.past, "seed": seed, "contestants": contestants}
        for seed in range(options.rounds)
        for space in SPACES
    ]
    keys = [key for key in keys if not results.find(**key)]
    with tqdm(desc="suggestions timed", total=len(keys) * len(options.past) * len(names), smoothing=0) as bar:
        for key in keys:
            problem, seconds = PROBLEMS[key["space"]], {name: dict[str, float]() for name in names}
            for n in options.past:
                for name, times in seconds.items():
                    if max(times.values(), default=0) < SLOW:
                        steps = step_seconds(name, problem, n, key["seed"])
                        times[str(n)] = float(np.median(steps))
                    bar.update()
            seconds |= loop_seconds(problem, options.past, key["seed"])
            results.add(**key, seconds=seconds)


def collect(results: Results) -> tuple[Found, list[int]]:
    """Return medians of each round in ms, of the rounds that are like the newest, and the past trials.

    NaN is where a sampler was left out as too slow.
    """
    newest = {key: results.records[-1][key] for key in ("past", "contestants")}
    found = {}
    for space in SPACES:
        rounds = [record["seconds"] for record in results.find(space=space, **newest)]
        for name in rounds[0] if rounds else ():
            rows = [[1e3 * r[name].get(str(n), np.nan) for n in newest["past"]] for r in rounds]
            found[space, name] = np.array(rows)
    return found, newest["past"]


def report(results: Results) -> str:
    """Return the medians, and how many times as long as ours of the same kind a peer takes."""
    if not results.records:
        return "Nothing was measured yet."
    (found, past), parts = collect(results), [setting(results.records, "hyperopt", "optuna", "torch")]
    for space in SPACES:
        table = [["ms after past trials:", *map(str, past)]]
        for (where, name), times in found.items():
            if where == space:
                contestant = CONTESTANTS.get(name)
                rival = found.get((space, getattr(contestant, "rival", None)), np.nan)
                medians = zip(*(np.median(y, axis=0) for y in (times, times / rival)), strict=True)
                cells = [short(ms) + f" ({short(ratio)}×)" * bool(ratio > 0) for ms, ratio in medians]
                table.append([contestant.title if contestant else name, *cells])
        caption = f"CPU milliseconds a suggestion (times as long as ours); {PROBLEMS[space].title}."
        parts += [caption, markdown(table)]
    return "\n\n".join(parts)
