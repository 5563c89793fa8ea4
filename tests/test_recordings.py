"""The command that records searches: it goes on where it stopped, and asks hyperopt as `fmin` does."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import hyperopt
import numpy as np
import pytest

from hpo_helpers import (
    Choice,
    HyperoptSampler,
    Integer,
    LogUniform,
    RandomSampler,
    Space,
    from_hyperopt,
    load,
    minimize,
    to_hyperopt,
)
from hpo_helpers.course import recordings
from hpo_helpers.course.datasets import Dataset, load_digits
from hpo_helpers.course.networks import HIGHEST_LOSS, train_digits_network
from hpo_helpers.course.objectives import mnist_losses
from hpo_helpers.course.races import Table, race
from hpo_helpers.course.stand_ins import stand_in

JOURNALS = Path(__file__).resolve().parents[1] / "notebooks" / "journals"
DIGITS = load_digits()
SMALL = Dataset(
    "small",
    *(DIGITS.x_train[:200], DIGITS.y_train[:200]),
    *(DIGITS.x_valid[:100], DIGITS.y_valid[:100], DIGITS.x_test[:100], DIGITS.y_test[:100]),
)
TREE = {
    "step": LogUniform(0.01, 0.5),
    "layers": Choice([{"units": [Integer(1, 9)]}, {"units": [Integer(1, 9), Integer(1, 9)]}]),
}


def loss(configuration):
    return abs(np.log(configuration["step"] / 0.1)) + sum(configuration["layers"]["units"])


@pytest.fixture
def recorded(monkeypatch, tmp_path):
    """Record something on a few digits and return its trials."""
    monkeypatch.setattr(recordings, "load_mnist", lambda: SMALL)

    def record(name, n_trials, journal=None, more=()):
        recordings.main([name, "--folder", str(tmp_path), "--trials", str(n_trials), *more])
        return load(recordings.journal_path(tmp_path, journal or name))

    return record


def comparable(trials):
    return [(t.configuration, t.loss, t.curve, t.info["accuracy"]) for t in trials]


def test_a_stopped_search_goes_on_as_if_it_had_not(recorded, tmp_path):
    recorded("random", 1)
    resumed = recorded("random", 2)
    recordings.journal_path(tmp_path, "random").unlink()
    assert comparable(resumed) == comparable(recorded("random", 2))


def test_another_seed_is_another_search_with_a_journal_of_its_own(recorded):
    (first,), (other,) = recorded("random", 1), recorded("random", 1, "random_3", ["--seed", "3"])
    assert (first.info["seed"], other.info["seed"]) == (0, 3) and first.values != other.values


def test_a_trial_says_what_made_it(recorded):
    (trial,) = recorded("wide", 1)
    assert trial.info.keys() == {"accuracy", "epochs", "seed", "keras", "tensorflow"}
    assert trial.info["epochs"] == len(trial.curve) <= recordings.EPOCHS
    assert trial.loss == pytest.approx(min(trial.curve), abs=1e-6) or trial.loss > 10
    assert recordings.WIDE_SPACE["step"].low < recordings.MNIST_SPACE["step"].low


@pytest.mark.parametrize(("seed", "name", "fresh"), [(0, "random", [1, 2, 3]), (1, "random_1", [11, 12, 13])])
def test_winners_are_trained_again_from_fresh_seeds_and_read_the_test_set(recorded, seed, name, fresh):
    best = recorded("random", 3, name, ["--seed", str(seed)]).best
    trials = recorded("winners", 3, f"{name}_winner")
    assert [t.info["seed"] for t in trials] == [t.configuration["seed"] for t in trials]
    assert sorted(t.info["seed"] for t in trials) == fresh
    assert {t.info["trial"] for t in trials} == {best.number}
    assert all(0 <= t.info["test_accuracy"] <= 1 for t in trials)
    assert len({t.loss for t in trials} | {best.loss}) > 1


SEARCHES = [*recordings.SEARCHES, *(f"{name}_{seed}" for name in recordings.SEARCHES[:3] for seed in (1, 2))]


@pytest.mark.parametrize("name", SEARCHES)
def test_the_journals_of_chapter_8_belong_together(name):
    """Of each search, the trained-again winner is its best trial."""
    space = recordings.WIDE_SPACE if name == "wide" else recordings.MNIST_SPACE
    search = load(recordings.journal_path(JOURNALS, name), space)
    again = load(recordings.journal_path(JOURNALS, f"{name}_winner"))
    assert {trial.info["trial"] for trial in again} == {search.best.number}
    assert len(again) == recordings.N_WINNER_SEEDS
    assert {trial.state for trial in search} == {"finished"}


def version(path):
    return json.loads(path.read_text(encoding="utf-8").splitlines()[0])["version"]


OLD = [path for path in sorted(JOURNALS.glob("*.jsonl")) if version(path) == 1]


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_journals_of_version_1_are_read_as_they_were_written(path):
    """The oracle is the file itself: its lines have each configuration as the objective got it."""
    _, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    trials = load(path)
    assert len(OLD) >= 5 and len(trials) == len(lines) > 0
    for trial, line in zip(trials, lines, strict=True):
        assert trial.configuration == line["configuration"]
        assert [trial.number, trial.loss, trial.state] == [line["number"], line["loss"], line["state"]]
        assert (trial.curve, trial.info) == (line["curve"], line["info"])
        assert trials.space.build(trials.space.checked(trial.values)) == trial.configuration


def test_the_journals_are_those_that_the_command_writes():
    searches = {recordings.journal_path("", name).name for name in (*SEARCHES, "full")}
    winners = {recordings.journal_path("", f"{name}_winner").name for name in SEARCHES}
    pools = {recordings.journal_path("", name).name for name in (*recordings.POOLS, *recordings.RACES)}
    assert {path.name for path in JOURNALS.glob("*.jsonl")} == searches | winners | pools


@pytest.mark.parametrize("name", recordings.POOLS)
def test_the_journals_of_pools_hold_whole_trainings(name):
    """On MNIST, one that diverges ends at once."""
    space, epochs = recordings.POOLS[name]
    trials = load(recordings.journal_path(JOURNALS, name), space)
    assert len({str(trial.configuration) for trial in trials}) == len(trials) >= 18
    for trial in trials:
        assert (trial.state, trial.loss) == ("finished", min(trial.curve))
        assert len(trial.curve) == epochs or (name == "mnist_pool" and trial.curve[-1] > HIGHEST_LOSS)


def test_a_stand_in_is_recorded_as_it_is_searched(recorded):
    """The first is that of the first seed, case and sampler; steps are of two trials."""
    (trial,) = recorded("stand_ins", 1)
    case, sampler, seed = (trial.configuration[name] for name in ("case", "sampler", "seed"))
    regrets = stand_in(case, seed).regrets(recordings.SAMPLERS[sampler], recordings.N_TRIALS)
    assert trial.curve == [round(regret, 6) for regret in regrets[1::2]] and trial.loss == trial.curve[-1]


def test_a_race_on_the_digits_is_recorded_as_it_is_run(recorded, tmp_path):
    shutil.copy(JOURNALS / "digits_table.jsonl", tmp_path)
    (trial,) = recorded("digits_races", 1)
    assert {**trial.configuration} == {"pruner": "none", "sampler": "random", "n_parallel": 1, "seed": 0}
    found = race(Table(load(JOURNALS / "digits_table.jsonl")), RandomSampler(), seed=0, n_epochs=1000)
    assert trial.curve == [round(regret, 6) for regret in found[49::50]]


@pytest.mark.parametrize("pruner", recordings.PRUNERS)
def test_a_recorded_race_is_that_of_its_pruner_and_workers(pruner):
    wanted = {"pruner": pruner, "sampler": "random", "n_parallel": 4, "seed": 1}
    (trial,) = [t for t in load(JOURNALS / "digits_races.jsonl") if t.configuration == wanted]
    options = {"n_epochs": 250, "n_parallel": 4, "pruner": recordings.PRUNERS[pruner]}
    found = race(Table(load(JOURNALS / "digits_table.jsonl")), RandomSampler(), seed=1, **options)
    ends = [round(k * 250 / 20) - 1 for k in range(1, 21)]
    assert trial.curve == [round(regret, 6) for regret in found[ends]]


@pytest.mark.parametrize("name", recordings.RACES)
def test_the_journals_of_races_hold_whole_groups(name):
    trials = load(recordings.journal_path(JOURNALS, name), recordings.RACES[name])
    assert len(trials) % recordings.RACES[name]["seed"].size == 0 and len(trials) >= 160
    assert {(trial.state, len(trial.curve)) for trial in trials} == {("finished", recordings.N_STEPS)}


def test_a_network_on_digits_is_recorded_as_it_is_trained(recorded, monkeypatch):
    """The oracle is another loop, that of the function which returns when training is over."""
    space = {"n_hidden": Integer(5, 6), "seed": Integer(0, 1)}
    monkeypatch.setitem(recordings.POOLS, "digits_units", (space, 3))
    trials = recorded("digits_units", 10)
    assert len(trials) == 4
    data = DIGITS.x_train, DIGITS.x_valid, DIGITS.y_train, DIGITS.y_valid
    for trial in trials:
        n_hidden, seed = trial.configuration.values()
        training = train_digits_network(n_hidden, *data, step=0.1, epochs=3, seed=seed)
        assert trial.curve == pytest.approx(training.curve, abs=1e-5)


def test_a_network_on_mnist_is_recorded_as_it_is_trained_on_few_images(recorded, monkeypatch):
    monkeypatch.setattr(recordings, "N_FEW", 50)
    monkeypatch.setitem(recordings.POOLS, "mnist_pool", (recordings.WIDE_SPACE, 2))
    few = {f"{a}_{part}": getattr(SMALL, f"{a}_{part}")[:50] for a in "xy" for part in ("train", "valid")}
    for trial in recorded("mnist_pool", 3):
        expected = list(mnist_losses(trial.configuration, replace(SMALL, **few), epochs=2))
        assert trial.curve == pytest.approx(expected, abs=1e-5)


def test_full_trainings_have_the_same_networks_and_all_epochs(recorded, monkeypatch):
    monkeypatch.setattr(recordings, "N_FULL", 2)
    stopped = recorded("random", 2)
    for trial in recorded("full", 2):
        early = stopped[trial.configuration["trial"]]
        assert trial.curve[: len(early.curve)] == early.curve
        diverged = not trial.curve[-1] <= HIGHEST_LOSS
        assert trial.info["epochs"] == recordings.EPOCHS or diverged


def test_the_command_names_what_it_can_record(recorded, capsys):
    with pytest.raises(SystemExit):
        recorded("grid", 1)
    assert "winners" in capsys.readouterr().err


def test_hyperopt_suggests_what_it_would_in_its_own_loop():
    """The oracle is hyperopt's `fmin` up to this trial, asked with the same seed."""
    trials = hyperopt.Trials()
    hyperopt.fmin(
        loss,
        to_hyperopt(TREE),
        hyperopt.rand.suggest,
        max_evals=25,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
    )
    domain = hyperopt.Domain(loss, to_hyperopt(TREE))
    options = {"n_startup_jobs": 5, "n_EI_candidates": 50, "gamma": 0.3, "verbose": False}
    for seed in range(5):
        rng = np.random.default_rng(seed)
        number = int(np.random.default_rng(seed).integers(2**31 - 1))
        (document,) = hyperopt.tpe.suggest([25], domain, trials, number, **options)
        theirs = {name: vals[0] for name, vals in document["misc"]["vals"].items() if len(vals)}
        sampler = HyperoptSampler(n_startup=5, n_candidates=50, gamma=0.3)
        ours = sampler.suggest(Space(TREE), from_hyperopt(trials, TREE), rng)
        assert ours == pytest.approx(theirs)


def test_hyperopt_goes_on_past_failures():
    def objective(configuration):
        return np.nan if len(configuration["layers"]["units"]) == 2 else loss(configuration)

    search = {"sampler": HyperoptSampler(n_startup=3), "seed": 1, "progress": False}
    trials = minimize(objective, TREE, n_trials=15, **search)
    assert {t.state for t in trials} == {"finished", "failed"}
    assert trials.best.loss < 3
