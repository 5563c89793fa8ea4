"""The picture of winners trained again: every loss in the row of its search."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from hpo_helpers.course.plots import plot_winners


@pytest.fixture
def ax():
    return plt.figure().add_subplot()


def test_winners_have_a_row_each_with_three_kinds_of_losses(ax):
    searches = {"random": (0.2, [0.21, 0.22], [0.23, 0.24]), "tpe": (0.1, [0.11], [0.12])}
    assert plot_winners(searches, ax=ax) is ax
    drawn = {
        marker: np.vstack([line.get_xydata() for line in ax.lines if line.get_marker() == marker])
        for marker in "*os"
    }
    assert drawn["*"][:, 0].tolist() == [0.2, 0.1]
    assert drawn["o"][:, 0].tolist() == [0.21, 0.22, 0.11]
    assert drawn["s"][:, 0].tolist() == [0.23, 0.24, 0.12]
    for marker, rows in (("*", [0, 1]), ("o", [0, 0, 1]), ("s", [0, 0, 1])):
        assert np.round(drawn[marker][:, 1]).tolist() == rows
    assert [label.get_text() for label in ax.get_yticklabels()] == ["random", "tpe"]
    assert ax.get_ylim() == (1.5, -0.5), "the first row is on top"
    assert len(ax.get_legend_handles_labels()[1]) == 3


def test_equal_losses_do_not_hide_each_other(ax):
    plot_winners({"wide": (0.1, [0.1, 0.1, 0.1], [0.1, 0.1, 0.1])}, ax=ax)
    heights = np.concatenate([line.get_ydata() for line in ax.lines])
    assert len(heights) == 7 and np.diff(np.sort(heights)).min() > 0.02


def test_no_winners_are_refused(ax):
    with pytest.raises(ValueError, match="searches must hold the losses of at least one, got {}"):
        plot_winners({}, ax=ax)


def test_the_current_axes_are_the_default(ax):
    assert plot_winners({"tpe": (0.1, [0.11], [0.12])}) is plt.gca() is ax
