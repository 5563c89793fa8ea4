"""The record of a search in memory."""

import copy
import math
import pickle
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from hpo_helpers.distributions import Choice, Integer, LogUniform, Uniform
from hpo_helpers.spaces import Space
from hpo_helpers.trials import LONGEST, Trial, Trials

SPACE = Space(
    {"step": LogUniform(1e-3, 1), "f": Choice(["relu", None]), "n": Choice([0, {"u": Integer(1, 9)}])}
)


def trial(number, loss, values=None, **more):
    state = "failed" if loss is None else "finished"
    return Trial(number, {"x": number} if values is None else values, loss, state, 0.5, **more)


def of(space, *values, **more):
    """Finished trials with some values and the losses 0, 1, ..."""
    space = Space(space)
    return Trials([trial(k, float(k), v, space=space, **more) for k, v in enumerate(values)], space)


def test_trials_are_a_sequence():
    first, second = trial(0, 2.0), trial(1, 1.0)
    trials = Trials([first])
    trials.put(second)
    assert list(trials) == [first, second] and len(trials) == 2 and trials[-1] is second
    assert isinstance(trials[1:], Trials) and list(trials[1:]) == [second]


def test_a_slice_keeps_the_space():
    trials = of(SPACE, {"step": 0.1, "f": 0, "n": 0})
    assert trials[:0].space is trials.space


def test_trials_copy_what_they_are_made_from():
    made_from = [trial(0, 2.0)]
    Trials(made_from).put(trial(1, 1.0))
    assert len(made_from) == 1


def test_a_trial_takes_the_place_of_the_one_with_its_number():
    trials = Trials([Trial(0, {"x": 1}), Trial(1, {"x": 2})])
    trials.put(trial(0, 5.0))
    assert [t.state for t in trials] == ["finished", "running"]


def test_the_space_is_the_first_trials_if_none_is_given():
    assert Trials([trial(0, 1.0, {"step": 0.1, "f": 0, "n": 0}, space=SPACE)]).space is SPACE
    assert Trials([], {"x": Uniform(0, 1)}).space.parameters.keys() == {"x"}


def test_a_configuration_is_made_anew_at_each_call():
    one = of({"x": [Integer(0, 9)]}, {"x.0": 3})[0]
    one.configuration["x"].append("changed")
    assert one.configuration == {"x": [3]}


def test_without_a_space_there_is_no_configuration():
    with pytest.raises(ValueError, match="space must be given for a trial to have a configuration"):
        _ = trial(0, 1.0).configuration


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_trials_can_be_pickled_and_copied(protocol):
    trials = of(SPACE, {"step": 0.1, "f": 1, "n": 1, "n.1.u": 3}, info={"a": 1})
    for again in (pickle.loads(pickle.dumps(trials, protocol)), copy.deepcopy(trials)):
        assert list(again) == list(trials)
        assert again[0].configuration == {"step": 0.1, "f": None, "n": {"u": 3}}
        assert again.space.fingerprint == SPACE.fingerprint


# ---------------------------------------------------------------- the best, and losses


def test_the_best_is_the_first_of_the_lowest():
    trials = Trials([trial(0, 2.0), trial(1, None), trial(2, -1.0), trial(3, -1.0)])
    assert trials.best.number == 2


def test_a_loss_of_zero_is_better_than_one_above():
    assert Trials([trial(0, 1e-300), trial(1, 0.0)]).best.number == 1


def test_the_best_is_finished():
    assert Trials([Trial(0, {}, 1.0, "pruned"), Trial(1, {}, 2.0, "finished"), Trial(2, {})]).best.number == 1


@pytest.mark.parametrize("losses", [[], [None, None]])
def test_without_a_finished_trial_none_is_the_best(losses):
    trials = Trials(trial(number, loss) for number, loss in enumerate(losses))
    words = rf"^trials must hold a finished one, got <Trials: {len(losses)} tried.*>\.$"
    with pytest.raises(ValueError, match=words):
        _ = trials.best


def test_the_last_error_says_why_there_is_no_best():
    trials = Trials([trial(0, None, error="ValueError: no data"), trial(1, None, error="OSError: disk")])
    with pytest.raises(ValueError, match="must hold a finished one, .*>; the last error: OSError: disk"):
        _ = trials.best


def test_losses_are_nan_where_a_trial_is_not_finished():
    losses = Trials([trial(0, 2), trial(1, None), Trial(2, {}, 1.0, "pruned"), Trial(3, {})]).losses
    np.testing.assert_array_equal(losses, [2.0, math.nan, math.nan, math.nan])
    assert Trials().losses.shape == (0,) and losses.dtype == Trials().losses.dtype == float


