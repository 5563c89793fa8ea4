import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.patches import Circle

from hpo_helpers.course.plots import largest_hole, plot_best_losses, plot_points, plot_projections

GRID = np.stack(np.meshgrid([0, 0.5, 1], [0, 0.5, 1]), axis=-1).reshape(-1, 2)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def drawn(ax, n):
    """The coordinates of the line with `n` points that is drawn as dots."""
    (line,) = [li for li in ax.lines if li.get_marker() == "o" and len(li.get_xdata()) == n]
    return np.column_stack([line.get_xdata(), line.get_ydata()])


@pytest.mark.parametrize(
    "points, center, radius",
    [
        ([[0, 0]], (1, 1), np.sqrt(2)),
        ([[1, 0.5]], (0, 0), np.sqrt(1.25)),
        ([[0, 0], [0, 1], [1, 0], [1, 1]], (0.5, 0.5), np.sqrt(0.5)),
        (GRID, (0.25, 0.25), np.sqrt(0.125)),
    ],
)
def test_largest_hole_of_points_worked_out_by_hand(points, center, radius):
    found, found_radius = largest_hole(points)
    np.testing.assert_allclose(found, center)
    assert found_radius == pytest.approx(radius)


@given(arrays(float, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(0, 1)))
def test_largest_hole_is_empty_and_no_other_is_larger_than_the_stated_error(points):
    center, radius = largest_hole(points)
    assert np.hypot(*(points - center).T).min() == pytest.approx(radius)
    others = np.random.default_rng(0).random((200, 2))
    distances = np.hypot(*(others[:, None] - points).transpose(2, 0, 1)).min(axis=1)
    assert distances.max() <= radius + 0.0071


def test_points_are_drawn_where_they_are_in_a_square_of_one_scale():
    points = np.random.default_rng(0).random((7, 2))
    ax = plot_points(points)
    assert ax is plt.gca()
    np.testing.assert_array_equal(drawn(ax, 7), points)
    assert (ax.get_aspect(), ax.get_xlim(), ax.get_ylim()) == (1, (0, 1), (0, 1))
    assert not ax.patches


def test_the_hole_is_drawn_on_request():
    _, ax = plt.subplots()
    assert plot_points([[0, 0]], hole=True, ax=ax) is ax
    (circle,) = ax.patches
    assert isinstance(circle, Circle)
    assert tuple(circle.center) == (1, 1)
    assert circle.radius == pytest.approx(np.sqrt(2))


def test_projections_carry_each_point_to_both_curves():
    profiles = (lambda u: (u - 0.3) ** 2, lambda u: 0.1 * u)
    points = np.random.default_rng(1).random((5, 2))
    ax = plot_projections(points, profiles)
    top, right = ax.child_axes
    np.testing.assert_array_equal(drawn(ax, 5), points)
    np.testing.assert_allclose(
        drawn(top, 5), np.column_stack([points[:, 0], profiles[0](points[:, 0])])
    )
    np.testing.assert_allclose(
        drawn(right, 5), np.column_stack([profiles[1](points[:, 1]), points[:, 1]])
    )
    assert top.get_ylim() == right.get_xlim()
    assert top.get_ylim()[0] < 0 and top.get_ylim()[1] > 0.49


def test_a_grid_projects_to_few_spots():
    ax = plot_projections(GRID, [np.square, np.square], ax=plt.figure().add_subplot())
    assert len(np.unique(drawn(ax.child_axes[0], 9), axis=0)) == 3


@pytest.mark.parametrize(
    "points, message",
    [
        (np.zeros((3, 3)), r"shape \(n, 2\), n > 0, got \(3, 3\)"),
        (np.zeros((0, 2)), r"got \(0, 2\)"),
        (np.zeros(4), r"got \(4,\)"),
        ([[0.5, 1.1]], "points must lie between 0 and 1, got"),
        ([[0.5, np.nan]], "points must lie between 0 and 1, got"),
    ],
)
@pytest.mark.parametrize(
    "function", [largest_hole, plot_points, lambda points: plot_projections(points, [abs, abs])]
)
def test_points_outside_the_square_or_of_another_shape_are_refused(function, points, message):
    with pytest.raises(ValueError, match=message):
        function(points)


def test_best_losses_have_one_line_and_one_name_a_method():
    x, losses = [0, 1, 2], {"grid": [3, 2, 1], "random": [2, 2, 0.5]}
    ax = plot_best_losses(x, losses)
    for line, loss in zip(ax.lines, losses.values(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), x)
        np.testing.assert_array_equal(line.get_ydata(), loss)
    first, second = ax.lines
    assert first.get_marker() != second.get_marker()
    assert first.get_linestyle() != second.get_linestyle()
    assert [(text.get_text(), text.xy) for text in ax.texts] == [
        ("grid", (2, 1)),
        ("random", (2, 0.5)),
    ]
    assert ax.get_ylim()[0] == 0


def test_more_methods_than_line_styles_are_refused():
    with pytest.raises(ValueError, match="losses must have at most 4 methods"):
        plot_best_losses([0], {str(k): [1] for k in range(5)}, ax=plt.figure().add_subplot())
