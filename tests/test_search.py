"""A search that is asked and told: what it gives, keeps and refuses."""

import errno
import math
import os

import numpy as np
import pytest

from hpo_helpers import (
    Choice,
    Exhausted,
    GaussianProcessSampler,
    GridSampler,
    Integer,
    LogUniform,
    RandomSampler,
    Search,
    Space,
    Trial,
    Trials,
    Uniform,
    load,
)
from hpo_helpers.samplers.default import DefaultSampler

SPACE = {"x": Uniform(-2, 2), "f": Choice([{"lr": LogUniform(1e-3, 1)}, "none"])}


def searching(space=SPACE, **more):
    return Search(space, **{"sampler": RandomSampler(), "seed": 0, **more})


def test_a_trial_is_asked_for_and_told():
    search = searching()
    trial = search.ask()
    assert (trial.number, trial.state, trial.loss) == (0, "running", None)
    assert search.trials[0] == trial and trial.configuration == search.space.build(trial.values)
    told = search.tell(trial, 0.5)
    assert (told.number, told.state, told.loss, told.values) == (0, "finished", 0.5, trial.values)
    assert search.trials[0] == told and len(search.trials) == 1


def test_trial_k_has_the_generator_of_seed_and_k():
    search, space = searching(seed=7), Space(SPACE)
    expected = [space.sample(np.random.default_rng([7, k])) for k in range(4)]
    assert [search.ask().values for _ in range(4)] == expected


def test_a_sampler_may_suggest_several_together(tmp_path):
    class Together(RandomSampler):
        def suggest_together(self, space, trials, rng, n):
            asked.append((len(trials), n))
            return [space.sample(rng) for _ in range(n - 1)]

    asked = []
    with searching(sampler=Together(), journal=tmp_path / "search.jsonl") as search:
        first = search.ask()
        assert asked == []
        begun = search.ask_together(4)
        assert asked == [(1, 4)] and [t.number for t in begun] == [1, 2, 3]
        assert list(search.trials) == [first, *begun] == list(load(tmp_path / "search.jsonl"))
    rng, space = np.random.default_rng([0, 1]), Space(SPACE)
    assert [t.values for t in begun] == [space.sample(rng) for _ in range(3)]


def test_of_more_than_can_begin_the_first_do():
    class Many(RandomSampler):
        def suggest_together(self, space, trials, rng, n):
            return (space.sample(rng) for _ in range(2 * n))

    assert [t.number for t in searching(sampler=Many()).ask_together(3)] == [0, 1, 2]


def test_any_other_sampler_suggests_one_after_the_other():
    together, alone = searching(), searching()
    assert [together.ask_together(9)[0].values for _ in range(3)] == [alone.ask().values for _ in range(3)]


@pytest.mark.parametrize("n", [0, 1.5, "2", True])
def test_a_bad_number_of_trials_together_is_refused(n):
    with pytest.raises((TypeError, ValueError), match=r"^n must be an integer of at least 1, got"):
        searching().ask_together(n)


def test_without_a_seed_searches_differ():
    first, second = searching(seed=None), searching(seed=None)
    assert first.seed != second.seed and first.ask().values != second.ask().values


def test_a_sampler_sees_the_space_and_all_trials_so_far():
    class Spy(RandomSampler):
        def suggest(self, space, trials, rng):
            seen.append(([t.state for t in trials], type(trials), type(space)))
            return super().suggest(space, trials, rng)

    seen = []
    search = searching(sampler=Spy())
    first = search.ask()
    search.ask()
    search.tell(first, 1.0)
    search.ask()
    assert seen == [
        ([], Trials, Space),
        (["running"], Trials, Space),
        (["finished", "running"], Trials, Space),
    ]


def test_results_may_come_in_any_order():
    search = searching()
    trials = [search.ask() for _ in range(4)]
    for k in (2, 0, 3):
        search.tell(trials[k], float(k))
    assert [t.state for t in search.trials] == ["finished", "running", "finished", "finished"]
    assert search.trials.losses.tolist()[2:] == [2.0, 3.0] and math.isnan(search.trials.losses[1])


def test_a_mapping_brings_curve_and_info():
    search = searching()
    told = search.tell(search.ask(), {"loss": np.float32(1), "curve": np.array([3, 1]), "accuracy": 0.9})
    assert (told.loss, told.curve, told.info) == (1.0, [3.0, 1.0], {"accuracy": 0.9})


