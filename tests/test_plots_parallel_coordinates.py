"""Parallel coordinates: every line runs where its point says, and bad input gets a sentence."""

import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hpo_helpers.plots import plot_parallel_coordinates
from hpo_helpers.plots.parallel_coordinates import MANY_COORDINATES, MANY_LINES


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
    assert plot_parallel_coordinates(points, ax=ax) is ax
    assert np.array_equal(drawn(ax)[:, :, 0], np.tile([1, 2, 3, 4], (7, 1)))
    assert np.array_equal(drawn(ax)[:, :, 1], points)


def test_all_lines_lie_within_the_limits(ax):
    points = [[-5.0, 3.0], [2.0, 40.0]]
    plot_parallel_coordinates(points, positions=[10, 30], ax=ax)
    assert ax.get_xlim()[0] < 10 and ax.get_xlim()[1] > 30
    assert ax.get_ylim()[0] < -5 and ax.get_ylim()[1] > 40


def test_draws_on_the_current_axes_when_none_is_given(ax):
    assert plot_parallel_coordinates([[1.0, 2.0]]) is ax


def test_positions_and_names(ax):
    plot_parallel_coordinates([[1.0, 2.0]], positions=[0.5, 7], names=["step", "units"], ax=ax)
    assert drawn(ax)[0, :, 0].tolist() == [0.5, 7]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["step", "units"]


@pytest.mark.parametrize("d", [MANY_COORDINATES, MANY_COORDINATES + 1])
def test_upright_axes_only_while_they_do_not_hide_the_lines(ax, d):
    plot_parallel_coordinates(np.zeros((2, d)), ax=ax)
    assert len(ax.lines) == (d if d <= MANY_COORDINATES else 0)


def test_own_scales_stretch_each_coordinate_from_its_lowest_to_its_highest_value(ax):
    points = [[0.01, 50, 3], [0.1, 1000, 3], [np.nan, 525, 3]]
    plot_parallel_coordinates(points, own_scales=True, ax=ax)
    expected = [[0, 0, 0.5], [1, 1, 0.5], [np.nan, 0.5, 0.5]]
    np.testing.assert_allclose(drawn(ax)[:, :, 1], expected)
    assert [text.get_text() for text in ax.texts] == ["0.01", "0.1", "50", "1000", "3", "3"]


@given(arrays(float, (4, 3), elements=st.floats(-1e6, 1e6)))
@settings(max_examples=25, deadline=None)
def test_own_scales_keep_every_line_between_0_and_1_and_keep_the_order(points):
    fig, ax = plt.subplots()
    heights = drawn(plot_parallel_coordinates(points, own_scales=True, ax=ax))[:, :, 1]
    plt.close(fig)
    assert heights.min() >= 0 and heights.max() <= 1
    order = points.argsort(axis=0)
    assert (np.diff(np.take_along_axis(heights, order, axis=0), axis=0) >= 0).all()


def test_lines_are_colored_by_value_with_the_lowest_on_top_and_failed_ones_left_out(ax):
    points = np.arange(10.0).reshape(5, 2)
    losses = [0.3, np.nan, 0.1, np.inf, 0.2]
    plot_parallel_coordinates(points, color_by=losses, color_label="loss (nats)", ax=ax)
    assert np.array_equal(drawn(ax)[:, :, 1], points[[0, 4, 2]])
    assert ax.collections[0].get_array().tolist() == [0.3, 0.2, 0.1]
    assert ax.figure.axes[1].get_ylabel() == "loss (nats)"
    ax.figure.canvas.draw()
    ends = ax.collections[0].get_colors()[[2, 0], :3]
    assert np.array_equal(ends, np.array(plt.get_cmap("viridis")([0.0, 1.0]))[:, :3])


def test_one_color_for_all_lines(ax):
    plot_parallel_coordinates([[1.0, 2.0]], color="#112233", alpha=0.25, ax=ax)
    assert ax.collections[0].get_edgecolor()[0] == pytest.approx([17 / 255, 34 / 255, 0.2, 0.25])


def svg_of(points):
    fig, ax = plt.subplots()
    plot_parallel_coordinates(points, ax=ax)
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"points": [1.0, 2.0]}, "points has shape (2,)"),
        ({"points": np.empty((0, 2))}, "points has shape (0, 2)"),
        ({"points": [[1.0, np.nan]]}, "only NaN in columns [1]"),
        ({"names": ["a"]}, "names has 1 entries"),
        ({"positions": [1, 2, 3]}, "positions has 3 entries"),
        ({"color_by": [1.0]}, "color_by has shape (1,)"),
        ({"color_by": [np.nan, np.inf]}, "color_by holds no finite value"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(ax, arguments, words):
    with pytest.raises(ValueError) as error:
        plot_parallel_coordinates(**{"points": [[1.0, 2.0], [3.0, 4.0]], "ax": ax} | arguments)
    assert words in str(error.value)