# ---------------------------------------------------------------- bad arguments


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: Trials([1, 2]), TypeError, "trials must be Trial objects, got 1."),
        (lambda: Trials(5), TypeError, "trials must be Trial objects, got 5; pass a list of them."),
        (lambda: Trials({"a": 1}), TypeError, "trials must be Trial objects, got 'a'."),
        (lambda: Trials([], 5), ValueError, "space must hold a distribution"),
        (lambda: Trials().put(5), TypeError, "trial must be a Trial, got 5."),
        (
            lambda: Trials().put(trial(2, 1.0)),
            ValueError,
            "number must be at most 0, the next trial's, got 2.",
        ),
        (lambda: Trial("a", {}), TypeError, "number must be an integer of at least 0, got 'a'."),
        (lambda: Trial(True, {}), TypeError, "number must be an integer of at least 0, got True."),
        (lambda: Trial(-1, {}), ValueError, "number must be an integer of at least 0, got -1."),
        (lambda: Trial(0, [1]), TypeError, "values must be a dict by the parameters' names, got [1]."),
        (lambda: Trial(0, {}, 1.0, "done"), ValueError, "state must be one of 'finished'"),
        (lambda: Trial(0, {}, 1.0, []), ValueError, "state must be one of 'finished'"),
        (lambda: Trial(0, {}, None, "finished"), TypeError, "loss must be a finite number, got None."),
        (lambda: Trial(0, {}, "1", "finished"), TypeError, "loss must be a finite number, got '1'."),
        (lambda: Trial(0, {}, math.nan, "finished"), ValueError, "loss must be a finite number, got nan."),
        (lambda: Trial(0, {}, math.inf, "pruned"), ValueError, "loss must be a finite number, got inf."),
        (
            lambda: Trial(0, {}, 1.0, "failed"),
            ValueError,
            "loss must be None if the trial is failed, got 1.0.",
        ),
        (lambda: Trial(0, {}, 1.0), ValueError, "loss must be None if the trial is running, got 1.0."),
        (
            lambda: Trial(0, {}, seconds=-1),
            ValueError,
            "seconds must be a finite number of at least 0, got -1.",
        ),
        (
            lambda: Trial(0, {}, seconds="1"),
            TypeError,
            "seconds must be a finite number of at least 0, got '1'.",
        ),
        (lambda: Trial(0, {}, seconds=math.nan), ValueError, "seconds must be a finite number of at least 0"),
    ],
)
def test_bad_arguments_get_one_sentence(make, kind, words):
    with pytest.raises(kind) as error:
        make()
    assert words in str(error.value) and str(error.value).endswith(".")


def test_numbers_of_numpy_become_pythons_own():
    one = Trial(np.int64(3), {}, np.float32(0.5), "finished", np.float64(1.5))
    assert type(one.number) is int and type(one.loss) is float


# ---------------------------------------------------------------- repr


def test_the_repr_sums_up():
    assert repr(Trials([trial(0, 0.25), trial(1, None)])) == (
        "<Trials: 2 tried: 1 finished, 1 failed, best loss 0.25>"
    )
    assert repr(Trials()) == "<Trials: 0 tried>"


def test_the_repr_of_a_trial_has_its_configuration_and_what_came_of_it():
    assert repr(of(SPACE, {"step": 0.5, "f": 1, "n": 1, "n.1.u": 3})[0]) == (
        "<Trial 0: finished, loss 0, {'step': 0.5, 'f': None, 'n': {'u': 3}}>"
    )
    assert (
        repr(trial(1, None, error="ValueError: no data"))
        == "<Trial 1: failed, ValueError: no data, {'x': 1}>"
    )
    assert repr(Trial(2, {"x": 0})) == "<Trial 2: running, {'x': 0}>"


def test_a_repr_is_short_whatever_there_is_to_tell():
    weights = np.arange(10_000.0).reshape(100, 100)
    trials = of({"w": Choice([weights, "w" * 10_000])}, {"w": 0}, {"w": 1})
    for text in (repr(trials[0]), repr(trials[1]), repr(trial(0, None, error="E: " + "e" * 10_000))):
        assert len(text) < 2 * LONGEST + 50 and "\n" not in text and "…" in text
    assert len(trials._repr_html_()) < 5 * LONGEST


