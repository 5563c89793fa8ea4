"""Rules that stop trials, and objectives that are generators."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from hpo_helpers import (
    Choice,
    MedianRule,
    RandomSampler,
    SuccessiveHalving,
    TPESampler,
    Uniform,
    load,
    minimize,
)
from hpo_helpers.evaluation import evaluate

LOSSES = st.lists(st.floats(allow_nan=True), min_size=1, max_size=9)


def search(objective, space=None, **more):
    more = {"sampler": RandomSampler(), "seed": 0, "progress": False, **more}
    return minimize(objective, {"x": Uniform(0, 1)} if space is None else space, **more)


# ---------------------------------------------------------------- the rules


def test_at_a_rung_the_best_third_go_on():
    rule = SuccessiveHalving(grace=2, factor=3)
    others = [[9, k / 10, -9] for k in range(8)]
    for loss, goes_on in ((0.05, True), (0.15, True), (0.25, False), (0.75, False)):
        assert rule.keep_going([9, loss], others) is goes_on


def test_between_rungs_all_go_on():
    rule, others = SuccessiveHalving(grace=2, factor=3), [[0.0] * 60] * 9
    stopped = [n for n in range(1, 60) if not rule.keep_going([1.0] * n, others)]
    assert stopped == [2, 6, 18, 54]


def test_only_those_count_that_got_to_the_rung():
    rule = SuccessiveHalving(grace=1, factor=3)
    assert not rule.keep_going([1.0, 0.6, 0.6], [[0.1], [0.1, 0.1], [0.5, 0.5, 0.5]])
    assert rule.keep_going([1.0, 0.4, 0.6], [[0.1], [0.1, 0.1], [0.5, 0.5, 0.5]])
    assert rule.keep_going([1.0, 0.6, 0.6], [[0.1], [0.1, 0.1]])


@given(st.lists(LOSSES, max_size=9), LOSSES, st.integers(1, 3), st.integers(2, 4))
def test_of_those_at_a_rung_a_share_goes_on_at_least_the_best(others, curve, grace, factor):
    rule = SuccessiveHalving(grace, factor)
    n = len(curve)
    there = [c[:n] for c in [*others, curve] if len(c) >= n]
    going = [rule.keep_going(c, [*there[:i], *there[i + 1 :]]) for i, c in enumerate(there)]
    if n in [grace * factor**k for k in range(9)]:
        ties = len({min(filter(math.isfinite, c), default=math.inf) for c in there}) < len(there)
        assert any(going) and (ties or sum(going) == max(len(there) // factor, 1))
    else:
        assert all(going)


def test_the_median_of_the_others_means_decides():
    rule = MedianRule(n_startup=3)
    others = [[1.0, 0.8], [0.6, 0.4], [0.5, 0.1, 0.0], [0.0]]
    assert rule.keep_going([0.9, 0.5], others)  # the median of 0.9, 0.5 and 0.3
    assert not rule.keep_going([0.9, 0.51], others)
    assert rule.keep_going([0.9, 0.51, 0.51], others)  # one other got that far
    assert MedianRule(n_startup=4).keep_going([0.9, 0.51], others)
    assert MedianRule(grace=3, n_startup=3).keep_going([0.9, 0.51], others)


@pytest.mark.parametrize("rule", [SuccessiveHalving(), MedianRule(n_startup=1)])
def test_what_diverged_is_stopped_and_stops_nobody(rule):
    assert not rule.keep_going([math.nan], [[0.5], [0.1], [0.2]])
    assert rule.keep_going([1e300], [[math.nan], [math.inf], [math.nan]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SuccessiveHalving(0), "grace must be an integer of at least 1, got 0"),
        (lambda: SuccessiveHalving(factor=1), "factor must be an integer of at least 2, got 1"),
        (lambda: MedianRule(grace="1"), "grace must be an integer of at least 1, got '1'"),
        (lambda: MedianRule(n_startup=0), "n_startup must be an integer of at least 1, got 0"),
        (lambda: search(abs, pruner="asha"), "pruner must be an object with a keep_going .* got 'asha'"),
    ],
)
def test_bad_arguments_are_refused(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


# ---------------------------------------------------------------- objectives that yield


def yielding(*losses, returns=None):
    def objective(configuration):
        yield from losses
        return returns

    return objective


def outcome(objective):
    return evaluate(objective, None, 0, None, {}, False)[0]


def test_the_lowest_loss_counts_if_none_is_returned():
    found = outcome(yielding(3, 1.0, np.float32(2)))
    assert (found.state, found.loss, found.curve) == ("finished", 1.0, [3.0, 1.0, 2.0])


def test_what_is_returned_counts():
    assert outcome(yielding(3, 1, returns=2)).loss == 2.0
    found = outcome(yielding(3, 1, returns={"loss": 5, "test": 0.1}))
    assert (found.loss, found.info, found.curve) == (5.0, {"test": 0.1}, [3.0, 1.0])
    found = outcome(yielding(3, 1, returns={"test": 0.1}))
    assert (found.loss, found.info) == (1.0, {"test": 0.1})


def test_a_mapping_may_be_yielded():
    found = outcome(yielding({"loss": 2, "accuracy": 0.5}, {"loss": 1, "accuracy": 0.9}))
    assert (found.loss, found.curve, found.info) == (1.0, [2.0, 1.0], {"accuracy": 0.9})


def test_losses_that_are_not_finite_may_be_yielded():
    found = outcome(yielding(math.nan, 2.0, math.inf))
    assert (found.state, found.loss) == ("finished", 2.0)
    np.testing.assert_array_equal(found.curve, [math.nan, 2.0, math.inf])
    found = outcome(yielding(math.nan, math.inf))
    assert found.state == "failed" and len(found.curve) == 2
    assert found.error == "objective yielded no finite loss"
    assert outcome(yielding(math.nan, returns={"test": 0.1})).error == "objective yielded no finite loss"
    assert outcome(yielding(1.0, returns={"loss": math.inf})).error == "objective returned inf"
    assert outcome(yielding(1.0, returns=math.inf)).error == "objective returned inf"


@pytest.mark.parametrize("bad", [None, "1", {"accuracy": 1}, True])
def test_what_is_no_loss_is_a_failure(bad):
    found, failure = evaluate(yielding(1.0, bad), None, 0, None, {}, True)
    assert found.state == "failed" and found.curve == [1.0]
    assert isinstance(failure, TypeError) and "the objective yielded" in str(failure)


def test_a_failure_keeps_the_curve():
    def objective(configuration):
        yield 1.0
        raise ZeroDivisionError("by zero")

    found, failure = evaluate(objective, None, 0, None, {}, True)
    assert (found.error, found.curve) == ("ZeroDivisionError: by zero", [1.0])
    assert isinstance(failure, ZeroDivisionError)


def test_a_generator_that_yields_nothing_fails():
    assert outcome(yielding()).error == "objective yielded no finite loss"


# ---------------------------------------------------------------- searches that stop trials


def curves(closed=None, n=27):
    def objective(configuration):
        try:
            for epoch in range(1, n + 1):
                yield configuration["x"] + 1 / epoch
        finally:
            if closed is not None:
                closed.append(configuration["x"])

    return objective


def test_hopeless_trials_are_stopped_and_their_generators_closed():
    closed = []
    trials = search(curves(closed), n_trials=40, pruner=SuccessiveHalving())
    lengths = np.array([len(t.curve) for t in trials])
    pruned = [t for t in trials if t.state == "pruned"]
    assert len(closed) == 40 and {len(t.curve) for t in pruned} <= {1, 3, 9, 27}
    assert lengths.sum() < 40 * 27 / 3 and {t.state for t in trials} == {"finished", "pruned"}
    assert all(t.loss == t.curve[-1] and t.error is None for t in pruned)
    whole = search(curves(), n_trials=40)
    assert trials.best.number == whole.best.number and trials.best.loss == whole.best.loss
    assert {t.state for t in whole} == {"finished"}


def test_a_stopped_trial_is_never_the_best():
    def objective(configuration):
        yield 0.0 if configuration["x"] > 0.3 else 1.0
        yield 0.5

    class StopLow:
        def keep_going(self, curve, others):
            return curve[-1] > 0

    trials = search(objective, n_trials=20, pruner=StopLow())
    assert {t.loss for t in trials if t.state == "pruned"} == {0.0} and trials.best.loss == 0.5
    assert np.nanmin(trials.losses) == 0.5


def test_a_pruner_sees_the_curves_of_all_others(tmp_path):
    class Spy:
        def keep_going(self, curve, others):
            seen.append((list(curve), [list(other) for other in others]))
            return len(curve) < 2

    seen = []
    path = tmp_path / "search.jsonl"
    whole = search(curves(), n_trials=3, pruner=Spy())
    first = list(seen)
    assert [len(others) for _, others in first] == [0, 0, 1, 1, 2, 2]
    assert first[-1][1] == [t.curve for t in whole[:2]]
    seen.clear()
    search(curves(), n_trials=2, pruner=Spy(), journal=path)
    search(curves(), n_trials=3, pruner=Spy(), journal=path)
    assert seen == first


@pytest.mark.parametrize("yields", [True, False])
def test_a_search_that_goes_on_compares_with_the_curves_that_were_given(yields, tmp_path):
    """A curve that is returned is the trial's, whatever was yielded."""

    def given(configuration):
        for epoch in range(4):
            yield configuration["x"] + 1 - 0.1 * epoch
        return {"loss": configuration["x"], "curve": [0.0] * 4}

    def sometimes(configuration):
        x = configuration["x"]
        return {"loss": x, "curve": [0.0] * 4} if x < 0.5 else (x - 0.1 * epoch for epoch in range(4))

    rule, path = {"pruner": MedianRule(n_startup=2)}, tmp_path / "search.jsonl"
    objective = given if yields else sometimes
    search(objective, n_trials=5, journal=path, **rule)
    trials = search(objective, n_trials=12, journal=path, **rule)
    whole = search(objective, n_trials=12, **rule)
    assert [t.state for t in trials] == [t.state for t in whole] and "pruned" in {t.state for t in whole}


