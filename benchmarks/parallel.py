"""Many trials at once: what that costs in regret, and how many of them really run."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from time import perf_counter, sleep
from typing import Any

from contestants import CONTESTANTS
from problems import PROBLEMS, hartmann6
from regret import run_searches, table_of
from results import Results, markdown, setting, short

from hpo_helpers import RandomSampler, minimize

CASES = {
    f"{name}-{n}": replace(CONTESTANTS[name], title=f"{CONTESTANTS[name].title}, {n} at once", n_parallel=n)
    for name in ("tpe", "gp")
    for n in (1, 4, 8)
}
N_PAST = 100  # trials before those that count
LOOPS = {  # sampler, trials at once, whether in threads, seconds of a trial
    "random search, 1 process": (RandomSampler(), 1, False, 0.05),
    "random search, 2 processes": (RandomSampler(), 2, False, 0.05),
    "random search, 64 threads": (RandomSampler(), 64, True, 0.5),
    "the default sampler, 64 threads": (None, 64, True, 0.5),
}
NAMES = (*CASES, *LOOPS)


def n_busy(sampler: Any, n_parallel: int, threads: bool, seconds: float) -> float:
    """Return how many trials of `minimize` ran at once on average, by how many ended in a second."""
    marks, options = list[float](), {"n_trials": N_PAST + max(5 * n_parallel, 100), "progress": False}
    with ThreadPoolExecutor(n_parallel) if threads else nullcontext() as executor:
        options |= {"executor": executor, "n_parallel": n_parallel, "sampler": sampler}
        options["callback"] = lambda trials: marks.append(perf_counter())
        minimize(lambda x: sleep(seconds) or hartmann6(x), PROBLEMS["hartmann"].space, **options)
    marks = marks[N_PAST:-n_parallel]
    return seconds * (len(marks) - 1) / (marks[-1] - marks[0])


def measure(results: Results, names: Sequence[str], options: Any) -> None:
    """Run the searches and the loops that are not there yet."""
    run_searches(results, {n: CASES[n] for n in CASES if n in names}, options.seeds, options.trials)
    for name, loop in LOOPS.items():
        if name in names and not results.find(name=name):
            results.add(name=name, busy=n_busy(*loop))


def report(results: Results) -> str:
    """Return a table of regrets, and one of how many trials ran."""
    if not results.records:
        return "Nothing was measured yet."
    parts = [setting(results.records)]
    parts += [table_of(results, CASES)] if results.find(seed=0) else []
    table = [["trials", "seconds of each", "at once, at most", "running, on average"]]
    for record in results.records:
        if record["name"] in LOOPS:
            _, n, _, seconds = LOOPS[record["name"]]
            table.append([record["name"], str(seconds), str(n), short(record["busy"])])
    return "\n\n".join([*parts, markdown(table)])