class Cells(HTMLParser):
    """The texts between tags, and the names of these."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.tags, self.open = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if "$" in data:
            assert self.open[-1] == "code", "a notebook takes $...$ for mathematics elsewhere"


def test_the_html_shows_the_best_trial_name_by_name():
    html = of(SPACE, {"step": 0.5, "f": 1, "n": 1, "n.1.u": 3}, {"step": 0.1, "f": 0, "n": 0})._repr_html_()
    assert Cells(html).texts == [
        *("Trials: 2 tried: 2 finished, best loss 0", "Best: ", "Trial 0: finished, loss 0"),
        *("step", "0.5", "f", "None", "n", "1", "n.1.u", "3"),
    ]


def test_the_html_of_no_finished_trial_says_how_many_failed():
    assert Cells(Trials([trial(0, None)])._repr_html_()).texts == ["Trials: 1 tried: 1 failed"]


def test_names_options_and_errors_are_no_markup():
    space = {"<b>$x$": Choice(["<script>alert(1)</script>", "a & b $y$"])}
    cells = Cells(of(space, {"<b>$x$": 0})._repr_html_())
    assert set(cells.tags) == {"p", "table", "tr", "td", "code"}
    assert cells.texts[-2:] == ["<b>$x$", "'<script>alert(1)</script>'"]
    assert Cells(trial(0, None, error="<img> $z$")._repr_html_()).texts[0] == "Trial 0: failed, <img> $z$"


# ---------------------------------------------------------------- frame


def test_the_frame_has_a_column_for_each_parameter_of_the_space():
    frame = of(SPACE, {"step": 0.5, "f": 1, "n": 1, "n.1.u": 3}, {"step": 0.1, "f": 0, "n": 0}).to_frame()
    assert list(frame.columns) == ["number", "state", "loss", "seconds", "step", "f", "n", "n.1.u"]
    assert frame["step"].tolist() == [0.5, 0.1] and frame["step"].dtype == float
    assert frame["f"].tolist() == [None, "relu"], "None is an option, not a hole"
    assert frame["n"].tolist() == [1, 0] and frame["n"].dtype == "int64"
    assert frame["n.1.u"].dtype == "Int64" and frame["n.1.u"].tolist() == [3, pd.NA]


def test_losses_and_states_of_all_trials_are_in_the_frame():
    frame = Trials([trial(0, 3.0), trial(1, None), Trial(2, {"x": 7})]).to_frame()
    assert frame["state"].tolist() == ["finished", "failed", "running"]
    np.testing.assert_array_equal(frame["loss"], [3.0, math.nan, math.nan])
    assert frame["x"].tolist() == [0, 1, 7] and frame["x"].dtype == "int64"


def test_reals_that_are_not_active_are_nan_and_options_na():
    space = {"n": Choice([{"x": Uniform(0, 1), "f": Choice([None, math.nan])}, 0])}
    frame = of(space, {"n": 0, "n.0.x": 0.5, "n.0.f": 0}, {"n": 1}).to_frame()
    assert frame["n.0.x"].dtype == float
    np.testing.assert_array_equal(frame["n.0.x"], [0.5, math.nan])
    assert frame["n.0.f"].iloc[0] is None and frame["n.0.f"].iloc[1] is pd.NA


@pytest.mark.parametrize(
    "options", [[True, 1, 1.0], ["auto", 1], [(1, 2), [3]], [math.nan, None], [len, "len"], ["a", "b"]]
)
def test_the_frame_has_the_very_options(options):
    frame = of({"o": Choice(options)}, *({"o": k} for k in range(len(options)))).to_frame()
    for found, option in zip(frame["o"], options, strict=True):  # containers are copied, with their types
        assert repr(found) == repr(option) if isinstance(option, (list, tuple)) else found is option


def test_what_else_the_objective_told_is_in_the_frame():
    trials = [
        trial(0, 3.0, info={"accuracy": 0.9, "shape": (1, 2)}),
        trial(1, 4.0),
        trial(2, 5.0, info={"n": 7}),
    ]
    frame = Trials(trials).to_frame()
    assert list(frame.columns)[-3:] == ["info.accuracy", "info.shape", "info.n"]
    np.testing.assert_array_equal(frame["info.accuracy"], [0.9, math.nan, math.nan])
    assert frame["info.shape"].tolist()[0] == (1, 2)


def test_no_parameter_hides_a_column():
    names = ("loss", "number", "info.a", "parameter.loss", "state")
    frame = of({name: Integer(0, 9) for name in names}, dict.fromkeys(names, 3), info={"a": 8}).to_frame()
    assert frame.iloc[0].to_dict() == {
        "number": 0, "state": "finished", "loss": 0.0, "seconds": 0.5, "info.a": 8,
        **{f"parameter.{name}": 3 for name in names},
    }


def test_the_frame_of_no_trials_still_has_its_columns():
    assert list(Trials().to_frame().columns) == ["number", "state", "loss", "seconds"]
    frame = Trials([], SPACE).to_frame()
    assert list(frame.columns)[4:] == ["step", "f", "n", "n.1.u"] and len(frame) == 0
    assert frame["n.1.u"].dtype == "int64"


def test_a_bare_distribution_is_called_value():
    assert of(Uniform(0, 9), {"value": 7.0}).to_frame()["value"].tolist() == [7.0]


def test_the_docstring_names_the_first_columns():
    named = re.findall(r"``(\w+)``", Trials.to_frame.__doc__.split("then each")[0])
    assert named == list(Trials().to_frame().columns)


def test_names_that_look_alike_have_a_row_each():
    space = Space({"a b": Uniform(0, 1), "a  b": Uniform(0, 1)})
    trial = Trial(0, {"a b": 0.25, "a  b": 0.75}, 1.0, "finished", space=space)
    assert trial._repr_html_().count("<tr>") == 2


def test_trials_give_their_space_to_those_that_have_none():
    trials = Trials([Trial(0, {"x": 0.5}, 1.0, "finished"), Trial(1, {"x": 0.7})], {"x": Uniform(0, 1)})
    assert [trial.configuration for trial in trials] == [{"x": 0.5}, {"x": 0.7}]
    own = Trial(0, {"x": 0.5}, 1.0, "finished", space=Space({"x": Uniform(0, 2)}))
    assert Trials([own], {"x": Uniform(0, 1)})[0] is own
    bare = Trial(0, {"x": 0.5})
    assert Trials([bare])[0] is bare
