import matplotlib.pyplot as plt
import numpy as np
import pytest

from hpo_helpers.course.plots import plot_hidden_units, plot_knob_effects


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_newest_try_stands_out_from_the_earlier_ones(n):
    units, scores = [10, 100, 200][:n], [65, 82, 84][:n]
    ax = plot_hidden_units(units, scores)
    assert ax is plt.gca()
    earlier, newest = ax.lines
    np.testing.assert_array_equal(earlier.get_xydata(), np.column_stack([units, scores])[:-1])
    np.testing.assert_array_equal(newest.get_xydata(), [[units[-1], scores[-1]]])
    assert earlier.get_marker() != newest.get_marker()
    names = {text.xy: text.get_text() for text in ax.texts}
    assert names == {(u, s): f"try {k}" for k, (u, s) in enumerate(zip(units, scores, strict=True), start=1)}


@pytest.mark.parametrize("units, scores", [([], []), ([10, 100], [65])])
def test_tries_without_a_score_are_refused(units, scores):
    with pytest.raises(ValueError, match=f"scores must hold one .* n_units has {len(units)}, got"):
        plot_hidden_units(units, scores, ax=plt.figure().add_subplot())


def test_knobs_that_leave_the_usual_range_are_drawn_differently():
    scores = {"layers": {"1": [90, 94], "8": [20, 30]}, "step": {"1.0": 99}}
    ax = plot_knob_effects(scores, [93, 96])
    band = ax.patches[0].get_bbox()
    assert (band.x0, band.x1) == (93, 96)
    rows = [line for line in ax.lines if line.get_marker() not in ("", "None", None)]
    assert [line.get_marker() for line in rows] == ["o", "D", "D"]
    for row, (line, tried) in enumerate(zip(rows, [[90, 94], [20, 30], [99]], strict=True)):
        np.testing.assert_array_equal(line.get_xdata(), tried)
        np.testing.assert_array_equal(line.get_ydata(), row)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["layers: 1", "layers: 8", "step: 1.0"]
    assert ax.get_ylim() == (2.5, -0.5), "the first row is on top"


@pytest.mark.parametrize("scores, usual", [({}, [1]), ({"step": {"1.0": [99]}}, [])])
def test_knob_effects_without_scores_are_refused(scores, usual):
    with pytest.raises(ValueError, match="at least one training's score"):
        plot_knob_effects(scores, usual, ax=plt.figure().add_subplot())
