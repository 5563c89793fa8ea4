"""Pictures of searches: every trial is where its loss is, and none goes missing unseen."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo_helpers.plots import plot_best_so_far, plot_history, plot_parameter, plot_winners
from hpo_helpers.plots.search import LINES, SPREAD, best_so_far

LOSSES = [3.0, np.nan, 50.0, 0.5, 2.0, np.inf, 0.4]


@pytest.fixture
def ax():
    return plt.figure().add_subplot()


def dots(ax, marker):
    """Where the points of one marker are, in the order in which they were drawn."""
    drawn = [line.get_xydata() for line in ax.lines if line.get_marker() == marker]
    return np.vstack(drawn).tolist() if drawn else []


# ---------------------------------------------------------------- history


def test_history_has_a_dot_for_each_finite_loss_and_the_best_so_far(ax):
    assert plot_history(LOSSES, ax=ax) is ax
    assert dots(ax, "o") == [[1, 3], [3, 50], [4, 0.5], [5, 2], [7, 0.4]]
    step = next(line for line in ax.lines if line.get_label() == "best so far")
    assert step.get_ydata().tolist() == [3, 3, 3, 0.5, 0.5, 0.5, 0.4]
    assert step.get_drawstyle() == "steps-post"
    assert ax.get_yscale() == "log"


def test_losses_above_the_ceiling_and_failed_trials_are_triangles_on_it(ax):
    plot_history(LOSSES, ceiling=10, ax=ax)
    assert dots(ax, "o") == [[1, 3], [4, 0.5], [5, 2], [7, 0.4]]
    assert dots(ax, "^") == [[2, 10], [3, 10], [6, 10]]
    assert [10, 10] in [list(line.get_ydata()) for line in ax.lines]


def test_without_a_loss_above_it_the_ceiling_holds_no_triangle(ax):
    plot_history([1.0, 2.0], ceiling=10, ax=ax)
    assert dots(ax, "^") == []


@pytest.mark.parametrize("losses", [[], [np.nan, np.inf], [[1.0]]])
def test_a_history_without_a_loss_is_refused(ax, losses):
    with pytest.raises(ValueError, match="^losses must be a row of losses, at least one"):
        plot_history(losses, ax=ax)


@given(st.lists(st.floats(-1e3, 1e3) | st.just(np.nan) | st.just(np.inf), max_size=20))
def test_best_so_far_is_the_lowest_finite_loss_until_then(losses):
    best = best_so_far(losses)
    for k, value in enumerate(best):
        seen = [loss for loss in losses[: k + 1] if np.isfinite(loss)]
        assert value == min(seen) if seen else np.isnan(value)


# ---------------------------------------------------------------- best so far


def test_each_search_has_a_line_of_its_own_length_told_apart_by_color_and_dashes(ax):
    searches = {"random": [np.nan, 2.0, 3.0], "tpe": [1.0, 0.5]}
    assert plot_best_so_far(searches, ax=ax) is ax
    first, second = ax.lines
    np.testing.assert_array_equal(first.get_xydata(), [[1, np.nan], [2, 2], [3, 2]])
    np.testing.assert_array_equal(second.get_xydata(), [[1, 1], [2, 0.5]])
    assert [line.get_label() for line in ax.lines] == ["random", "tpe"]
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()


def test_more_searches_than_line_styles_are_refused(ax):
    too_many = {str(n): [1.0] for n in range(len(LINES) + 1)}
    with pytest.raises(ValueError, match="has 5 searches; draw at most 4 at once"):
        plot_best_so_far(too_many, ax=ax)


def test_a_search_without_a_loss_is_named(ax):
    with pytest.raises(ValueError, match=r"losses\['tpe'\] must be a row of losses"):
        plot_best_so_far({"random": [1.0], "tpe": [np.nan]}, ax=ax)


# ---------------------------------------------------------------- one parameter


def test_a_number_is_drawn_against_the_loss_and_a_missing_one_left_out(ax):
    assert plot_parameter([1, np.nan, 3], [0.1, 0.2, 0.3], label="tpe", ax=ax) is ax
    assert dots(ax, "o") == [[1, 0.1], [3, 0.3]]
    assert ax.get_legend_handles_labels()[1] == ["tpe"]


def test_a_parameter_has_the_same_ceiling_as_the_history(ax):
    plot_parameter([1, 2, 3], [0.1, np.nan, 30], ceiling=10, marker="x", color="vermillion", ax=ax)
    assert dots(ax, "x") == [[1, 0.1]]
    assert dots(ax, "^") == [[2, 10], [3, 10]]


def test_each_option_has_a_column_in_which_no_trial_hides_another(ax):
    values = ["tanh", "relu"] * 20
    plot_parameter(values, np.ones(40), options=["relu", "elu", "tanh"], ax=ax)
    x = np.array(dots(ax, "o"))[:, 0]
    assert np.round(x).tolist() == [2, 0] * 20
    assert np.abs(x - np.round(x)).max() < SPREAD / 2 + 1e-12
    assert np.diff(np.sort(x)).min() > 0.005
    assert [label.get_text() for label in ax.get_xticklabels()] == ["relu", "elu", "tanh"]
    assert ax.get_xlim() == (-0.5, 2.5)


def test_a_value_that_is_no_option_is_named(ax):
    with pytest.raises(ValueError, match=r"values has swish, not in options \['relu'\]"):
        plot_parameter(["relu", "swish"], [1, 2], options=["relu"], ax=ax)


def test_one_loss_for_each_value(ax):
    with pytest.raises(ValueError, match=r"losses has shape \(3,\); give one for each of 2 values"):
        plot_parameter([1, 2], [1, 2, 3], ax=ax)


# ---------------------------------------------------------------- winners


def test_winners_have_a_row_each_with_three_kinds_of_losses(ax):
    searches = {"random": (0.2, [0.21, 0.22], [0.23, 0.24]), "tpe": (0.1, [0.11], [0.12])}
    assert plot_winners(searches, ax=ax) is ax
    drawn = {marker: np.array(dots(ax, marker)) for marker in "*os"}
    assert drawn["*"][:, 0].tolist() == [0.2, 0.1]
    assert drawn["o"][:, 0].tolist() == [0.21, 0.22, 0.11]
    assert drawn["s"][:, 0].tolist() == [0.23, 0.24, 0.12]
    for places in drawn.values():
        assert np.round(places[:, 1]).tolist() == sorted(np.round(places[:, 1]).tolist())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["random", "tpe"]
    assert ax.get_ylim() == (1.5, -0.5), "the first row is on top"
    assert len(ax.get_legend_handles_labels()[1]) == 3


def test_no_winners_are_refused(ax):
    with pytest.raises(ValueError, match="searches is empty"):
        plot_winners({}, ax=ax)


def test_the_current_axes_are_the_default(ax):
    assert plot_history([1.0]) is plt.gca()