def test_stopped_trials_come_back_from_the_journal(tmp_path):
    path = tmp_path / "search.jsonl"
    trials = search(curves(), n_trials=12, pruner=SuccessiveHalving(), journal=path)
    assert list(load(path)) == list(trials)
    frame = trials.to_frame()
    assert set(frame.state) == {"finished", "pruned"} and not frame.loss.isna().any()


def test_without_finite_loss_a_stopped_trial_failed():
    class Stop:
        def keep_going(self, curve, others):
            return False

    trials = search(yielding(math.nan, 1.0), n_trials=2, pruner=Stop())
    assert [t.error for t in trials] == ["objective yielded nan and was stopped"] * 2


@pytest.mark.parametrize("sampler", [None, TPESampler()])
def test_samplers_learn_from_stopped_trials(sampler):
    space = {"x": Uniform(0, 1), "f": Choice(["a", "b"])}

    def objective(configuration):
        bad = abs(configuration["x"] - 0.3) + 0.1 * (configuration["f"] == "b")
        yield from (bad + 1 / epoch for epoch in range(1, 10))

    trials = search(objective, space, sampler=sampler, n_trials=40, pruner=SuccessiveHalving())
    late = [t.values["x"] for t in trials[25:]]
    assert np.median(np.abs(np.array(late) - 0.3)) < 0.12


@pytest.mark.parametrize("pruner", [SuccessiveHalving(np.uint8(1), np.uint8(3)), MedianRule(np.int8(1))])
def test_small_integers_of_numpy_are_integers(pruner):
    assert all(type(value) is int for value in vars(pruner).values())
    assert pruner.keep_going([1.0] * 300, [])


def test_before_the_first_decision_no_other_curve_is_read():
    class Unread(list):
        def __len__(self):
            raise AssertionError("it was read")

    assert MedianRule(grace=3).keep_going([1.0, 1.0], [Unread()])
    with pytest.raises(AssertionError, match="it was read"):
        MedianRule(grace=2).keep_going([1.0, 1.0], [Unread()])
