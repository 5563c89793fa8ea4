"""Pictures of a regression: the lines and bands are where the numbers are."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest

from hpo_helpers import GaussianProcess
from hpo_helpers.course.plots import plot_marginal_likelihood, plot_posterior
from hpo_helpers.course.plots.regression import DEPTH

X = np.array([0.0, 1.0, 3.0])
MEAN = np.array([1.0, 2.0, 0.0])
STD = np.array([0.5, 0.0, 2.0])


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def lines(ax):
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def outline(collection):
    return {tuple(vertex) for vertex in collection.get_paths()[0].vertices.round(9)}


def test_mean_band_and_observations_are_drawn_where_they_are(ax):
    observed = ([1.0, 2.0], [2.0, 5.0])
    assert plot_posterior(X, MEAN, STD, observed, ax=ax) is ax
    drawn = lines(ax)
    assert drawn["mean"].tolist() == np.column_stack([X, MEAN]).tolist()
    assert drawn["observed"].tolist() == [[1.0, 2.0], [2.0, 5.0]]
    band = np.concatenate([MEAN - 1.96 * STD, MEAN + 1.96 * STD]).round(9)
    assert outline(ax.collections[0]) == set(zip(np.tile(X, 2), band, strict=True))
    assert ax.collections[0].get_label() == "95 % band"


def test_the_band_of_a_new_observation_is_dashed_and_named_once(ax):
    plot_posterior(X, MEAN, STD, noisy_std=STD + 1, ax=ax)
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    for line, sign in zip(dashed, (-1, 1), strict=True):
        np.testing.assert_allclose(line.get_ydata(), MEAN + sign * 1.96 * (STD + 1))
    assert ax.get_legend_handles_labels()[1].count("95 % band of a new observation") == 1


def test_samples_are_drawn_one_a_row_and_named_once(ax):
    samples = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    plot_posterior(X, MEAN, STD, samples=samples, ax=ax)
    assert [line.get_ydata().tolist() for line in ax.lines[:2]] == samples.tolist()
    assert ax.get_legend_handles_labels()[1].count("samples") == 1


def test_columns_of_inputs_are_accepted(ax):
    gp = GaussianProcess(length_scale=1.0).fit(X[:, None], MEAN)
    grid = np.linspace(0, 3, 7)[:, None]
    plot_posterior(grid, *gp.predict(grid, return_std=True), (X[:, None], MEAN), ax=ax)
    assert lines(ax)["observed"].tolist() == np.column_stack([X, MEAN]).tolist()


@pytest.mark.parametrize("column", ["mean", "std", "noisy_std", "sample"])
def test_a_curve_of_another_shape_is_refused_by_its_name(ax, column):
    curves = {"mean": MEAN, "std": STD, "noisy_std": STD, "sample": MEAN}
    curves[column] = curves[column][:, None]
    with pytest.raises(
        ValueError, match=rf"{column} must be one number for each of the 3 x, got shape \(3, 1\)"
    ):
        plot_posterior(
            X,
            curves["mean"],
            curves["std"],
            noisy_std=curves["noisy_std"],
            samples=[curves["sample"]],
            ax=ax,
        )


def test_likelihood_map_counts_from_the_highest_value_and_marks_points(ax):
    length_scales, noise_stds = np.geomspace(1, 100, 4), np.geomspace(0.1, 1, 3)
    values = -100 - np.arange(12.0).reshape(3, 4)
    marks = {"one": (2.0, 0.2), "two": (50.0, 0.5)}
    assert plot_marginal_likelihood(length_scales, noise_stds, values, marks, ax=ax) is ax
    filled, white = ax.collections
    assert filled.levels[[0, -1]].tolist() == [-DEPTH, 0]
    assert filled.zmax == 0 and white.levels.tolist() == filled.levels.tolist()
    assert {name: tuple(data[0]) for name, data in lines(ax).items()} == marks
    assert len({line.get_marker() for line in ax.lines}) == 2
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_likelihood_map_refuses_what_does_not_fit(ax):
    with pytest.raises(
        ValueError, match=r"log_likelihood must have a row .* 3 noise_stds, .*, got shape \(2, 3\)"
    ):
        plot_marginal_likelihood([1, 2], [1, 2, 3], np.zeros((2, 3)), ax=ax)
    marks = {str(i): (1, 1) for i in range(5)}
    with pytest.raises(ValueError, match="marks must hold at most 4 points, got 5 points"):
        plot_marginal_likelihood([1, 2], [1, 2, 3], np.zeros((3, 2)), marks, ax=ax)


def test_draws_on_the_current_axes_when_none_is_given(ax):
    assert plot_posterior(X, MEAN, STD) is ax
    assert plot_marginal_likelihood([1, 2], [1, 2, 3], -np.arange(6.0).reshape(3, 2)) is ax