def test_an_exception_makes_a_failed_trial():
    search = searching()
    assert search.tell(search.ask(), ValueError("no")).error == "ValueError: no"
    assert search.tell(search.ask(), AssertionError()).error == "AssertionError"
    assert [t.state for t in search.trials] == ["failed", "failed"]


def test_hyperopts_failures_are_failures():
    search = searching()
    told = search.tell(search.ask(), {"loss": 0.0, "status": "fail", "err": "diverged", "epochs": 3})
    assert (told.state, told.loss, told.error) == (
        *("failed", None),
        "objective returned the status 'fail': diverged",
    )
    assert told.info["epochs"] == 3 and told.info["err"] == "diverged"
    assert search.tell(search.ask(), {"loss": 2.0, "status": "ok"}).loss == 2.0
    assert search.trials.best.number == 1


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_losses_that_are_not_finite_never_win(loss):
    search = searching()
    for result in (loss, 3.0, {"loss": loss, "note": 1}, 2.0):
        search.tell(search.ask(), result)
    assert [t.state for t in search.trials] == ["failed", "finished"] * 2
    assert search.trials[0].error == f"objective returned {loss}"
    assert search.trials[2].info == {"note": 1} and search.trials.best.number == 3


def test_configurations_that_were_not_asked_for_are_told():
    search = searching()
    search.tell({"x": 1.5, "f": "none"}, 2.25)
    told = search.tell({"x": -1, "f": {"lr": 0.1}}, {"loss": 1.0, "from": "last year"})
    assert told.values == {"x": -1.0, "f": 0, "f.0.lr": 0.1} and told.info == {"from": "last year"}
    assert [t.number for t in search.trials] == [0, 1] and search.ask().number == 2
    with pytest.raises(ValueError, match="x must lie in Uniform"):
        search.tell({"x": 9, "f": "none"}, 1.0)
    assert len(search.trials) == 3


def test_a_configuration_may_be_asked_for():
    search = searching()
    trial = search.ask({"x": 0.5, "f": "none"})
    assert (trial.number, trial.values) == (0, {"x": 0.5, "f": 1})
    with pytest.raises(ValueError, match="must be one of the options"):
        search.ask({"x": 0.5, "f": "all"})


def test_the_end_of_a_sampler_is_told():
    search = searching([Integer(1, 2)], sampler=GridSampler(2))
    assert [search.ask().configuration for _ in range(2)] == [[1], [2]]
    with pytest.raises(Exhausted):
        search.ask()


# ---------------------------------------------------------------- journals


def test_everything_told_is_on_disk(tmp_path):
    path = tmp_path / "search.jsonl"
    with searching(journal=path) as search:
        a, b = search.ask(), search.ask()
        search.tell(b, 2.0)
        assert [t.state for t in load(path)] == ["running", "finished"]
        search.tell({"x": 0.0, "f": "none"}, 0.0)
        search.tell(a, ValueError("no"))
        assert [t.state for t in load(path)] == ["failed", "finished", "finished"]
        assert list(load(path)) == list(search.trials)


def test_what_was_running_is_asked_for_again(tmp_path):
    path = tmp_path / "search.jsonl"
    with searching(journal=path) as search:
        lost = [search.ask(), search.ask()]
        search.tell(search.ask(), 1.0)
    with searching(journal=path) as search:
        assert search.lost == lost
        assert search.ask_together(5) == lost[:1] and search.lost == lost[1:]
        assert search.ask() == lost[1] and search.lost == []
        assert search.ask().number == 3
        search.tell(lost[1], 5.0)
    assert [t.state for t in load(path)] == ["running", "finished", "finished", "running"]


def test_another_sampler_on_resume_is_told(tmp_path):
    path = tmp_path / "search.jsonl"
    searching(journal=path).close()
    with pytest.warns(UserWarning, match=r"was begun with sampler=RandomSampler\(\); it goes on with Grid"):
        searching(journal=path, sampler=GridSampler(2)).close()


def test_a_sampler_whose_repr_has_an_address_is_the_same_sampler(tmp_path, recwarn):
    class Mine:
        def suggest(self, space, trials, rng):
            return space.sample(rng)

    for _ in range(2):
        searching(journal=tmp_path / "search.jsonl", sampler=Mine()).close()
    assert not recwarn


# ---------------------------------------------------------------- what is refused


class Wrong:
    def __init__(self, suggest):
        self.suggest = suggest

    def __repr__(self):
        return "Wrong()"


