"""Pictures of a two-dimensional Gaussian: what they draw is where the mathematics says."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import norm

from hpo_helpers import MultivariateGaussian
from hpo_helpers.course.plots import plot_gaussian, plot_slice
from hpo_helpers.course.plots.gaussian import MANY_DOTS

MEAN = np.array([0.0, 1.0])
COVARIANCE = np.array([[1.0, 0.7], [0.7, 2.5]])
GAUSSIAN = MultivariateGaussian(MEAN, COVARIANCE)


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def dots(ax):
    return [np.asarray(collection.get_offsets()) for collection in ax.collections]


def test_ellipses_lie_1_2_and_3_sigma_from_the_mean(ax):
    assert plot_gaussian(GAUSSIAN, ax=ax) is ax
    ellipses = {line.get_label(): line.get_xydata() for line in ax.lines[:3]}
    assert list(ellipses) == ["1 sigma", "2 sigma", "3 sigma"]
    for k, points in enumerate(ellipses.values(), start=1):
        offset = points - MEAN
        squared = np.einsum("ni,ij,nj->n", offset, np.linalg.inv(COVARIANCE), offset)
        np.testing.assert_allclose(np.sqrt(squared), k)


def test_ellipses_differ_in_line_style_and_the_mean_is_marked(ax):
    plot_gaussian(GAUSSIAN, ax=ax)
    assert len({line.get_linestyle() for line in ax.lines[:3]}) == 3
    assert ax.lines[3].get_xydata().tolist() == [MEAN.tolist()]


def test_samples_are_drawn_as_they_are_on_equal_scales(ax):
    samples = GAUSSIAN.sample(20, np.random.default_rng(0))
    plot_gaussian(GAUSSIAN, samples, ax=ax)
    assert np.array_equal(dots(ax)[0], samples)
    assert ax.get_aspect() == 1


def test_draws_on_the_current_axes_when_none_is_given(ax):
    assert plot_gaussian(GAUSSIAN) is ax
    assert plot_slice(GAUSSIAN, 0.0, [[0.0, 0.0]]) is ax


@pytest.mark.parametrize("n", [MANY_DOTS, MANY_DOTS + 1])
def test_many_dots_become_pixels(ax, n):
    plot_gaussian(GAUSSIAN, np.zeros((n, 2)), ax=ax)
    assert ax.collections[0].get_rasterized() is (n > MANY_DOTS)


def test_slice_parts_the_samples_by_their_distance_from_it(ax):
    samples = np.array([[1.0, 0.0], [1.25, 5.0], [1.75, -1.0], [2.0, 2.0], [-1.5, 0.0]])
    assert plot_slice(GAUSSIAN, 1.5, samples, half_width=0.3, ax=ax) is ax
    faint, strong = dots(ax)[:2]
    assert faint.tolist() == samples[[0, 3, 4]].tolist()
    assert strong.tolist() == samples[[1, 2]].tolist()


def test_slice_leans_the_conditional_density_against_the_known_value(ax):
    value, height = 1.5, 0.8
    plot_slice(GAUSSIAN, value, GAUSSIAN.sample(9, np.random.default_rng(1)), height=height, ax=ax)
    lines = {line.get_label(): line.get_xydata() for line in ax.lines}
    mean = 1.0 + 0.7 * value
    std = np.sqrt(2.5 - 0.7**2)
    assert lines["conditional mean"][:, 1] == pytest.approx([mean, mean])
    x, y = lines["conditional density"].T
    expected = norm.pdf(y, mean, std) / norm.pdf(mean, mean, std)
    np.testing.assert_allclose(x - value, height * expected)
    assert y.min() < mean - 3 * std and y.max() > mean + 3 * std


@pytest.mark.parametrize("plot", [plot_gaussian, lambda g, samples: plot_slice(g, 0.0, samples)])
def test_other_than_two_dimensions_are_refused_with_a_sentence(ax, plot):
    with pytest.raises(ValueError, match="gaussian must have 2 dimensions, got 3"):
        plot(MultivariateGaussian(np.zeros(3), np.eye(3)), np.zeros((5, 3)))
    with pytest.raises(ValueError, match=r"samples must have shape \(n, 2\), got \(5, 3\)"):
        plot(GAUSSIAN, np.zeros((5, 3)))
    with pytest.raises(ValueError, match=r"samples must have shape \(n, 2\), got \(2,\)"):
        plot(GAUSSIAN, np.zeros(2))
