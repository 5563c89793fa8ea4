"""Strategies of hypothesis: distributions of every kind, and spaces nested at random."""

import numpy as np
from hypothesis import strategies as st

from hpo_helpers import Choice, Integer, LogInteger, LogNormal, LogUniform, Normal, Ordered, Uniform

WIDE = st.integers(-(2**40), 2**40)
FLOATS = st.floats(-1e300, 1e300)
SEEDS = st.integers(0, 99)


def between(bounds):
    """Strategy of two different numbers in order."""
    return st.tuples(bounds, bounds).map(sorted).filter(lambda pair: pair[0] < pair[1])


def in_steps(kind, low, step, count):
    return kind(low, low + count * step, step)


REALS = st.one_of(
    between(FLOATS).map(lambda pair: Uniform(*pair)),
    between(st.floats(1e-300, 1e300)).map(lambda pair: LogUniform(*pair)),
    st.builds(Normal, st.floats(-1e9, 1e9), st.floats(1e-3, 1e9)),
    st.builds(lambda mean, half: Normal(mean, 1, mean - half, mean + 1), st.floats(-9, 9), st.floats(0.1, 9)),
    st.builds(LogNormal, st.floats(-9, 9), st.floats(0.01, 9)),
)
STEPPED = st.one_of(
    between(WIDE).map(lambda pair: Integer(*pair)),
    between(st.integers(1, 2**40)).map(lambda pair: LogInteger(*pair)),
    st.builds(in_steps, st.just(Integer), st.integers(-99, 99), st.integers(1, 50), st.integers(1, 99)),
    st.builds(
        in_steps, st.just(Uniform), st.integers(-9, 9), st.sampled_from([0.1, 0.25, 3.5]), st.integers(1, 99)
    ),
    st.integers(1, 20).map(lambda n: Ordered(list(range(n)))),
)
NUMBERS = REALS | STEPPED
CONSTANTS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from(["", "a", "1"]),
    st.sampled_from([0.0, 1.0, 0.5]),
)
SPACES = st.recursive(
    st.one_of(NUMBERS, CONSTANTS, st.just(Integer(0, 3)), st.just(Uniform(0, 1))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, min_size=1, max_size=3).map(Choice),
        st.lists(inner, min_size=1, max_size=3).map(Ordered),
        st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
        st.lists(inner, max_size=3).map(lambda children: ("tuple", *children)),
    ),
    max_leaves=12,
)


def generator(seed):
    return np.random.default_rng(seed)
