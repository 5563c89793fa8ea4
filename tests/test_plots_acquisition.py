"""Pictures of a next step: it is marked where the acquisition is highest."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import norm

from hpo_helpers.course.plots import plot_acquisition, plot_improvement, plot_step

X = np.array([0.0, 1.0, 3.0, 4.0])
ACQUISITION = np.array([0.0, 0.5, 2.0, 1.0])


@pytest.fixture
def axes():
    fig, axes = plt.subplots(2)
    yield axes
    plt.close(fig)


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def marked(ax):
    return lines(ax)["next step"].get_xydata()[0].tolist()


def dotted_at(ax):
    (line,) = (line for line in ax.lines if line.get_linestyle() == ":")
    return set(line.get_xdata())


def test_the_next_step_is_where_the_acquisition_is_highest(axes):
    assert plot_acquisition(X[:, None], ACQUISITION, ax=axes[0]) is axes[0]
    assert lines(axes[0])["acquisition"].get_xydata().tolist() == np.c_[X, ACQUISITION].tolist()
    assert marked(axes[0]) == [3.0, 2.0]
    assert dotted_at(axes[0]) == {3.0}


def test_another_next_step_is_marked_on_the_curve(axes):
    plot_acquisition(X, ACQUISITION, next_step=2.0, ax=axes[0])
    assert marked(axes[0]) == [2.0, 1.25]


def test_a_step_shows_the_posterior_above_and_the_acquisition_below(axes):
    mean, std = np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)
    observed = ([4.0, 1.0], [9.0, 8.0])
    assert plot_step(X, mean, std, observed, ACQUISITION, axes) is axes
    above, below = axes
    assert lines(above)["last step"].get_xydata().tolist() == [[1.0, 8.0]]
    assert lines(above)["mean"].get_ydata().tolist() == mean.tolist()
    assert marked(above) == [3.0, 3.0] and marked(below) == [3.0, 2.0]
    assert dotted_at(above) == dotted_at(below) == {3.0}


def test_the_legend_names_the_acquisition_as_it_is_told(axes):
    plot_acquisition(X, ACQUISITION, label="EI", ax=axes[0])
    assert "EI" in lines(axes[0]) and "acquisition" not in lines(axes[0])
    plot_step(X, np.ones(4), np.ones(4), ([1.0], [8.0]), ACQUISITION, axes, label="PI")
    assert lines(axes[1])["PI"].get_ydata().tolist() == ACQUISITION.tolist()


def test_only_what_lies_below_the_best_is_shaded_as_improvement(axes):
    mean, std, best = 1.0, 0.5, 0.4
    assert plot_improvement(mean, std, best, n_std=2.0, ax=axes[0]) is axes[0]
    values, density = lines(axes[0])["prediction"].get_xydata().T
    np.testing.assert_allclose(density, norm.pdf(values, mean, std))
    assert values[0] == mean - 4 * std and values[-1] == mean + 4 * std
    shaded = axes[0].collections[0].get_paths()[0].vertices
    assert (shaded[:, 0].min(), shaded[:, 0].max()) == (values[0], best)
    assert lines(axes[0])["lower bound"].get_xydata().tolist() == [[0.0, 0.0]]
    assert set(lines(axes[0])["best so far"].get_xdata()) == {best}


@pytest.mark.parametrize("std", [0.0, -1.0, np.nan])
def test_a_certain_candidate_has_no_density_to_draw(axes, std):
    with pytest.raises(ValueError, match=f"std must be positive .* got {std}"):
        plot_improvement(0.0, std, 1.0, ax=axes[0])


def test_an_acquisition_of_another_shape_is_refused(axes):
    with pytest.raises(ValueError, match=r"acquisition must be one number for each .* \(4, 1\)"):
        plot_acquisition(X, ACQUISITION[:, None], ax=axes[0])


def test_draws_on_the_current_axes_when_none_is_given(axes):
    plt.sca(axes[1])
    assert plot_acquisition(X, ACQUISITION) is axes[1]
    assert plot_improvement(0.0, 1.0, 1.0) is axes[1]
