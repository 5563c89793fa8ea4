"""The benchmark of the samplers runs, resumes and reports, and its problems are what they say."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hpo_helpers import TPESampler, Trials, minimize, sample, to_hyperopt

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
sys.path.insert(0, str(FOLDER))
from problems import PROBLEMS  # noqa: E402
from searches import CONTESTANTS  # noqa: E402

OURS = ["random", "tpe", "gp"]
README = "Before.\n<!-- tables: begin -->\noutdated\n<!-- tables: end -->\nAfter.\n"


def run(folder, *arguments):
    command = [sys.executable, FOLDER / "samplers.py", "--results", folder, *arguments]
    environment = {**os.environ, "TQDM_DISABLE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
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


def test_links_in_the_readme_lead_to_files():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (FOLDER / link).exists(), link
