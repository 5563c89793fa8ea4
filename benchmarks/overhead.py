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
from lines import LOOKS, label_ends, save
from matplotlib import pyplot as plt
from problems import PROBLEMS, Problem
from results import Results
from searches import CONTESTANTS
from tqdm import tqdm

from hpo_helpers import RandomSampler, minimize, sample

SPACES = ("hartmann", "network")
N_STEPS = 3  # suggestions timed in a row
SLOW = 3.0  # CPU seconds a suggestion: who needs more is left out at more past trials
LOOPS = {  # how `minimize` is timed: which clock, and whether it has a journal
    "`minimize` with a journal, CPU": (process_time, True),
    "`minimize` with a journal, wall clock": (perf_counter, True),
    "`minimize` without, CPU": (process_time, False),
}


def step_seconds(name: str, problem: Problem, n_past: int, seed: int) -> list[float]:
    """Return the CPU seconds of some steps of a search that has had so many random trials.

    A step is to tell the last trial's loss and to ask for the next configuration.
    """
    search, rng = CONTESTANTS[name].start(problem.space, seed), np.random.default_rng(seed)
    for _ in range(n_past - 1):
        configuration = sample(problem.space, rng)
        search.tell(configuration, problem.loss(configuration))
    configuration, seconds = search.ask(), []  # what is kept from trial to trial is there now
    for _ in range(N_STEPS):
        loss, start = problem.loss(configuration), process_time()
        search.tell(configuration, loss)
        configuration = search.ask()
        seconds.append(process_time() - start)
        if seconds[-1] > SLOW:
            break
    return seconds


def loop_seconds(problem: Problem, past: Sequence[int], seed: int, folder: Path) -> dict[str, Any]:
    """Return the seconds that `minimize` takes from one call of the objective to the next.

    Returns
    -------
    dict
        For each of `LOOPS`, a dict of the ten times before each number of past trials. They
        have a random configuration in them, some hundredths of a millisecond.
    """
    result = {}
    for name, (clock, with_journal) in LOOPS.items():
        marks = []

        def objective(configuration, marks=marks, clock=clock):
            marks.append(clock())
            return 0.0

        with tempfile.TemporaryDirectory(dir=folder) as place:
            journal = Path(place) / "trials.jsonl" if with_journal else None
            options = {"sampler": RandomSampler(), "journal": journal, "progress": False}
            minimize(objective, problem.space, n_trials=max(past) + 1, seed=seed, **options)
        seconds = np.diff(marks)  # number i is with i + 1 past trials
        result[name] = {str(n): seconds[max(n - 10, 0) : n].tolist() for n in past}
    return result


def measure(results: Results, names: Sequence[str], past: Sequence[int], n_rounds: int) -> None:
    """Run the rounds that are not there yet."""
    keys = [(seed, space) for seed in range(n_rounds) for space in SPACES]
    todo = [key for key in keys if _stored(results, names, past, *key) is None]
    total, look = len(todo) * len(past) * len(names), {"unit": "sampler", "mininterval": 1}
    with tqdm(desc=f"overhead, {len(todo)} rounds", total=total, smoothing=0, **look) as bar:
        for seed, space in todo:
            problem = PROBLEMS[space]
            seconds: dict[str, dict] = {name: {} for name in names}
            for n in past:
                for name in names:
                    if all(np.median(times) < SLOW for times in seconds[name].values()):
                        seconds[name][str(n)] = step_seconds(name, problem, n, seed)
                    bar.update()
            seconds |= loop_seconds(problem, past, seed, results.path.parent)
            versions = {name: CONTESTANTS[name].version for name in names}
            key = {"past": list(past), "space": space, "seed": seed}
            results.add(part="overhead", **key, versions=versions, seconds=seconds)


def collect(
    results: Results, names: Sequence[str], past: Sequence[int], n_rounds: int
) -> dict[tuple[str, str], np.ndarray]:
    """Return medians of each round in ms, shape (rounds, len(past)), by space and name.

    NaN is where a sampler was left out as too slow.
    """
    found = {}
    for space in SPACES:
        records = [_stored(results, names, past, seed, space) for seed in range(n_rounds)]
        for name in (*names, *LOOPS):
            rows = [
                [1e3 * np.median(record["seconds"][name].get(str(n), np.nan)) for n in past]
                for record in records
                if record
            ]
            if rows:
                found[space, name] = np.array(rows)
    return found


def _stored(
    results: Results, names: Sequence[str], past: Sequence[int], seed: int, space: str
) -> dict[str, Any] | None:
    """Return the newest round that has all samplers, in the versions that are installed."""
    record = results.find(part="overhead", past=list(past), space=space, seed=seed)
    versions = {name: CONTESTANTS[name].version for name in names}
    return record if record and versions.items() <= record["versions"].items() else None


def table(found: dict[tuple[str, str], np.ndarray], past: Sequence[int], space: str) -> str:
    """Return the medians, and how many times as long as ours of the same kind a peer takes."""
    rows = [["ms after past trials:", *map(str, past)], ["---"] * (len(past) + 1)]
    for (where, name), times in found.items():
        if where == space:
            contestant = CONTESTANTS.get(name)
            cells = [_short(time) for time in np.median(times, axis=0)]
            if contestant and (space, contestant.rival) in found:
                ratios = np.median(times / found[space, contestant.rival], axis=0)
                cells = [f"{cell} ({_short(r)}×)" for cell, r in zip(cells, ratios, strict=True)]
            cells = ["–" if cell.startswith("nan") else cell for cell in cells]
            rows.append([contestant.title if contestant else name, *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _short(number: float) -> str:
    """Return two digits that count, without an exponent."""
    return f"{float(f'{number:.2g}'):g}"


def draw(found: dict[tuple[str, str], np.ndarray], past: Sequence[int], path: Path) -> None:
    """Draw medians and the bands between quartiles of the rounds, a panel a space."""
    fig, axes = plt.subplots(1, len(SPACES), figsize=(10, 5), sharey=True)
    looks = LOOKS | {next(iter(LOOPS)): LOOKS["loop"]}
    for ax, space in zip(axes, SPACES, strict=True):
        ends = []
        for (where, name), times in found.items():
            if where != space or name not in looks:
                continue
            there, look = ~np.isnan(times).any(axis=0), looks[name]
            x = np.array(past)[there]
            low, middle, high = np.percentile(times[:, there], [25, 50, 75], axis=0)
            ax.fill_between(x, low, high, color=look["color"], alpha=0.13, linewidth=0)
            ax.plot(x, middle, **look)
            title = CONTESTANTS[name].title if name in CONTESTANTS else "minimize, journal"
            ends.append((x[-1], middle[-1], title, look["color"]))
        ax.set(xscale="log", yscale="log", title=PROBLEMS[space].title, xlabel="past trials")
        ax.set_xticks(past, map(str, past))
        ax.set_xticks([], minor=True)
        label_ends(ax, ends)
    axes[0].set_ylabel("CPU time of a suggestion (ms)")
    save(fig, path)