@pytest.mark.parametrize(
    ("suggest", "error", "message"),
    [
        (lambda space, trials, rng: {"x": 3.0, "f": 1}, ValueError, "but x must be a value of Uniform"),
        (lambda space, trials, rng: {"x": 1.0}, ValueError, "but f must be a value of Choice.* got None"),
        (lambda space, trials, rng: None, ValueError, "but values must be a dict .* got None"),
        (lambda space, trials, rng: next(iter([])), RuntimeError, "raise hpo_helpers.Exhausted"),
    ],
)
def test_a_sampler_that_does_not_suggest_values_of_the_space_is_named(suggest, error, message):
    with pytest.raises(error, match=rf"Wrong\(\) must .*{message}"):
        searching(sampler=Wrong(suggest)).ask()


@pytest.mark.parametrize("sampler", ["tpe", RandomSampler, 3])
def test_what_is_no_sampler_is_refused(sampler):
    message = r"sampler must be an object with a suggest method, got .*; write sampler=TPESampler\(\)"
    with pytest.raises(TypeError, match=message):
        Search(SPACE, sampler=sampler)


def test_a_trial_is_told_once_and_to_its_own_search():
    search, other = searching(), searching(seed=1)
    trial = search.ask()
    other.ask()
    with pytest.raises(ValueError, match="trial must be one that this search asked for"):
        other.tell(trial, 1.0)
    search.tell(trial, 1.0)
    for again in (trial, search.trials[0], Trial(7, {"x": 0.0, "f": 1})):
        with pytest.raises(ValueError, match="trial must be one .* was not told of yet, got <Trial"):
            search.tell(again, 2.0)
    assert search.trials.losses.tolist() == [1.0]


@pytest.mark.parametrize("result", [None, "0.5", True, 1j, {}, {"accuracy": 0.9}, [0.5]])
def test_what_is_no_loss_leaves_the_trial_running(result):
    search = searching()
    trial = search.ask()
    with pytest.raises(TypeError, match="return the loss as a number"):
        search.tell(trial, result)
    with pytest.raises(TypeError, match="return the loss as a number"):
        search.tell({"x": 0.0, "f": "none"}, result)
    assert [t.state for t in search.trials] == ["running"]
    assert search.tell(trial, 1).loss == 1.0


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), ("a", TypeError), (1.5, TypeError)])
def test_a_seed_is_an_integer(seed, error):
    with pytest.raises(error, match="seed must be an integer of at least 0, got"):
        Search(SPACE, seed=seed)


def test_a_closed_search_says_so(tmp_path):
    search = Search(Uniform(0, 1), sampler=RandomSampler(), journal=tmp_path / "one.jsonl")
    trial = search.ask()
    search.close()
    with pytest.raises(ValueError, match="journal must be open, got .*one.jsonl.*; begin a new search"):
        search.tell(trial, 1.0)


def test_what_the_journal_could_not_take_can_be_told_again(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "search.jsonl"
    with searching(journal=path) as search:
        trial, other = search.ask(), search.ask()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space left"):
                search.tell(trial, 0.5)
        assert search.trials[0].loss == 0.5  # it is not lost either if it is not told again
        search.tell(other, 0.7)
        search.tell(trial, 0.5)
        for told in (trial, other):
            with pytest.raises(ValueError, match="not told of yet"):
                search.tell(told, 0.1)
        assert list(load(path)) == list(search.trials)


def test_what_the_journal_has_is_not_told_again_though_the_call_was_broken_off(tmp_path, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    path = tmp_path / "search.jsonl"
    with searching(journal=path) as search:
        trial = search.ask()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", interrupted)
            with pytest.raises(KeyboardInterrupt):
                search.tell(trial, 0.5)
        with pytest.raises(ValueError, match="not told of yet"):
            search.tell(trial, 0.5)
    assert [t.loss for t in load(path)] == [0.5]


def test_an_entry_called_status_may_be_anything():
    search = Search(Uniform(0, 1), seed=0)
    told = search.tell(search.ask(), {"loss": 2.0, "status": np.array([0, 1])})
    assert told.loss == 2.0 and told.info["status"].tolist() == [0, 1]


@pytest.mark.parametrize("kind", [GaussianProcessSampler, DefaultSampler])
def test_a_suggest_of_ones_own_counts_also_where_many_are_free(kind):
    class Even(kind):
        def suggest(self, space, trials, rng):
            return {"n": super().suggest(space, trials, rng)["n"] // 2 * 2}

    search = Search({"n": Integer(0, 999)}, sampler=Even(), seed=0)
    for _ in range(15):
        for trial in search.ask_together(12):
            assert trial.values["n"] % 2 == 0
            search.tell(trial, float(trial.values["n"]))
