"""The benchmark of the samplers runs, resumes and reports, and its problems are what they say."""

import json
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from hpo_helpers import TPESampler, Trials, minimize, sample, to_hyperopt

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
sys.path.insert(0, str(FOLDER))
from ingredients import CASES, MORE_PROBLEMS  # noqa: E402
from problems import PROBLEMS  # noqa: E402
from searches import CONTESTANTS  # noqa: E402

OURS = ["random", "tpe", "gp"]
ALL_PROBLEMS = PROBLEMS | MORE_PROBLEMS
README = "Before.\n<!-- tables: begin -->\noutdated\n<!-- tables: end -->\nAfter.\n"


def run(folder, *arguments, program="samplers.py"):
    command = [sys.executable, FOLDER / program, "--results", folder, *arguments]
    environment = {**os.environ, "TQDM_DISABLE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("problem", ALL_PROBLEMS.values(), ids=ALL_PROBLEMS)
def test_no_loss_is_below_the_optimum_and_the_minimizer_has_it(problem):
    assert problem.loss(problem.minimizer) == pytest.approx(problem.optimum, abs=1e-9)
    rng = np.random.default_rng(0)
    assert min(problem.loss(sample(problem.space, rng)) for _ in range(2000)) > problem.optimum


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_asked_and_told_a_search_has_the_trials_of_its_librarys_own_loop(problem):
    import hyperopt

    space, theirs = to_hyperopt(problem.space), hyperopt.Trials()
    options = {"rstate": np.random.default_rng(3), "show_progressbar": False, "verbose": False}
    hyperopt.fmin(problem.loss, space, hyperopt.tpe.suggest, 25, trials=theirs, **options)
    ours = minimize(
        problem.loss, problem.space, sampler=TPESampler(), n_trials=25, seed=3, progress=False
    )
    theirs = Trials.from_hyperopt(theirs, problem.space)
    for name, trials in (("hyperopt-tpe", theirs), ("tpe", ours)):
        search, losses = CONTESTANTS[name].start(problem.space, 3), []
        for _ in range(25):
            configuration = search.ask()
            losses.append(problem.loss(configuration))
            search.tell(configuration, losses[-1])
        assert losses == trials.losses.tolist()


def test_the_program_measures_once_and_writes_tables_and_figures(tmp_path):
    readme, results = tmp_path / "README.md", tmp_path / "results"
    readme.write_text(README)
    small = ["--seeds", "1", "--trials", "12", "--past", "20", "30", "--rounds", "1"]
    arguments = [*small, "--samplers", *OURS, "--write", readme]
    first = run(results, *arguments)
    assert (first.returncode, first.stderr) == (0, "")

    text = readme.read_text(encoding="utf-8")
    assert (results / "tables.md").read_text(encoding="utf-8") in text
    assert text.startswith("Before.\n<!--")
    assert text.endswith("-->\nAfter.\n")
    assert "outdated" not in text
    for name in OURS:
        assert len(re.findall(rf"^\| {CONTESTANTS[name].title} \|", text, re.M)) == 3
    figures = {name: (tmp_path / name).read_bytes() for name in ("regret.png", "overhead.png")}

    journal = results / "results.jsonl"
    lines = journal.read_text().splitlines()
    assert len(lines) == 3 * len(OURS) + 2
    journal.write_text("\n".join(lines[:-1]) + '\n{"part": "regr')  # killed in the last round
    second = run(results, *arguments)
    assert (second.returncode, second.stderr) == (0, "")
    assert journal.read_text().splitlines()[:-1] == lines[:-1]
    assert (tmp_path / "regret.png").read_bytes() == figures["regret.png"]

    third = run(results, *arguments, "--again", "gp", "--rounds", "0")
    assert third.returncode == 0
    parts = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [part["sampler"] for part in parts] == ["random", "tpe"] * 3 + ["gp"] * 3
    assert parts[-1]["regrets"] == json.loads(lines[8])["regrets"]


def test_a_file_without_marks_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "README.md").write_text("Nothing.\n")
    result = run(tmp_path / "results", "--write", tmp_path / "README.md")
    assert result.returncode == 2
    assert "must have the lines <!-- tables: begin --> and <!-- tables: end -->" in result.stderr
    assert not (tmp_path / "results").exists()


def test_ablations_take_out_one_ingredient_each_and_leave_the_rest_of_the_file_alone(tmp_path):
    readme, journal = tmp_path / "README.md", tmp_path / "ablations.jsonl"
    readme.write_text(README + README.replace("tables", "ablations"))
    arguments = ["--seeds", "1", "--trials", "14", "--write", readme]
    arguments += ["--cases", "tpe-ranks", "gp-climb", "gp-taming"]
    for _ in range(2):  # nothing is measured twice
        result = run(tmp_path, *arguments, program="ablations.py")
        assert (result.returncode, result.stderr) == (0, "")
        records = [json.loads(line) for line in journal.read_text().splitlines()]
        assert len(records) == 2 * 3 + 3 * 3 + len(MORE_PROBLEMS) + 1
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(README + "Before.\n<!-- ablations: begin -->\n\nMeasured with")
    assert text.endswith("|\n\n<!-- ablations: end -->\nAfter.\n")
    assert result.stdout.strip() in text
    assert text.count("\n| nothing |") == 2
    for name in ("tpe-ranks", "gp-climb", "gp-taming"):
        assert text.count(f"\n| {CASES[name].title} |") == 1
    found = {(r["sampler"], r["problem"]): r["regrets"] for r in records}
    assert found["gp-climb", "hartmann"][:10] == found["gp", "hartmann"][:10]
    assert found["gp-climb", "hartmann"] != found["gp", "hartmann"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.change])
def test_what_an_ablation_takes_out_makes_a_difference_and_is_put_back(name):
    case = CASES[name]
    *_, problem = case.problems.values()

    def losses(change):
        search, found = case.start(problem.space, 0), []
        with change or nullcontext():
            for _ in range(14):
                configuration = search.ask()
                found.append(problem.loss(configuration))
                search.tell(configuration, found[-1])
        return found

    before, changed, after = losses(None), losses(case.change), losses(None)
    assert before != changed
    assert before == after


def test_the_ratio_of_medians_is_a_geometric_mean(monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))  # the program sets its threads
    from ablations import FLOOR, times

    usual = np.array([[1.0, 2, 3], [0, 0, 1e-7]])
    reached = np.array([[2.0, 4, 6], [8 * FLOOR] * 3])  # twice; 8 times the floor
    assert times(reached, usual).startswith("4.00 [")
    assert times(np.array([[3.0, 3, 3]]), np.array([[2.0, 2, 2]])) == "1.50 [1.50, 1.50]"


def test_links_in_the_readme_lead_to_files():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (FOLDER / link).exists(), link
