"""Parallel coordinates: every line runs where its point says, and bad input gets a sentence."""

import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from hpo_helpers.course.plots import plot_lines, plot_parallel_coordinates
from hpo_helpers.course.plots.lines import MANY_COORDINATES
from hpo_helpers.course.plots.parallel_coordinates import MANY_LINES
from hpo_helpers.distributions import Choice, Integer, LogUniform, Ordered, Uniform
from hpo_helpers.spaces import Space
from hpo_helpers.trials import Trial, Trials


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def drawn(ax):
    """The corners of the lines on an Axes, shape (n, d, 2)."""
    return np.array([path.vertices for path in ax.collections[0].get_paths()])


def test_each_line_runs_through_its_point(ax):
    points = np.random.default_rng(0).normal(size=(7, 4))
    assert plot_lines(points, ax=ax) is ax
    assert np.array_equal(drawn(ax)[:, :, 0], np.tile([1, 2, 3, 4], (7, 1)))
    assert np.array_equal(drawn(ax)[:, :, 1], points)


def test_all_lines_lie_within_the_limits(ax):
    points = [[-5.0, 3.0], [2.0, 40.0]]
    plot_lines(points, positions=[10, 30], ax=ax)
    assert ax.get_xlim()[0] < 10 and ax.get_xlim()[1] > 30
    assert ax.get_ylim()[0] < -5 and ax.get_ylim()[1] > 40


def test_draws_on_the_current_axes_when_none_is_given(ax):
    assert plot_lines([[1.0, 2.0]]) is ax


def test_positions_and_names(ax):
    plot_lines([[1.0, 2.0]], positions=[0.5, 7], names=["step", "units"], ax=ax)
    assert drawn(ax)[0, :, 0].tolist() == [0.5, 7]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["step", "units"]


@pytest.mark.parametrize("d", [MANY_COORDINATES, MANY_COORDINATES + 1])
def test_upright_axes_only_while_they_do_not_hide_the_lines(ax, d):
    plot_lines(np.zeros((2, d)), ax=ax)
    assert len(ax.lines) == (d if d <= MANY_COORDINATES else 0)


def test_own_scales_stretch_each_coordinate_from_its_lowest_to_its_highest_value(ax):
    points = [[0.01, 50, 3], [0.1, 1000, 3], [np.nan, 525, 3]]
    plot_lines(points, own_scales=True, ax=ax)
    expected = [[0, 0, 0.5], [1, 1, 0.5], [np.nan, 0.5, 0.5]]
    np.testing.assert_allclose(drawn(ax)[:, :, 1], expected)
    assert [text.get_text() for text in ax.texts] == ["0.01", "0.1", "50", "1000", "3", "3"]


@given(arrays(float, (4, 3), elements=st.floats(-1e6, 1e6)))
@settings(max_examples=25, deadline=None)
def test_own_scales_keep_every_line_between_0_and_1_and_keep_the_order(points):
    fig, ax = plt.subplots()
    heights = drawn(plot_lines(points, own_scales=True, ax=ax))[:, :, 1]
    plt.close(fig)
    assert heights.min() >= 0 and heights.max() <= 1
    order = points.argsort(axis=0)
    assert (np.diff(np.take_along_axis(heights, order, axis=0), axis=0) >= 0).all()


def test_columns_of_a_frame_may_have_holes(ax):
    frame = pd.DataFrame({"a": pd.array([1, pd.NA, 3], dtype="Int64"), "b": [0.5, 1.0, np.nan]})
    plot_lines(frame, ax=ax)
    np.testing.assert_array_equal(drawn(ax)[:, :, 1], [[1, 0.5], [np.nan, 1], [3, np.nan]])


def test_lines_are_colored_by_value_with_the_lowest_on_top_and_failed_ones_left_out(ax):
    points = np.arange(10.0).reshape(5, 2)
    losses = [0.3, np.nan, 0.1, np.inf, 0.2]
    plot_lines(points, color_by=losses, color_label="loss (nats)", ax=ax)
    assert np.array_equal(drawn(ax)[:, :, 1], points[[0, 4, 2]])
    assert ax.collections[0].get_array().tolist() == [0.3, 0.2, 0.1]
    assert ax.figure.axes[1].get_ylabel() == "loss (nats)"
    ax.figure.canvas.draw()
    ends = ax.collections[0].get_colors()[[2, 0], :3]
    assert np.array_equal(ends, np.array(plt.get_cmap("viridis")([0.0, 1.0]))[:, :3])


