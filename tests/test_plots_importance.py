"""Importance of parameters: what made the loss is found, what didn't is near zero."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from hpo_helpers.plots import parameter_importance, plot_importance


def search(n=120, seed=0):
    """Trials whose loss depends on the activation and the step, in this order, and on no units."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "units": rng.integers(50, 1000, n),
            "step": rng.uniform(-4, 0, n),
            "activation": rng.choice(["relu", "tanh", "elu"], n),
            "units 2": np.where(rng.random(n) < 0.5, np.nan, rng.integers(50, 1000, n)),
        }
    )
    return table, np.exp(table.step + 6 * (table.activation == "tanh"))


def test_the_parameters_that_made_the_loss_come_first():
    importance, score = parameter_importance(*search())
    assert importance.index.tolist()[:2] == ["activation", "step"]
    assert score > 0.9
    assert importance["mean"].iloc[1] > 0.1
    assert importance["mean"].iloc[2:].abs().max() < 0.03
    assert (importance["std"] >= 0).all()


def test_losses_of_chance_are_not_predicted():
    table, _ = search()
    _, score = parameter_importance(table, np.exp(np.random.default_rng(1).normal(size=len(table))))
    assert score < 0.1


def test_failed_trials_are_left_out():
    table, losses = search(60)
    holes = losses.copy()
    holes[::6] = [np.nan, np.inf] * 5
    there = np.isfinite(holes)
    with_holes, without = (
        parameter_importance(table, holes),
        parameter_importance(table[there], losses[there]),
    )
    pd.testing.assert_frame_equal(with_holes[0], without[0])
    assert with_holes[1] == without[1]


def test_the_seed_decides_and_the_index_of_the_table_does_not():
    table, losses = search(40)
    renumbered = table.set_index(np.arange(40) * 7)
    first = parameter_importance(table, losses, n_repeats=2)[0]
    assert first.equals(parameter_importance(renumbered, losses.to_numpy(), n_repeats=2)[0])
    assert not first.equals(parameter_importance(table, losses, n_repeats=2, seed=1)[0])


@pytest.mark.parametrize("losses", [np.ones(7), np.r_[np.ones(19), 0.0], np.r_[np.ones(19), -1.0]])
def test_losses_that_do_not_fit_are_refused(losses):
    with pytest.raises(ValueError, match="a number above 0 for each of the 20 trials"):
        parameter_importance(search(20)[0], losses)


def test_too_few_trials_are_refused():
    with pytest.raises(ValueError, match="has 9 finite values, too few for n_folds=5"):
        parameter_importance(*search(9))


def test_bars_are_in_the_order_given_with_one_standard_deviation():
    importance = pd.DataFrame({"mean": [0.8, 0.1], "std": [0.2, 0.05]}, index=["step", "units"])
    ax = plt.figure().add_subplot()
    assert plot_importance(importance, ax=ax) is ax
    assert [bar.get_width() for bar in ax.patches] == [0.8, 0.1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["step", "units"]
    low, high = ax.get_ylim()
    assert low > high, "the first row is on top"
    spans = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(spans, [[0.6, 1.0], [0.05, 0.15]])
    assert plot_importance(importance) is plt.gca()
