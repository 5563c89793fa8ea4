"""The record of a search in memory."""

import math

import numpy as np
import pytest

from hpo_helpers.trials import Trial, Trials


def trial(number, loss, configuration=None, **more):
    state = "failed" if loss is None else "finished"
    return Trial(number, configuration or {"x": number}, loss, state, 0.5, **more)


def test_trials_are_a_sequence():
    first, second = trial(0, 2.0), trial(1, 1.0)
    trials = Trials([first])
    trials.append(second)
    assert list(trials) == [first, second] and len(trials) == 2 and trials[-1] is second
    assert isinstance(trials[1:], Trials) and list(trials[1:]) == [second]


def test_trials_copy_what_they_are_made_from():
    made_from = [trial(0, 2.0)]
    Trials(made_from).append(trial(1, 1.0))
    assert len(made_from) == 1


def test_the_best_is_the_first_of_the_lowest():
    trials = Trials([trial(0, 2.0), trial(1, None), trial(2, -1.0), trial(3, -1.0)])
    assert trials.best.number == 2


@pytest.mark.parametrize("losses", [[], [None, None]])
def test_without_a_finished_trial_none_is_the_best(losses):
    trials = Trials(trial(number, loss) for number, loss in enumerate(losses))
    with pytest.raises(ValueError, match=f"None of the {len(losses)} trials is finished"):
        _ = trials.best


def test_losses_are_nan_where_a_trial_failed():
    losses = Trials([trial(0, 2), trial(1, None)]).losses
    np.testing.assert_array_equal(losses, [2.0, math.nan])
    assert Trials().losses.shape == (0,) and losses.dtype == Trials().losses.dtype == float


def test_the_repr_sums_up():
    assert repr(Trials([trial(0, 0.25), trial(1, None)])) == (
        "<Trials: 2 tried, 1 finished, best loss 0.25>"
    )
    assert repr(Trials()) == "<Trials: 0 tried, 0 finished>"


@pytest.mark.parametrize(
    ("loss", "state"),
    [(None, "finished"), (math.nan, "finished"), (math.inf, "finished"), (1.0, "failed")],
)
def test_only_a_finite_loss_is_finished(loss, state):
    with pytest.raises(ValueError, match="A finished trial has a finite loss"):
        Trial(0, {}, loss, state, 0.0)


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="state must be one of .* got 'done'"):
        Trial(0, {}, 1.0, "done", 0.0)


def test_the_frame_has_a_column_for_each_leaf():
    one = {"step": 0.1, "layers": {"n": 1, "units": [50]}, "f": ("relu", None)}
    two = {"step": 0.2, "layers": {"n": 2, "units": [60, 70]}, "f": ("relu", None)}
    frame = Trials([trial(0, 3.0, one), trial(1, None, two)]).to_frame()
    assert list(frame.columns) == [
        *("number", "state", "loss", "seconds"),
        *("step", "layers.n", "layers.units.0", "f.0", "f.1", "layers.units.1"),
    ]
    assert frame["state"].tolist() == ["finished", "failed"]
    np.testing.assert_array_equal(frame["loss"], [3.0, math.nan])
    np.testing.assert_array_equal(frame["layers.units.1"], [math.nan, 70])


def test_a_leaf_called_loss_does_not_hide_the_loss():
    frame = Trials([trial(0, 3.0, {"loss": "mse", "state": {"x": 1}})]).to_frame()
    assert frame["loss"].tolist() == [3.0]
    assert frame["configuration.loss"].tolist() == ["mse"]
    assert frame["state.x"].tolist() == [1]


def test_the_frame_of_no_trials_still_has_its_columns():
    frame = Trials().to_frame()
    assert list(frame.columns) == ["number", "state", "loss", "seconds"] and len(frame) == 0


def test_a_bare_configuration_is_called_value():
    assert Trials([trial(0, 3.0, 7)]).to_frame()["value"].tolist() == [7]