def test_one_color_for_all_lines(ax):
    plot_lines([[1.0, 2.0]], color="#112233", alpha=0.25, ax=ax)
    assert ax.collections[0].get_edgecolor()[0] == pytest.approx([17 / 255, 34 / 255, 0.2, 0.25])


def svg_of(points):
    fig, ax = plt.subplots()
    plot_lines(points, ax=ax)
    file = io.BytesIO()
    with plt.rc_context({"svg.hashsalt": "fixed"}):
        fig.savefig(file, format="svg", metadata={"Date": None})
    plt.close(fig)
    return file.getvalue()


def test_many_lines_become_pixels_so_that_the_svg_stays_small_and_reproducible():
    points = np.random.default_rng(1).normal(size=(MANY_LINES + 1, 2))
    few, many = svg_of(points[:-1]), svg_of(points)
    assert b"<image" not in few and b"<image" in many
    assert len(many) < 150_000
    assert many == svg_of(points)


# ---------------------------------------------------------------- trials


def searched(space, *rows):
    """Trials with these values and the losses 3, 2, ...; failed where there is no loss."""
    space = Space(space)
    return Trials([Trial(k, row, 3.0 - k, "finished", space=space) for k, row in enumerate(rows)], space)


SPACE = {
    "step": LogUniform(1e-3, 1),
    "$f$": Choice(["relu", None, True]),
    "n": Choice([{"units": Integer(1, 9), "gone": Uniform(0, 1)}, "none"]),
    "sizes": Ordered([16, 32]),
}
ROWS = (
    {"step": 1e-3, "$f$": 0, "n": 1, "sizes": 0},
    {"step": 1e-1, "$f$": 1, "n": 0, "n.0.units": 4, "sizes": 1},
    {"step": 1e-2, "$f$": 1, "n": 0, "n.0.units": 4, "sizes": 1},
)


def test_trials_have_each_parameter_on_the_scale_of_its_distribution(ax):
    gone = {"step": 1.0, "$f$": 2, "n": 0, "n.0.units": 9, "n.0.gone": 0.5, "sizes": 0}
    trials = searched(SPACE, *ROWS)
    trials.put(Trial(3, gone, state="failed", space=trials.space))
    assert plot_parallel_coordinates(trials, ax=ax) is ax
    expected = [[0, 0, 1, np.nan, 0], [1, 0.5, 0, 0.5, 1], [0.5, 0.5, 0, 0.5, 1]]
    np.testing.assert_allclose(drawn(ax)[:, :, 1], expected)
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["step", r"\$f\$", "n", "n.0.units", "sizes"], (
        "none for what was active in no finished trial"
    )
    ends, options = ["0.001", "0.1"], ["relu", "None", "True"]
    assert [text.get_text() for text in ax.texts] == [*ends, *options, "0", "1", "4", "4", "16", "32"]
    assert [text.xy[1] for text in ax.texts[2:5]] == [0, 0.5, 1]


def test_trials_are_colored_by_their_losses_with_the_best_on_top(ax):
    plot_parallel_coordinates(searched(SPACE, *ROWS), ax=ax)
    assert ax.collections[0].get_array().tolist() == [3, 2, 1]
    assert ax.collections[0].norm.__class__.__name__ == "LogNorm"
    assert ax.figure.axes[1].get_ylabel() == "loss"


@pytest.mark.parametrize(
    ("losses", "norm"),
    [
        ([-3.0, -1.0], "Normalize"),
        ([0.0, 1e-9, 1.0], "SymLogNorm"),
        ([2.0, 2.0], "LogNorm"),
        ([0.0, 0.0], "Normalize"),
    ],
)
def test_losses_of_any_sign_have_colors(ax, losses, norm):
    space = Space({"x": Uniform(0, 1), "y": Uniform(0, 1)})
    rows = [Trial(k, {"x": 0.1 * k, "y": 0.5}, loss, "finished") for k, loss in enumerate(losses)]
    plot_parallel_coordinates(Trials(rows, space), ax=ax)
    ax.figure.canvas.draw()
    assert type(ax.collections[0].norm).__name__ == norm
    colors = ax.collections[0].get_colors()
    assert len(np.unique(colors, axis=0)) == len(set(losses)) and np.isfinite(colors).all()


@pytest.mark.parametrize("extremes", [(1e-300, 1e300), (-1.7e308, 1.7e308), (0.0, 1e-300, 1e300)])
def test_losses_of_any_size_have_colors(ax, extremes):
    rows = [Trial(k, {"x": 0.1 * k}, loss, "finished") for k, loss in enumerate(extremes)]
    with np.errstate(all="raise"):
        plot_parallel_coordinates(Trials(rows, {"x": Uniform(0, 1)}), ax=ax)
    ax.figure.canvas.draw()
    assert len(np.unique(ax.collections[1].get_facecolors(), axis=0)) == len(extremes)


def test_a_coordinate_without_neighbors_is_a_dot_and_nothing_is_lost(ax):
    plot_parallel_coordinates(
        searched({"x": LogUniform(1, 100)}, {"x": 1.0}, {"x": 10.0}, {"x": 100.0}), ax=ax
    )
    dots = ax.collections[1]
    assert dots.get_offsets().tolist() == [[1, 0], [1, 0.5], [1, 1]]
    ax.figure.canvas.draw()
    assert len(np.unique(dots.get_facecolors(), axis=0)) == 3


def test_dots_have_the_colors_that_lines_of_their_losses_would_have(ax):
    points = [[1.0, 2.0], [1.0, np.nan], [3.0, 1.0]]
    plot_lines(points, color_by=[0.0, 5.0, 10.0], ax=ax)
    ax.figure.canvas.draw()
    middle = plt.get_cmap("viridis")(0.5)[:3]
    np.testing.assert_allclose(ax.collections[1].get_facecolors()[0, :3], middle)


def test_gaps_leave_dots_in_one_color_too(ax):
    plot_lines([[1.0, np.nan, 3.0], [1.0, 2.0, np.nan]], color="#112233", ax=ax)
    assert ax.collections[1].get_offsets().tolist() == [[1, 1], [3, 3]]


def test_of_many_coordinates_the_names_are_still_there(ax):
    space = {f"parameter {k}": Uniform(0, 1) for k in range(MANY_COORDINATES + 3)}
    plot_parallel_coordinates(searched(space, dict.fromkeys(space, 0.5), dict.fromkeys(space, 0.7)), ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == list(space)
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {20}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"points": [1.0, 2.0]}, "points must have the shape (n, d), got shape (2,)."),
        ({"points": np.empty((0, 2))}, "points must have the shape (n, d), got shape (0, 2)."),
        ({"points": [[1.0, np.nan]]}, "got only NaN in columns [1]; leave them out."),
        ({"names": ["a"]}, "names must have an entry for each of the 2 coordinates, got 1 entries."),
        ({"positions": [1, 2, 3]}, "positions must have an entry for each of the 2 coordinates, got 3"),
        ({"color_by": [1.0]}, "color_by must have a value for each of the 2 points, got shape (1,)."),
        ({"color_by": [np.nan, np.inf]}, "color_by must hold a finite value, got [nan, inf]."),
    ],
)
def test_bad_input_is_refused_with_a_sentence(ax, arguments, words):
    with pytest.raises(ValueError) as error:
        plot_lines(**{"points": [[1.0, 2.0], [3.0, 4.0]], "ax": ax} | arguments)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("trials", "words"),
    [
        (Trials([Trial(0, {"x": 0.5})], {"x": Uniform(0, 1)}), "trials must hold a finished one"),
        (
            Trials([Trial(0, {"x": 0.5}, 1.0, "finished")]),
            "trials must be Trials with a space, got <Trials: 1",
        ),
        ([[1.0, 2.0]], "losses must be a row of losses"),
        ([1.0, 2.0], "trials must be Trials with a space, got [1.0, 2.0]; write Trials(trials, space)."),
    ],
)
def test_what_are_no_finished_trials_of_a_space_is_refused(ax, trials, words):
    with pytest.raises((ValueError, TypeError)) as error:
        plot_parallel_coordinates(trials, ax=ax)
    assert words in str(error.value)
